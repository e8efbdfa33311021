"""The ASGI application, made from services and settings. No globals, nothing happens at import.

Serves GraphQL at /graphql (HTTP and graphql-transport-ws), the REST facade at /api/v1, metrics, the dashboard, GraphiQL
and the API reference. Background work (outbox, sync) belongs to `graph.wiring`, the process to `graph.cli`.
"""

from __future__ import annotations

from functools import partial

import strawberry
from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest
from starlette.exceptions import HTTPException
from starlette.middleware.cors import CORSMiddleware
from starlette.types import ASGIApp, Receive, Scope, Send

from graph.auth.access import Access
from graph.auth.identity import Authenticator
from graph.auth.permissions import permissions
from graph.context import Context
from graph.execution.admission import Admission
from graph.execution.documents import Documents
from graph.execution.executor import Executor
from graph.execution.gateway import Gateway
from graph.execution.trusted import TrustedDocuments
from graph.http.dashboard import dashboard_router
from graph.http.edge import GRAPHQL_PATH, Edge
from graph.http.errors import error_body, gateway_error_body, retry_after
from graph.http.exports import exports_router
from graph.http.graphql import GraphqlEndpoint
from graph.http.responses import Moment, ResponseCache
from graph.http.rest import invalid_request, rest_router
from graph.http.webhooks import SIGNED, webhooks_router
from graph.limits import Budget, Limits, check, check_text
from graph.live.live import Live, LiveComponent
from graph.live.presence import CallerLimits, Presence
from graph.live.transport_ws import SocketLimits
from graph.live.websocket import WebSocketEndpoint
from graph.settings import Profile, Settings
from resolvers.errors import GatewayError
from resolvers.ports import InboundTexts, Services, StatusReports
from resolvers.view import Pictures

JSON = "application/json"
NOT_FOUND = 404


class App:
    """The whole edge over `services`: an ASGI callable that also knows how to drain."""

    def __init__(
        self,
        services: Services,
        *,
        settings: Settings,
        schema: strawberry.Schema,
        authenticator: Authenticator,
        live_component: LiveComponent,
        reports: StatusReports | None = None,
        pictures: Pictures | None = None,
        texts: InboundTexts | None = None,
    ) -> None:
        """`pictures`: those that others beside the edge read too; None: its own."""
        registry = CollectorRegistry()
        gateway = make_gateway(
            services,
            schema,
            limits=settings.limits,
            trusted=trusted_documents(settings),
            budget=budget(settings, services),
            production=settings.profile is Profile.PRODUCTION,
            pictures=pictures,
        )
        self.live = Live(
            gateway,
            registry,
            max_connections=settings.live_connections,
            max_subscribers=settings.live_subscriptions,
            presence=presence(settings, authenticator),
        )
        live_component.room = self.live
        socket_limits = SocketLimits(
            operations_per_connection=settings.live_subscriptions_per_connection
        )
        pages = make_pages(services, settings, gateway, authenticator, registry, reports, texts)
        by_path = Paths(
            graphql=GraphqlEndpoint(gateway, authenticator, response_cache(services), self.live),
            sockets=WebSocketEndpoint(self.live, authenticator, socket_limits),
            pages=pages,
        )
        self._app: ASGIApp = Edge(
            cross_origin(by_path, settings.allowed_origins),
            allowed_hosts={settings.bind_host, *settings.allowed_hosts},
            allowed_origins=settings.allowed_origins,
            max_body_bytes=settings.max_body_bytes,
            signed_paths=SIGNED,
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self._app(scope, receive, send)

    async def drain(self, window_seconds: float) -> None:
        """Close every live connection, spread over the window."""
        await self.live.drain(window_seconds)


class Paths:
    """/graphql goes straight to its endpoints, everything else through FastAPI."""

    def __init__(self, *, graphql: ASGIApp, sockets: ASGIApp, pages: ASGIApp) -> None:
        self._graphql = graphql
        self._sockets = sockets
        self._pages = pages

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] in {"http", "websocket"} and scope["path"] == GRAPHQL_PATH:
            endpoint = self._graphql if scope["type"] == "http" else self._sockets
            await endpoint(scope, receive, send)
        else:
            await self._pages(scope, receive, send)


