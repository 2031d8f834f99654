"""Turnover, averages, layers and ages over HTTP: rights, bad input, pages and their limits."""

import base64
import json
from collections.abc import Iterator
from typing import Any

import pytest

from engine.actions import Engine, install_pack, open_engine, perform
from engine.actions.commands import PutUser
from engine.actor import SYSTEM
from engine.packs import Pack
from engine.problems import Problems
from tests.support.ledger import ledger_pack
from tests.support.pack_site import Browser

PATHS = ("turnover", "balance-and-turnover", "average", "layers", "ageing?days=30,60")
READS = [{"form": name, "do": ["read"]} for name in ("item", "lot", "place", "entry")]
ROLES: dict[str, Any] = {
    "watcher": {"role": "watcher", "label": {"en": "Watcher"}, "grants": [*READS, {"register": "goods"}]},
    "counter": {"role": "counter", "label": {"en": "Counter"}, "grants": [{"register": "goods"}]},
    "reader": {"role": "reader", "label": {"en": "Reader"}, "grants": READS},
}
PLACES = ("P", "Q", "R", "S")


def site_with(url: str) -> Engine:
    """The ledger pack with users of four kinds, and 5 of one thing bought at each of four places, of which 2 are gone."""
    engine, given = open_engine(url), ledger_pack()
    pack = Pack(given.head, {**given.parts, "roles": {**given.parts["roles"], **ROLES}})
    installed = install_pack(engine, pack)
    assert not isinstance(installed, Problems), [(p.file, p.place, p.code) for p in installed]
    for login in ("admin", *ROLES):
        roles = (login,) if login in ROLES else ()
        assert not isinstance(perform(engine, PutUser(login, login, login, roles, "en", not roles), SYSTEM), Problems)
    admin = Browser(engine)
    admin.made("item", {"code": "I"})
    for place in PLACES:
        admin.made("place", {"code": place, "zone": f"zone {place}"})
    for kind, more in (("buy", {"quantity": "5", "amount": "50"}), ("out", {"quantity": "2"})):
        admin.made("entry", {"lines": [{"kind": kind, "item": "I", "place": p, **more} for p in PLACES]}, "post")
    return engine


@pytest.fixture
def engine(sqlite_url: str) -> Iterator[Engine]:
    """The site."""
    made = site_with(sqlite_url)
    yield made
    made.store.close()


def asked(browser: Browser, path: str, **query: Any) -> Any:
    answer = browser.get(f"/registers/goods/{path}", **query)
    assert answer.status_code == 200, answer.text
    return answer.get_json()


def test_what_moved_is_told_by_the_dimensions_asked_for(engine: Engine) -> None:
    """In, out and net of a span by place; with what was there before and after; one total; the mean; what remains and how old it is."""
    watcher = Browser(engine, "watcher")
    rows = asked(watcher, "turnover", by="place")["rows"]
    assert [(r["key"]["place"]["title"], r["measures"]["on_hand"]) for r in rows] == [
        (p, {"in": "5", "out": "2", "net": "3"}) for p in PLACES
    ]
    (total,) = asked(watcher, "balance-and-turnover", by="")["rows"]
    assert total["measures"]["on_hand"] == {"opening": "0", "in": "20", "out": "8", "net": "12", "closing": "12"}
    (at_p,) = asked(watcher, "turnover", by="place", place=rows[0]["key"]["place"]["id"])["rows"]
    assert at_p == rows[0]
    assert len(asked(watcher, "average", by="place")["rows"]) == 4
    assert len(asked(watcher, "layers")["rows"]) == 4
    assert len(asked(watcher, "ageing", days="30", by="zone")["rows"]) == 4


def test_registers_are_there_for_those_who_may_see_them(engine: Engine) -> None:
    """Without a right to the register it is as if it were not there; without rights to the forms its keys have no titles."""
    for path in PATHS:
        refused = Browser(engine, "reader").get(f"/registers/goods/{path}")
        absent = Browser(engine, "watcher").get(f"/registers/bads/{path}")
        assert (refused.status_code, refused.get_json()["code"]) == (404, "actions.no_such_register"), path
        assert (absent.status_code, absent.get_json()["code"]) == (404, "actions.no_such_register"), path
        assert refused.content_type == "application/problem+json"
    rows = asked(Browser(engine, "counter"), "turnover", by="place")["rows"]
    assert [(r["key"]["place"]["title"], r["measures"]["on_hand"]["in"]) for r in rows] == [("", "5")] * 4
    client = Browser(engine).client
    client.delete_cookie("dougong_session")
    assert {client.get(f"/api/v1/registers/goods/{path}").status_code for path in PATHS} == {401}


def cursor(*parts: Any) -> str:
    """A cursor as the engine writes them."""
    return base64.urlsafe_b64encode(json.dumps(parts).encode()).decode().rstrip("=")


