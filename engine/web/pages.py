"""Pages: serves the built web app. Every path that is no file is the app itself, which routes in the browser."""

from pathlib import Path
from typing import Final

from flask import Blueprint, Response, abort, send_from_directory
from werkzeug.security import safe_join

_POLICY: Final = (
    "default-src 'self'; img-src 'self' data: blob:; style-src 'self' 'unsafe-inline'; "
    "script-src 'self' 'wasm-unsafe-eval'; connect-src 'self'; frame-ancestors 'self'; base-uri 'self'; object-src 'none'"
)
_NOT_BUILT: Final = (
    "<!doctype html><meta charset=utf-8><title>Dougong</title><p>The web app has not been built. "
    "Run <code>python3 -m engine</code> in a clone. / 网页应用尚未构建，请在源码目录运行 <code>python3 -m engine</code>。"
)


def pages(static: Path | None) -> Blueprint:
    """The blueprint that serves the app built into `static`."""
    blueprint = Blueprint("pages", __name__)

    @blueprint.get("/", defaults={"path": ""})
    @blueprint.get("/<path:path>")
    def show(path: str) -> Response:
        """A file of the app, or the app."""
        if path.startswith("api/"):
            abort(404)
        if static is None or not (static / "index.html").is_file():
            return Response(_NOT_BUILT, 503, mimetype="text/html")
        found = safe_join(str(static), path) if path else None
        if found is not None and Path(found).is_file():
            response = send_from_directory(static, path)
            if path.startswith("assets/"):
                response.headers["Cache-Control"] = "public, max-age=31536000, immutable"
            return response
        response = send_from_directory(static, "index.html")
        response.headers["Cache-Control"] = "no-cache"
        response.headers["Content-Security-Policy"] = _POLICY
        return response

    return blueprint
