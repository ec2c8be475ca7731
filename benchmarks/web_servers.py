"""Our server and its peers on local ports, each one process on one core, stopped by its id."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import time
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.load import pinned

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_PATIENCE_S = 180


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
    return port


@dataclass(frozen=True, slots=True)
class Running:
    port: int
    process_id: int

    def cpu_seconds(self) -> float:
        """What the process and its children have used so far."""
        children = Path(f"/proc/{self.process_id}/task/{self.process_id}/children").read_text()
        return sum(_cpu_seconds(one) for one in (self.process_id, *map(int, children.split())))


def _cpu_seconds(process_id: int) -> float:
    fields = Path(f"/proc/{process_id}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


@contextmanager
def running(
    command: list[str], port: int, log: Path, env: Mapping[str, str] | None = None
) -> Iterator[Running]:
    """A server for as long as it is needed."""
    with log.open("wb") as said:
        process = subprocess.Popen(
            pinned(command, 0), stdout=said, stderr=said, env={**os.environ, **(env or {})}
        )
    try:
        _wait_for(port, process, log)
        yield Running(port, process.pid)
    finally:
        process.terminate()
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()


def _wait_for(port: int, process: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + _PATIENCE_S
    while time.monotonic() < deadline and process.poll() is None:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            time.sleep(0.05)
        else:
            return
    raise RuntimeError(f"a server did not start:\n{log.read_text(errors='replace')}")


@contextmanager
def stationfeed(root: Path, log: Path) -> Iterator[Running]:
    port = free_port()
    command = [sys.executable, "-m", "stationfeed", "-C", str(root), "serve", "--port", str(port)]
    with running(command, port, log) as server:
        yield server


@contextmanager
def bare(answers: Path, log: Path) -> Iterator[Running]:
    port = free_port()
    with running([sys.executable, "-m", "benchmarks.bare", str(port), str(answers)], port, log) as server:
        yield server


@contextmanager
def nginx(root: Path, workplace: Path) -> Iterator[Running | None]:
    """One worker; None where nginx is not installed."""
    program = shutil.which("nginx")
    if program is None:
        yield None
        return
    port, settings = free_port(), workplace / "nginx.conf"
    settings.write_text(_nginx_settings(root, workplace, port, can_gzip=_can_gzip_static(program)))
    with running(
        [program, "-p", str(workplace), "-c", str(settings)], port, workplace / "nginx.log"
    ) as server:
        yield server


def _can_gzip_static(program: str) -> bool:
    said = subprocess.run([program, "-V"], check=True, capture_output=True, text=True).stderr
    return "http_gzip_static_module" in said


def _nginx_settings(root: Path, workplace: Path, port: int, *, can_gzip: bool) -> str:
    kinds = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    temporary = "".join(f"{one}_temp_path {workplace}/{one};" for one in kinds)
    ready = "location ~ xml$ { try_files $uri.gz =404; add_header Content-Encoding gzip; }"
    return f"""\
{"user root;" if os.geteuid() == 0 else ""}
worker_processes 1; daemon off; pid {workplace}/nginx.pid; error_log {workplace}/nginx-error.log;
events {{ worker_connections 1024; }}
http {{
  access_log off; sendfile on; tcp_nopush on; keepalive_requests 100000000; {temporary}
  server {{ listen 127.0.0.1:{port}; root {root}; {"gzip_static on;" if can_gzip else ready} }}
}}
"""


@contextmanager
def caddy(root: Path, workplace: Path) -> Iterator[Running | None]:
    """One core's worth of it; None where Caddy is not installed."""
    program = shutil.which("caddy")
    if program is None:
        yield None
        return
    port, settings = free_port(), workplace / "Caddyfile"
    settings.write_text(
        "{\n admin off\n auto_https off\n}\n"
        f"http://:{port} {{\n bind 127.0.0.1\n root * {root}\n"
        " file_server {\n  precompressed gzip\n }\n}\n"
    )
    homes = {"HOME": str(workplace), "XDG_DATA_HOME": str(workplace), "XDG_CONFIG_HOME": str(workplace)}
    command = [program, "run", "--config", str(settings), "--adapter", "caddyfile"]
    with running(command, port, workplace / "caddy.log", {**homes, "GOMAXPROCS": "1"}) as server:
        yield server
