"""Signed webhooks: JSON posted to an address, with an HMAC over time and body, and a guard against being sent inside the network."""

import hmac
import ipaddress
import json
import socket
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Any, Final
from urllib.parse import urlsplit

import httpx

TIMEOUT_SECONDS: Final = 10
BODY_MAX: Final = 256 * 1024
"""Bytes of one webhook body."""


@dataclass(frozen=True, slots=True)
class Delivery:
    """What to send where. `inside` allows addresses of the own network; off unless the site's owner says so."""

    url: str
    payload: Mapping[str, Any]
    secret: str
    key: str
    seconds: int
    inside: bool = False


def sign(secret: str, seconds: int, body: bytes) -> str:
    """The signature header: receivers compare hmac-sha256(secret, "<t>." + body) and refuse old times."""
    digest = hmac.new(secret.encode(), f"{seconds}.".encode() + body, sha256).hexdigest()
    return f"t={seconds},v1={digest}"


def deliver(delivery: Delivery) -> str | None:
    """Send it; None when it was taken, else why not. The name is resolved once and the checked address is the one connected to."""
    parts = urlsplit(delivery.url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        return "not an http address"
    port = parts.port or (443 if parts.scheme == "https" else 80)
    try:
        address = str(socket.getaddrinfo(parts.hostname, port, type=socket.SOCK_STREAM)[0][4][0])
    except OSError:
        return "the name cannot be resolved"
    if not delivery.inside and not is_public(address):
        return "the address lies inside the network"
    body = json.dumps(delivery.payload, ensure_ascii=False, separators=(",", ":")).encode()
    if len(body) > BODY_MAX:
        return "the message is too large"
    headers = {
        "Content-Type": "application/json",
        "Host": parts.netloc,
        "X-Dougong-Delivery": delivery.key,
        "X-Dougong-Signature": sign(delivery.secret, delivery.seconds, body),
    }
    host = f"[{address}]" if ":" in address else address
    try:
        with httpx.Client(timeout=TIMEOUT_SECONDS, follow_redirects=False, trust_env=False) as client:
            answer = client.post(
                parts._replace(netloc=f"{host}:{port}").geturl(),
                content=body,
                headers=headers,
                extensions={"sni_hostname": parts.hostname},
            )
    except httpx.HTTPError as error:
        return type(error).__name__
    return None if answer.is_success else f"status {answer.status_code}"


def is_public(address: str) -> bool:
    """Is this an address outside (not loopback, private, link-local, multicast or reserved)?"""
    return ipaddress.ip_address(address).is_global and not ipaddress.ip_address(address).is_multicast
