"""What stands behind the public plane: health and figures for operators."""

from __future__ import annotations

import hmac
from dataclasses import asdict, dataclass
from functools import partial
from typing import TYPE_CHECKING, Annotated, Any

from fastapi import APIRouter, Depends, FastAPI, Header, HTTPException, Request, Response
from fastapi.responses import JSONResponse
from prometheus_client import CollectorRegistry, Gauge, generate_latest
from starlette.routing import Match

from stationfeed import __version__
from stationfeed.errors import (
    ForbiddenError,
    NotFoundError,
    NotSignedInError,
    RejectedError,
    StationfeedError,
    TooLargeError,
)
from stationfeed.web.live_routes import add_live_routes
from stationfeed.web.page_routes import add_page_routes
from stationfeed.web.responses import NO_SNIFF, NO_STORE

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, MutableMapping

    from stationfeed.site import Document
    from stationfeed.station.derivation import Job
    from stationfeed.station.health import Health
    from stationfeed.station.polling import SourceState
    from stationfeed.web.responses import ASGIApp, Receive, Scope, Send

STATUSES: tuple[tuple[type[StationfeedError], int], ...] = (
    (NotFoundError, 404),
    (NotSignedInError, 401),
    (ForbiddenError, 403),
    (RejectedError, 422),
    (TooLargeError, 413),
    (StationfeedError, 503),
)
"""How a failure is answered; the nearest class tells."""


@dataclass(frozen=True, slots=True)
class Questions:
    """What the application asks of those who know."""

    health: Callable[[], Awaitable[Health]]
    jobs: Callable[[], list[Job]]
    sources: Callable[[], list[SourceState]]
    listeners: Callable[[], int]
    hear: Callable[[str, str | None, bytes], Awaitable[None]]
    schedule: Callable[[str, str | None, str | None], Awaitable[bytes]]
    search: Callable[[str], Awaitable[tuple[int, Document]]]
    describe_embed: Callable[[str, int, int], Awaitable[bytes | None]]


def make_application(ask: Questions, operator_token: str | None) -> ASGIApp:
    """The application; without a token the operators' addresses do not exist. Nobody may keep its answers."""
    application = FastAPI(
        title="stationfeed",
        version=__version__,
        docs_url="/api/docs",
        openapi_url="/api/openapi.json",
        redirect_slashes=False,  # it would send people to whatever Host the request names
    )
    add_live_routes(application, ask.hear, ask.schedule)
    add_page_routes(application, ask.search, ask.describe_embed)
    for kind, status in STATUSES:
        application.add_exception_handler(kind, partial(_refuse, status))
    application.add_exception_handler(405, _refuse_method)

    @application.get("/healthz")
    async def healthz() -> dict[str, Any]:
        """Whether the folder is in order: no names, and no numbers that tell of what is not public yet."""
        found = _as_json(await ask.health())
        return {name: found[name] for name in ("status", "public", "stale", "errors")}

    if operator_token:
        application.include_router(_for_operators(ask, operator_token))
    return _kept_by_nobody(application)


def _for_operators(ask: Questions, token: str) -> APIRouter:
    router = APIRouter(dependencies=[Depends(_operator(token))])

    @router.get("/api/v1/health")
    async def health() -> dict[str, Any]:
        sources = [asdict(one) for one in ask.sources()]
        return {"version": __version__, **_as_json(await ask.health()), "sources": sources}

    @router.get("/api/v1/jobs")
    async def jobs() -> dict[str, Any]:
        """The audio that is being made, and what waits for that."""
        return {"jobs": [_job_as_json(job) for job in ask.jobs()]}

    @router.get("/metrics")
    async def metrics() -> Response:
        text = _as_metrics(await ask.health(), ask.sources(), ask.listeners())
        return Response(text, media_type="text/plain; version=0.0.4")

    return router


def _operator(token: str) -> Callable[..., None]:
    def check(authorization: Annotated[str, Header()] = "") -> None:
        scheme, _, given = authorization.partition(" ")
        if scheme.lower() != "bearer" or not hmac.compare_digest(given.encode(), token.encode()):
            raise HTTPException(401, headers={"WWW-Authenticate": "Bearer"})

    return check


async def _refuse(status: int, _request: Request, error: Exception) -> JSONResponse:
    faults = error.faults if isinstance(error, RejectedError) else (str(error),)
    headers = {"WWW-Authenticate": "Bearer"} if status == 401 else None
    return JSONResponse({"errors": list(faults)}, status, headers)


async def _refuse_method(request: Request, _error: Exception) -> JSONResponse:
    """Starlette names the methods of the first route only that an address has."""
    found = (route for route in request.app.routes if route.matches(request.scope)[0] is not Match.NONE)
    methods = {method for route in found for method in getattr(route, "methods", None) or ()}
    allowed = sorted(methods | ({"HEAD"} if "GET" in methods else set()))
    errors = [f"{request.method} is not for this address"]
    return JSONResponse({"errors": errors}, 405, {"Allow": ", ".join(allowed)})


def _kept_by_nobody(app: ASGIApp) -> ASGIApp:
    """Answers that no cache may keep; HEAD is GET, of which the server leaves the body away."""

    async def answer(scope: Scope, receive: Receive, send: Send) -> None:
        async def send_on(message: MutableMapping[str, Any]) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message["headers"], NO_STORE, NO_SNIFF]
            await send(message)

        is_head = scope.get("method") == "HEAD"
        await app({**scope, "method": "GET"} if is_head else scope, receive, send_on)

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


def _as_metrics(health: Health, sources: list[SourceState], listeners: int) -> bytes:
    registry = CollectorRegistry()
    stories = Gauge("stationfeed_stories", "Stories in the folder", ["kind"], registry=registry)
    stories.labels("all").set(health.stories)
    stories.labels("public").set(health.public)
    stories.labels("last_good").set(health.stale)
    problems = Gauge("stationfeed_problems", "Problems in the folder", ["severity"], registry=registry)
    problems.labels("error").set(health.errors)
    problems.labels("warning").set(health.warnings)
    Gauge("stationfeed_event_listeners", "Listeners to events", registry=registry).set(listeners)
    silent = Gauge("stationfeed_source_silent", "Whether a source is silent", ["service"], registry=registry)
    for source in sources:
        silent.labels(source.service).set(source.state == "silent")
    return generate_latest(registry)
