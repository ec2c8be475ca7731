"""Requests on a local port: one, or as many as a server can answer for a while."""

from __future__ import annotations

import os
import re
import shutil
import socket
import subprocess
import time
from contextlib import ExitStack
from dataclasses import dataclass, field
from http.client import HTTPConnection
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

CONNECTIONS = 16
_RATE = re.compile(r"Requests/sec:\s+([\d.]+)")
_LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Request:
    port: int
    path: str
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Response:
    status: int
    headers: Mapping[str, str]
    body: bytes


def pinned(command: list[str], core: int) -> list[str]:
    """The command on one of this process's cores, where that can be asked for."""
    cores = sorted(os.sched_getaffinity(0))
    if len(cores) < 2 or not shutil.which("taskset"):
        return command
    return ["taskset", "-c", str(cores[core]), *command]


def fetch(request: Request) -> Response:
    connection = HTTPConnection("127.0.0.1", request.port, timeout=30)
    connection.request("GET", request.path, headers=dict(request.headers))
    answer = connection.getresponse()
    headers = {name.lower(): value for name, value in answer.getheaders()}
    body = answer.read()
    connection.close()
    return Response(answer.status, headers, body)


def rate(request: Request, seconds: int) -> float:
    """Answers a second over a few connections that stay open."""
    return _wrk_rate(request, seconds) if shutil.which("wrk") else _own_rate(request, seconds)


def _wrk_rate(request: Request, seconds: int) -> float:
    headers = [part for name, value in request.headers.items() for part in ("-H", f"{name}: {value}")]
    url = f"http://127.0.0.1:{request.port}{request.path}"
    command = pinned(["wrk", "-t1", f"-c{CONNECTIONS}", f"-d{seconds}s", *headers, url], -1)
    said = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    found = _RATE.search(said)
    if found is None or "Non-2xx" in said or "Socket errors" in said:
        raise RuntimeError(f"wrk was not answered well by {url}:\n{said}")
    return float(found[1])


def _own_rate(request: Request, seconds: int) -> float:
    """The same with sockets of our own, which are slower than a fast server: ratios come out too near to 1."""
    lines = "".join(f"{name}: {value}\r\n" for name, value in request.headers.items())
    text = f"GET {request.path} HTTP/1.1\r\nHost: 127.0.0.1\r\n{lines}\r\n".encode()
    with ExitStack() as opened:
        address = ("127.0.0.1", request.port)
        sockets = [opened.enter_context(socket.create_connection(address)) for _ in range(CONNECTIONS)]
        began, answered = time.perf_counter(), 0
        while time.perf_counter() - began < seconds:
            for one in sockets:
                one.sendall(text)
            for one in sockets:
                _receive(one)
            answered += len(sockets)
        return answered / (time.perf_counter() - began)


def _receive(connection: socket.socket) -> None:
    head = b""
    while b"\r\n\r\n" not in head:
        head += connection.recv(65536)
    head, _, body = head.partition(b"\r\n\r\n")
    length = _LENGTH.search(head)
    left = (int(length[1]) if length and not head.startswith(b"HTTP/1.1 304") else 0) - len(body)
    while left > 0:
        left -= len(connection.recv(min(left, 1 << 20)))
