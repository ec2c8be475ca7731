"""What stands behind the public plane: health and figures for operators."""

from __future__ import annotations

import hmac
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, Any

from fastapi import APIRouter, Depends, FastAPI, Header, HTTPException, Response
from prometheus_client import CollectorRegistry, Gauge, generate_latest

from stationfeed import __version__
from stationfeed.web.responses import NO_SNIFF, NO_STORE

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, MutableMapping

    from stationfeed.station.derivation import Job
    from stationfeed.station.opened import Health
    from stationfeed.web.responses import ASGIApp, Receive, Scope, Send

_READ = ["GET", "HEAD"]


def make_application(
    ask_health: Callable[[], Awaitable[Health]], ask_jobs: Callable[[], list[Job]], operator_token: str | None
) -> ASGIApp:
    """The application; without a token the operators' addresses do not exist. Nobody may keep its answers."""
    application = FastAPI(
        title="stationfeed",
        version=__version__,
        docs_url="/api/docs",
        openapi_url="/api/openapi.json",
        redirect_slashes=False,  # it would send people to whatever Host the request names
    )

    @application.api_route("/healthz", methods=_READ)
    async def healthz() -> dict[str, Any]:
        """Whether the folder is in order: no names, and no numbers that tell of what is not public yet."""
        found = _as_json(await ask_health())
        return {name: found[name] for name in ("status", "public", "stale", "errors")}

    if operator_token:
        application.include_router(_for_operators(ask_health, ask_jobs, operator_token))
    return _kept_by_nobody(application)


def _for_operators(
    ask_health: Callable[[], Awaitable[Health]], ask_jobs: Callable[[], list[Job]], token: str
) -> APIRouter:
    router = APIRouter(dependencies=[Depends(_operator(token))])

    @router.api_route("/api/v1/health", methods=_READ)
    async def health() -> dict[str, Any]:
        return {"version": __version__, **_as_json(await ask_health())}

    @router.api_route("/api/v1/jobs", methods=_READ)
    async def jobs() -> dict[str, Any]:
        """The audio that is being made, and what waits for that."""
        return {"jobs": [_job_as_json(job) for job in ask_jobs()]}

    @router.api_route("/metrics", methods=_READ)
    async def metrics() -> Response:
        return Response(_as_metrics(await ask_health()), media_type="text/plain; version=0.0.4")

    return router


def _operator(token: str) -> Callable[..., None]:
    def check(authorization: Annotated[str, Header()] = "") -> None:
        scheme, _, given = authorization.partition(" ")
        if scheme.lower() != "bearer" or not hmac.compare_digest(given.encode(), token.encode()):
            raise HTTPException(401, headers={"WWW-Authenticate": "Bearer"})

    return check


def _kept_by_nobody(app: ASGIApp) -> ASGIApp:
    async def answer(scope: Scope, receive: Receive, send: Send) -> None:
        async def send_on(message: MutableMapping[str, Any]) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message["headers"], NO_STORE, NO_SNIFF]
            await send(message)

        await app(scope, receive, send_on)

    return answer


def _as_json(health: Health) -> dict[str, Any]:
    counts = asdict(health)
    return {"status": "ok" if counts.pop("ok") else "degraded", **counts}


def _job_as_json(job: Job) -> dict[str, Any]:
    return {
        "slug": job.order.slug,
        "file": str(job.order.master.path),
        "codec": job.order.encoding.codec,
        "state": job.state,
        "done": None if job.share is None else round(job.share, 3),
        "seconds_left": None if job.left is None else round(job.left.total_seconds()),
        "reason": job.reason,
    }


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
