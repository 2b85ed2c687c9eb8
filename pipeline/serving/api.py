"""The application: routes, and what holds of every answer.

Nothing can be changed through it. It answers only to the names that it is served under, so that no other site can make a
browser ask for it under a name of its own; nothing may frame it; its pages reach nothing but itself.
"""

import sqlite3
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from datetime import date
from functools import partial
from typing import Annotated, Any

from anyio import CapacityLimiter, to_thread
from fastapi import FastAPI, Path, Query, Request
from fastapi.responses import HTMLResponse, JSONResponse, Response
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from pipeline import __version__
from pipeline.errors import InputError, PipelineError
from pipeline.records import Language
from pipeline.report import page
from pipeline.search import Filters
from pipeline.serving import described, shapes
from pipeline.serving.choosing import Altered, Asked, Order
from pipeline.serving.service import Service

HEADERS = {
    b"x-content-type-options": b"nosniff",
    b"x-frame-options": b"DENY",
    b"referrer-policy": b"no-referrer",
    b"cross-origin-resource-policy": b"same-origin",
    b"cross-origin-opener-policy": b"same-origin",
    b"cache-control": b"private, no-cache",
}
NOTHING = "default-src 'none'; frame-ancestors 'none'"
LARGEST = 200  # items of one answer
THREADS = 3  # that make answers; one more looks for what says the same, and one translates
WAITING = 8  # translations that may be asked for at a time, with the one that is being made
PAUSE = 5  # seconds after which whoever found too many waiting may ask again

Text = Annotated[str, Query(max_length=1_000, description="words that it has, in any language; each may go on")]
Outlet = Annotated[str | None, Query(description='the name of an outlet; "" for articles without one')]
Speaker = Annotated[str, Query(max_length=200, description="words of a name of the speaker; each may go on")]
Since = Annotated[date | None, Query(description="first published on this day or later, UTC")]
Until = Annotated[date | None, Query(description="first published on this day or before, UTC")]
Offset = Annotated[int, Query(ge=0, description="how many to pass over")]
Limit = Annotated[int, Query(ge=1, le=LARGEST, description="how many at most")]

Problems: dict[int | str, dict[str, Any]] = {404: {"model": shapes.Problem, "description": "There is none."}}


class Guard:
    """Adds the headers that hold of every answer, and answers nothing but GET and HEAD."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """See the class."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                there = {name.lower() for name, _ in message["headers"]}
                added = {b"content-security-policy": NOTHING.encode(), **HEADERS}
                message["headers"] = [*message["headers"], *((k, v) for k, v in added.items() if k not in there)]
            await send(message)

        if scope["method"] in ("GET", "HEAD"):  # to HEAD the server leaves out the body
            await self._app({**scope, "method": "GET"}, receive, guarded)
        else:
            refused = JSONResponse({"detail": "nothing can be changed here"}, 405, {"Allow": "GET, HEAD"})
            await refused(scope, receive, guarded)


def application(service: Service, hosts: Sequence[str]) -> FastAPI:
    """The application that answers for a collection to requests that name one of `hosts`; "*" stands for any."""
    app = FastAPI(
        lifespan=_few_threads,
        title="Crossquote",
        version=__version__,
        summary="Statements of a collection: who said what, in which outlets and languages, and what was altered.",
        docs_url=None,  # its page would load a script from elsewhere: see /docs
        redoc_url=None,
    )
    app.add_middleware(TrustedHostMiddleware, allowed_hosts=list(hosts))
    app.add_middleware(Guard)
    app.add_exception_handler(PipelineError, _problem)
    app.add_exception_handler(sqlite3.Error, _damage)
    _pages(app, service)
    _lists(app, service)
    _single(app, service)
    _translations(app, service)
    return app


@asynccontextmanager
async def _few_threads(_: FastAPI) -> AsyncIterator[None]:
    """Answers are made by a few threads in turn: many would take the interpreter from each other in the middle of each."""
    to_thread.current_default_thread_limiter().total_tokens = THREADS
    yield


def _pages(app: FastAPI, service: Service) -> None:
    served = page.served()

    @app.get("/", include_in_schema=False)
    def index() -> HTMLResponse:
        return HTMLResponse(
            served.html, headers={"Content-Security-Policy": f"{served.policy}; frame-ancestors 'none'"}
        )

    @app.get("/docs", include_in_schema=False)
    def docs() -> HTMLResponse:
        text, policy = described.page(app.openapi())
        return HTMLResponse(text, headers={"Content-Security-Policy": policy})

    @app.get("/api/overview", summary="Counts, and what filters may choose", response_model=shapes.Overview)
    def overview(request: Request) -> Response:
        return _answer(request, service, service.overview)


