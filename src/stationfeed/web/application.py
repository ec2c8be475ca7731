"""What stands behind the public plane: health and figures for operators."""

from __future__ import annotations

import hmac
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, Any

from fastapi import Depends, FastAPI, Header, HTTPException, Response
from prometheus_client import CollectorRegistry, Gauge, generate_latest

from stationfeed import __version__

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from stationfeed.station.opened import Health

_READ = ["GET", "HEAD"]


def make_application(ask_health: Callable[[], Awaitable[Health]], operator_token: str | None) -> FastAPI:
    """The application; without a token the operators' addresses do not exist."""
    application = FastAPI(
        title="stationfeed", version=__version__, docs_url="/api/docs", openapi_url="/api/openapi.json"
    )

    @application.api_route("/healthz", methods=_READ)
    async def healthz() -> dict[str, Any]:
        """Whether the folder is in order, in numbers; no names."""
        return _as_json(await ask_health())

    operators = [Depends(_operator(operator_token))]

    @application.api_route("/api/v1/health", methods=_READ, dependencies=operators)
    async def health() -> dict[str, Any]:
        return {"version": __version__, **_as_json(await ask_health())}

    @application.api_route("/metrics", methods=_READ, dependencies=operators)
    async def metrics() -> Response:
        return Response(_as_metrics(await ask_health()), media_type="text/plain; version=0.0.4")

    return application


def _operator(token: str | None) -> Callable[..., None]:
    def check(authorization: Annotated[str, Header()] = "") -> None:
        if token is None:
            raise HTTPException(404)
        given = authorization.removeprefix("Bearer ")
        if not hmac.compare_digest(given.encode(), token.encode()):
            raise HTTPException(401, headers={"WWW-Authenticate": "Bearer"})

    return check


def _as_json(health: Health) -> dict[str, Any]:
    counts = asdict(health)
    return {"status": "ok" if counts.pop("ok") else "degraded", **counts}


def _as_metrics(health: Health) -> bytes:
    registry = CollectorRegistry()
    stories = Gauge("stationfeed_stories", "Stories in the folder", ["kind"], registry=registry)
    stories.labels("all").set(health.stories)
    stories.labels("public").set(health.public)
    stories.labels("last_good").set(health.stale)
    problems = Gauge("stationfeed_problems", "Problems in the folder", ["severity"], registry=registry)
    problems.labels("error").set(health.errors)
    problems.labels("warning").set(health.warnings)
    return generate_latest(registry)
