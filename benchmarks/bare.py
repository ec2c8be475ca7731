"""A bare ASGI callable on our server: for each path an answer that was fixed beforehand, whatever the headers ask.

`python -m benchmarks.bare PORT FOLDER` serves the answers that `write_answer` put into FOLDER.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from stationfeed.web.server import run_server

if TYPE_CHECKING:
    from collections.abc import Iterable

    from stationfeed.web.responses import ASGIApp, Receive, Scope, Send


def write_answer(
    folder: Path, name: str, status: int, headers: Iterable[tuple[str, str]], body: bytes
) -> None:
    (folder / f"{name}.body").write_bytes(body)
    (folder / f"{name}.json").write_text(json.dumps([status, list(headers)]))


def make_bare(folder: Path) -> ASGIApp:
    answers = {f"/{path.stem}": _read_answer(path) for path in folder.glob("*.json")}

    async def bare(scope: Scope, _receive: Receive, send: Send) -> None:
        start, body = answers[scope["path"]]
        await send(start)
        await send(body)

    return bare


def _read_answer(path: Path) -> tuple[dict[str, object], dict[str, object]]:
    status, headers = json.loads(path.read_text())
    encoded = [(name.encode(), value.encode()) for name, value in headers]
    start = {"type": "http.response.start", "status": status, "headers": encoded}
    return start, {"type": "http.response.body", "body": path.with_suffix(".body").read_bytes()}


if __name__ == "__main__":
    run_server(make_bare(Path(sys.argv[2])), host="127.0.0.1", port=int(sys.argv[1]))