def _lists(app: FastAPI, service: Service) -> None:
    @app.get("/api/statements", summary="Statements that fit, in the order asked for", response_model=shapes.Statements)
    def statements(
        request: Request,
        text: Text = "",
        speaker: Speaker = "",
        outlet: Outlet = None,
        beside: Annotated[str | None, Query(alias="with", description="another outlet that has it too")] = None,
        language: Language | None = None,
        since: Since = None,
        until: Until = None,
        least: Annotated[int, Query(ge=1, description="in at least so many outlets")] = 1,
        altered: Altered | None = None,
        sort: Order = "repeated",
        reader: Annotated[Language, Query(description="whose spelling of names the order by speaker follows")] = "en",
        offset: Offset = 0,
        limit: Limit = 30,
    ) -> Response:
        asked = Asked(
            text=text, speaker=speaker, outlet=outlet, beside=beside, language=language, since=since, until=until,
            least=least, altered=altered, sort=sort, reader=reader,
        )  # fmt: skip
        return _answer(request, service, lambda: service.statements(asked, offset, limit))

    @app.get("/api/articles", summary="Articles that fit, in the order of input", response_model=shapes.Articles)
    def articles(
        request: Request,
        text: Annotated[str, Query(max_length=1_000, description="in titles and names of outlets")] = "",
        outlet: Outlet = None,
        language: Language | None = None,
        offset: Offset = 0,
        limit: Limit = 30,
    ) -> Response:
        return _answer(request, service, lambda: service.articles(text, outlet, language, offset, limit))

    alone = CapacityLimiter(1)

    @app.get(
        "/api/find",
        summary="Quotations that say the same as a text, in any language",
        response_model=shapes.Hits,
        responses={
            422: {"model": shapes.Problem, "description": "The text is in none of the three languages."},
            503: {"model": shapes.Problem, "description": "The embedder is not installed."},
        },
    )
    async def find(
        request: Request,
        text: Annotated[str, Query(min_length=1, max_length=5_000)],
        k: Annotated[int, Query(ge=1, le=100, description="how many")] = 10,
        speaker: Annotated[str | None, Query(max_length=200, description="in any spelling")] = None,
        since: Since = None,
        until: Until = None,
    ) -> Response:
        filters = Filters(speaker=speaker or None, since=since, until=until)
        make = partial(service.find, text, k, filters)
        return await to_thread.run_sync(_answer, request, service, make, limiter=alone)


def _single(app: FastAPI, service: Service) -> None:
    @app.get("/api/statements/{id}", summary="One statement", response_model=shapes.Statement, responses=Problems)
    def statement(request: Request, id: Annotated[str, Path(description="as s-3f9a0c12be44d6")]) -> Response:
        return _answer(request, service, lambda: service.statement(id))

    @app.get("/api/article", summary="One article", response_model=shapes.Article, responses=Problems)
    def article(request: Request, id: Annotated[str, Query(description="an id may have any characters")]) -> Response:
        return _answer(request, service, lambda: service.article(id))


def _translations(app: FastAPI, service: Service) -> None:
    alone = CapacityLimiter(1)

    @app.get(
        "/api/rendering",
        summary="A quotation in another language, translated by a machine",
        response_model=shapes.Rendering,
        responses={
            **Problems,
            422: {"model": shapes.Problem, "description": "The quotation is in that language, or too long."},
            429: {"model": shapes.Problem, "description": "Others wait already; Retry-After says how many seconds."},
            503: {"model": shapes.Problem, "description": "No model that is installed translates it."},
        },
    )
    async def rendering(
        request: Request,
        quote: Annotated[str, Query(max_length=200, description="the id of a quotation")],
        into: Language,
    ) -> Response:
        if alone.borrowed_tokens + alone.statistics().tasks_waiting >= WAITING:
            return JSONResponse({"detail": "too many translations are asked for"}, 429, {"Retry-After": str(PAUSE)})
        make = partial(service.rendering, quote, into)
        return await to_thread.run_sync(_answer, request, service, make, limiter=alone)


def _answer(request: Request, service: Service, make: Callable[[], bytes | None]) -> Response:
    """What `make` gives, unless the asker has it already; an answer is good as long as the collection does not change."""
    tag = f'"{service.tag()}"'
    headers = {"ETag": tag}
    if tag in request.headers.get("if-none-match", ""):
        return Response(status_code=304, headers=headers)
    body = make()
    if body is None:
        return JSONResponse({"detail": "there is none"}, 404)
    return Response(body, media_type="application/json", headers=headers)


async def _damage(_: Request, error: Exception) -> Response:
    return JSONResponse(
        {"detail": f"the collection cannot be read: {error}", "hint": "look with crossquote doctor"}, 503
    )


async def _problem(_: Request, error: Exception) -> Response:
    assert isinstance(error, PipelineError)
    status = 422 if isinstance(error, InputError) else 503
    return JSONResponse({"detail": error.message, "hint": error.hint}, status)