def make_gateway(
    services: Services,
    schema: strawberry.Schema,
    *,
    limits: Limits | None = None,
    trusted: TrustedDocuments | None = None,
    budget: Budget | None = None,
    production: bool = False,
    pictures: Pictures | None = None,
) -> Gateway:
    """Documents, executor and shared figures over `schema`. production: only trusted documents, and no hints."""
    core = schema._schema  # noqa: SLF001 - Strawberry's handle to the core schema
    limits = Limits() if limits is None else limits
    trusted = TrustedDocuments() if trusted is None else trusted
    documents = Documents(
        core,
        text_checks=[partial(check_text, limits=limits)],
        document_checks=[partial(check, limits=limits)],
        is_trusted=trusted.includes if production else None,
        max_tokens=limits.tokens,
        hide_suggestions=production,
    )
    admission = Admission(
        core,
        documents,
        limits=limits,
        trusted=trusted,
        only_trusted=production,
        budget=budget,
    )
    executor = Executor(schema, table=permissions(), hide_suggestions=production)
    pictures = Pictures(services) if pictures is None else pictures
    return Gateway(services, pictures, documents, executor, admission)


def trusted_documents(settings: Settings) -> TrustedDocuments:
    """The committed list. In development it may be missing; in production Unavailable is raised then."""
    if settings.profile is Profile.DEVELOPMENT and not settings.trusted_documents.is_file():
        return TrustedDocuments()
    return TrustedDocuments.read(settings.trusted_documents)


def presence(settings: Settings, authenticator: Authenticator) -> Presence:
    """Limits per caller; connections end when their credential is called back, where that can happen."""
    limits = CallerLimits(
        connections=settings.live_connections_per_caller,
        subscriptions=settings.live_subscriptions_per_caller,
    )
    if not isinstance(authenticator, Access):
        return Presence(limits=limits)
    return Presence(
        refusal=authenticator.refusal, changes=lambda: authenticator.changes, limits=limits
    )


def budget(settings: Settings, services: Services) -> Budget | None:
    """Per caller, where callers can be told apart."""
    if not settings.authentication_configured:
        return None
    return Budget(settings.cost_per_minute, services.clock.monotonic)


def response_cache(services: Services) -> ResponseCache:
    def moment() -> Moment:
        return (
            services.store.snapshot().revision,
            services.clock.today().toordinal(),
            services.signal.count,
        )

    return ResponseCache(moment, services.clock.monotonic)


def cross_origin(app: ASGIApp, origins: tuple[str, ...]) -> ASGIApp:
    """Answers the browsers' preflight questions for the listed sites."""
    if not origins:
        return app
    return CORSMiddleware(
        app,
        allow_origins=list(origins),
        allow_methods=["GET", "POST"],
        allow_headers=["authorization", "content-type", "if-none-match", "x-correlation-id"],
        expose_headers=["x-correlation-id", "etag"],
    )


def make_pages(
    services: Services,
    settings: Settings,
    gateway: Gateway,
    authenticator: Authenticator,
    registry: CollectorRegistry,
    reports: StatusReports | None = None,
    texts: InboundTexts | None = None,
) -> FastAPI:
    """REST, probes, metrics, webhooks and the built dashboard."""
    app = FastAPI(
        title="Twilio negotiation gateway",
        summary="The REST facade. The whole API is GraphQL, at /graphql; explore it at /graphiql.",
        docs_url=None,
        redoc_url=None,
    )

    async def context_of(request: Request) -> Context:
        identity = await authenticator.authenticate(request.headers.get("authorization"))
        return gateway.context(identity.actor, request.state.correlation_id)

    app.include_router(rest_router(gateway, context_of))
    app.include_router(exports_router(context_of))
    app.include_router(webhooks_router(reports, texts))

    @app.get("/healthz", summary="Is the process alive? No dependency is asked.", tags=["health"])
    async def alive() -> dict[str, object]:
        return {
            "status": "ok",
            "revision": services.store.snapshot().revision,
            "schemaVersion": services.schema_version.version,
        }

    @app.get("/metrics", summary="For Prometheus", tags=["health"])
    async def metrics() -> Response:
        return Response(generate_latest(registry), media_type=CONTENT_TYPE_LATEST)

    app.include_router(
        dashboard_router(settings.web_dist, with_explorer=settings.profile is Profile.DEVELOPMENT)
    )
    app.add_exception_handler(RequestValidationError, invalid_request)
    app.add_exception_handler(GatewayError, _gateway_error)
    app.add_exception_handler(HTTPException, _http_error)
    return app


async def _gateway_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, GatewayError)
    body = gateway_error_body(request.url.path, error, request.state.correlation_id)
    return Response(body, error.status, headers=retry_after(error), media_type=JSON)


async def _http_error(request: Request, error: Exception) -> Response:
    """Framework errors (no such path, wrong method) in our form."""
    assert isinstance(error, HTTPException)
    code = "NOT_FOUND" if error.status_code == NOT_FOUND else "BAD_USER_INPUT"
    body = error_body(request.url.path, code, str(error.detail), request.state.correlation_id)
    return Response(body, error.status_code, headers=error.headers, media_type=JSON)