DEEP = base64.urlsafe_b64encode(b"[" * 5_000).decode()
BAD = [
    ("turnover?since=yesterday", 400, "web.bad_parameter"),
    ("turnover?until=2026-02-30", 400, "web.bad_parameter"),
    ("turnover?since=2026-03-02&until=2026-03-01", 422, "actions.bad_span"),
    ("turnover?since=0001-01-01", 422, "actions.bad_span"),
    ("turnover?period=fortnight", 422, "actions.bad_period"),
    ("turnover?period=day&since=1900-01-01", 422, "actions.too_many_periods"),
    ("average?since=1900-01-01", 422, "actions.too_many_periods"),
    ("turnover?by=colour", 422, "actions.bad_dimension"),
    ("turnover?colour=red", 422, "actions.bad_dimension"),
    ("turnover?item=abc", 422, "actions.bad_dimension"),
    ("average?item=", 422, "actions.bad_dimension"),
    ("layers?place=P", 422, "actions.bad_dimension"),
    ("turnover?limit=0", 400, "web.bad_parameter"),
    ("turnover?limit=100000", 400, "web.bad_parameter"),
    ("turnover?limit=1e2", 400, "web.bad_parameter"),
    ("ageing?days=30,x", 400, "web.bad_parameter"),
    ("ageing?days=60,30", 422, "actions.bad_age_limits"),
    ("turnover?after=zzzz", 422, "actions.cursor_unreadable"),
    ("turnover?after=ü", 422, "actions.cursor_unreadable"),
    (f"turnover?by=place&after={DEEP}", 422, "actions.cursor_unreadable"),
    (f"turnover?by=zone&after={cursor(1)}", 422, "actions.cursor_unreadable"),
    (f"turnover?by=zone&after={cursor('a', 'b')}", 422, "actions.cursor_unreadable"),
    (f"turnover?by=zone&after={cursor('a', 1, 2)}", 422, "actions.cursor_unreadable"),
    (f"turnover?by=zone&after={cursor(['a'], 1)}", 422, "actions.cursor_unreadable"),
    (f"turnover?by=zone&after={cursor(chr(0), 1)}", 422, "actions.cursor_unreadable"),
    (f"turnover?by=zone&after={cursor(chr(0xD800), 1)}", 422, "actions.cursor_unreadable"),
    (f"turnover?by=zone&after={cursor('a', 10**30)}", 422, "actions.cursor_unreadable"),
    (f"average?by=zone&after={cursor('a', 1)}", 422, "actions.cursor_unreadable"),
    (f"layers?after={cursor('x', 'y', 1)}", 422, "actions.cursor_unreadable"),
    ("turnover?zone=%00", 400, "web.bad_parameter"),
    ("turnover?%00=x", 400, "web.bad_parameter"),
    (f"forecast?by=zone&after={cursor(chr(0), '2026-03-01')}", 422, "actions.cursor_unreadable"),
    (f"forecast?by=place&after={DEEP}", 422, "actions.cursor_unreadable"),
]


def test_bad_queries_are_refused_with_what_was_expected(database_url: str) -> None:
    """Each gets problem details with its code, on both databases; nothing is a defect of the site."""
    engine = site_with(database_url)
    browser, wrong = Browser(engine), []
    for path, status, code in BAD:
        answer = browser.get(f"/registers/goods/{path}")
        told = answer.get_json()
        if (answer.status_code, told.get("code"), answer.content_type) != (status, code, "application/problem+json"):
            wrong.append((path[:60], answer.status_code, told.get("code")))
    assert not wrong, "\n".join(map(str, wrong))


@pytest.mark.parametrize(
    ("path", "query"),
    [("turnover", {"by": "place"}), ("turnover", {"by": "place", "period": "day"}), ("balance-and-turnover", {"by": "place"}),
     ("average", {"by": "place"}), ("layers", {}), ("ageing", {"days": "30", "by": "zone"}), ("balances", {"by": "place"})],
)  # fmt: skip
def test_pages_are_the_whole_in_pieces(engine: Engine, path: str, query: dict[str, Any]) -> None:
    """However long a page, all of them together are the answer that is not divided; the last one has no next."""
    browser = Browser(engine, "watcher")
    whole = asked(browser, path, **query)
    assert (len(whole["rows"]), whole["next"]) == (4, None)
    for limit in (1, 3, 4):
        rows, after = list[Any](), ""
        while after is not None:
            page = asked(browser, path, **query, limit=limit, **({"after": after} if after else {}))
            assert 1 <= len(page["rows"]) <= limit
            rows, after = rows + page["rows"], page["next"]
        assert rows == whole["rows"]


def test_the_description_of_a_register_is_sent_once(engine: Engine) -> None:
    """It has an ETag; who has it already is told so in a word."""
    browser = Browser(engine, "watcher")
    first = browser.get("/registers/goods")
    again = browser.ask("GET", "/registers/goods", headers={"If-None-Match": first.headers["ETag"]})
    other = browser.ask("GET", "/registers/goods", headers={"If-None-Match": '"old"'})
    assert (first.status_code, again.status_code, again.data, other.status_code) == (200, 304, b"", 200)


def test_the_description_of_the_site_has_every_question(engine: Engine) -> None:
    """OpenAPI names the addresses."""
    paths = Browser(engine).get("/openapi.json").get_json()["paths"]
    assert {f"/registers/{{register}}/{path.partition('?')[0]}" for path in PATHS} <= set(paths)
