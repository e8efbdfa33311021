"""Every setting of the gateway, read once from the environment (and `.env`). Nobody else reads it.

Each is documented in docs/operations.md and .env.example; a test compares the three. Defaults run the demo workspace on
this machine with no credentials.
"""

from __future__ import annotations

import re
from decimal import Decimal
from enum import StrEnum
from ipaddress import ip_address
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, ValidationError, ValidationInfo, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from resolvers.paging import MAX_PAGE

if TYPE_CHECKING:
    from graph.limits import Limits


class Workspace(StrEnum):
    """What a fresh store is filled with."""

    DEMO = "demo"
    EMPTY = "empty"


class Profile(StrEnum):
    DEVELOPMENT = "development"
    PRODUCTION = "production"


class LogFormat(StrEnum):
    CONSOLE = "console"
    JSON = "json"


CommaList = Annotated[tuple[str, ...], NoDecode]

E164 = re.compile(r"\+[1-9][0-9]{6,14}")
E164_PREFIX = re.compile(r"\+[1-9][0-9]{0,13}\*")


class Settings(BaseSettings):
    """All settings. Empty variables count as unset. Lists are comma-separated."""

    model_config = SettingsConfigDict(
        env_file=".env",
        env_file_encoding="utf-8",
        env_ignore_empty=True,
        extra="ignore",
        frozen=True,
    )

    # --- where it listens and what it keeps
    bind_host: str = Field("127.0.0.1", description="Address to listen on.")
    port: int = Field(8000, ge=0, le=65535, description="Port to listen on; 0 picks a free one.")
    data_dir: Path = Field(Path(".data"), description="Folder of the store and its backups.")
    workspace: Workspace = Field(
        Workspace.DEMO, description="What a fresh store holds: `demo` or `empty`."
    )
    profile: Profile = Field(
        Profile.DEVELOPMENT,
        description="`production` turns introspection, suggestions and GraphiQL off.",
    )
    web_dist: Path = Field(Path("web/dist"), description="The built dashboard.")
    log_level: str = Field("INFO", description="DEBUG, INFO, WARNING or ERROR.")
    log_format: LogFormat = Field(LogFormat.CONSOLE, description="`console` or `json`.")
    max_body_bytes: int = Field(
        16 * 1024 * 1024, ge=1024, description="Largest request body; more is 413."
    )

    workers: int = Field(1, ge=1, le=64, description="Processes that share the port and the store.")
    drain_seconds: float = Field(
        5.0, ge=0, description="Window over which live connections are closed on SIGTERM."
    )

    # --- who may enter
    auth_jwks_url: str | None = Field(None, description="JWKS address of the token issuer.")
    auth_jwt_secret: SecretStr | None = Field(
        None, description="Legacy shared secret of the token issuer (HS256), 32 bytes or more."
    )
    auth_audience: str = Field("authenticated", description="The `aud` a token must carry.")
    auth_issuer: str | None = Field(None, description="The `iss` a token must carry, if set.")
    allowed_hosts: CommaList = Field(
        (), description="Host names the gateway answers to, beside loopback names."
    )
    allowed_origins: CommaList = Field(
        (), description="Other sites whose pages may call it, such as https://app.example.com."
    )

    auth_required: bool = Field(
        default=False,
        description="Let nobody in without a credential, also without a token issuer.",
    )
    auth_revoked_file: Path | None = Field(None, description="List of revoked tokens.")

    # --- what one operation may ask for, and one caller in a minute
    trusted_documents: Path = Field(
        Path("schema/trusted-documents.json"),
        description="The documents that `production` executes for everyone.",
    )
    limit_tokens: int = Field(2_500, ge=100, description="Tokens of a document.")
    limit_depth: int = Field(12, ge=3, description="Levels of a document.")
    limit_aliases: int = Field(50, ge=0, description="Aliases of an operation.")
    limit_directives: int = Field(50, ge=0, description="Directives of an operation.")
    limit_root_fields: int = Field(20, ge=1, description="Root fields of an operation.")
    limit_fields: int = Field(2_000, ge=10, description="Fields of an operation.")
    limit_list: int = Field(MAX_PAGE, ge=1, le=MAX_PAGE, description="Rows of a page (`first`).")
    limit_input_values: int = Field(10_000, ge=10, description="Values in the variables.")
    limit_cost: int = Field(50_000, ge=100, description="Estimated cost of an operation.")
    cost_per_minute: int = Field(
        1_000_000, ge=1_000, description="Estimated cost of one caller's operations in a minute."
    )
    live_connections: int = Field(12_000, ge=1, description="Open live connections.")
    live_subscriptions: int = Field(50_000, ge=1, description="Open subscriptions.")
    live_connections_per_caller: int = Field(
        100, ge=1, description="Open live connections of one caller."
    )
    live_subscriptions_per_caller: int = Field(
        500, ge=1, description="Open subscriptions of one caller."
    )
    live_subscriptions_per_connection: int = Field(
        100, ge=1, description="Running operations of one socket."
    )

    # --- Supabase
    supabase_url: str | None = Field(None, description="Project address.")
    supabase_key: SecretStr | None = Field(None, description="Service key; stays on the server.")
    supabase_poll_seconds: float = Field(
        2.0, gt=0, description="Longest pause between two looks at Supabase."
    )
    supabase_timeout_seconds: float = Field(5.0, gt=0, description="Longest wait for an answer.")

    # --- Twilio
    twilio_account_sid: str | None = Field(None, description="AC…")
    twilio_auth_token: SecretStr | None = Field(None, description="Its token.")
    twilio_from: str | None = Field(None, description="Sender number, E.164.")
    twilio_messaging_service_sid: str | None = Field(
        None, description="MG…, instead of a sender number."
    )
    twilio_studio_flow_sid: str | None = Field(
        None, description="FW…, for notifications that run a Studio flow."
    )
    twilio_base_url: str | None = Field(
        None, description="Another address in place of Twilio's, for tests and proxies."
    )
    twilio_timeout_seconds: float = Field(
        10.0,
        gt=0,
        lt=15,
        description="Longest wait for an answer; less than the 15 s that the queue gives a try.",
    )
    twilio_messages_per_second: float | None = Field(
        None,
        gt=0,
        description="Most messages started in a second, by all gateways on the queue; unset: no limit.",
    )
    twilio_sync_hour: int = Field(
        5,
        ge=-1,
        le=23,
        description="Hour of the UTC day at which usage and prices are read; -1: only when somebody asks.",
    )
    public_url: str | None = Field(
        None, description="How Twilio reaches this gateway with its status reports, https://…"
    )

    # --- who may be texted, and how much
    notify_recipient: str | None = Field(
        None, description="Where the demo notification and those without a recipient go, E.164."
    )
    notify_allowed: CommaList = Field(
        (), description="Recipients that may be texted: E.164 numbers, or prefixes ending in *."
    )
    notify_per_recipient_daily: int = Field(
        20, ge=0, description="Messages to one recipient in 24 hours."
    )
    notify_total_daily: int = Field(200, ge=0, description="Messages to everyone in 24 hours.")
    notify_daily_budget: Decimal = Field(
        Decimal("10.00"), ge=0, description="Money for messages in 24 hours."
    )
    notify_price_per_segment: Decimal = Field(
        Decimal("0.0083"), ge=0, description="What a segment is taken to cost."
    )

    # --- clients of the gateway (command line)
    twilio_negotiation_endpoint: str | None = Field(
        None, description="GraphQL address that commands and the terminal companion talk to."
    )
    twilio_negotiation_token: SecretStr | None = Field(
        None, description="Bearer token that commands and the terminal companion send."
    )

    @field_validator("allowed_hosts", "allowed_origins", "notify_allowed", mode="before")
    @classmethod
    def _split(cls, value: Any) -> Any:
        if isinstance(value, str):
            return tuple(part.strip() for part in value.split(",") if part.strip())
        return value

    @field_validator("log_level")
    @classmethod
    def _known_level(cls, value: str) -> str:
        if value.upper() not in {"DEBUG", "INFO", "WARNING", "ERROR"}:
            raise ValueError("must be DEBUG, INFO, WARNING or ERROR")
        return value.upper()

    @field_validator("auth_jwt_secret")
    @classmethod
    def _long_enough(cls, value: SecretStr | None) -> SecretStr | None:
        if value is not None and len(value.get_secret_value().encode()) < 32:
            raise ValueError("must have 32 bytes or more: a short secret can be guessed")
        return value

    @field_validator("allowed_origins")
    @classmethod
    def _no_wildcard(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        if "*" in value:
            raise ValueError("must list sites; `*` would let every page on the internet in")
        return tuple(origin.rstrip("/") for origin in value)

    @field_validator("auth_jwks_url", "twilio_base_url", "twilio_negotiation_endpoint")
    @classmethod
    def _an_address(cls, value: str | None) -> str | None:
        if value is not None and not value.startswith(("http://", "https://")):
            raise ValueError("must start with https:// (or http://)")
        return value

    @field_validator("public_url")
    @classmethod
    def _a_place(cls, value: str | None) -> str | None:
        if value is None:
            return None
        if not value.startswith(("http://", "https://")) or not urlsplit(value).hostname:
            raise ValueError("must be an address such as https://gateway.example.com")
        if urlsplit(value).query or urlsplit(value).fragment:
            raise ValueError("must end with the host or a path, without `?` or `#`")
        return value.rstrip("/")

    @field_validator("notify_recipient")
    @classmethod
    def _a_number(cls, value: str | None) -> str | None:
        if value is not None and E164.fullmatch(value) is None:
            raise ValueError("must be a number in E.164, such as +14155550123")
        return value

    @field_validator("notify_allowed")
    @classmethod
    def _numbers_or_prefixes(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        for entry in value:
            if E164.fullmatch(entry) is None and E164_PREFIX.fullmatch(entry) is None:
                raise ValueError(
                    "must list numbers in E.164, such as +14155550123, or prefixes such as +1415*"
                )
        return value

    @field_validator("cost_per_minute")
    @classmethod
    def _enough_for_one(cls, value: int, info: ValidationInfo) -> int:
        if value < info.data.get("limit_cost", 0):
            raise ValueError("must be no less than LIMIT_COST, or nothing of that cost ever runs")
        return value

    @property
    def authentication_configured(self) -> bool:
        return self.tokens_configured or self.auth_required

    @property
    def tokens_configured(self) -> bool:
        return self.auth_jwks_url is not None or self.auth_jwt_secret is not None

    @property
    def limits(self) -> Limits:
        from graph.limits import Limits

        return Limits(
            tokens=self.limit_tokens,
            depth=self.limit_depth,
            aliases=self.limit_aliases,
            directives=self.limit_directives,
            root_fields=self.limit_root_fields,
            fields=self.limit_fields,
            list=self.limit_list,
            input_values=self.limit_input_values,
            cost=self.limit_cost,
        )

    @property
    def listens_on_loopback_only(self) -> bool:
        if self.bind_host == "localhost":
            return True
        try:
            return ip_address(self.bind_host).is_loopback
        except ValueError:
            return False

    @property
    def database_path(self) -> Path:
        return self.data_dir / "negotiation.sqlite3"

    @property
    def url(self) -> str:
        host = f"[{self.bind_host}]" if ":" in self.bind_host else self.bind_host
        return f"http://{host}:{self.port}"


def refusal_to_listen(settings: Settings) -> str | None:
    """Why this gateway must not start listening, or None: open to the network without a lock."""
    if settings.listens_on_loopback_only or settings.authentication_configured:
        return None
    return (
        f"Refusing to listen on {settings.bind_host}: without authentication everyone who can reach it would be "
        "the operator. Set AUTH_JWKS_URL (or AUTH_JWT_SECRET) to the token issuer's, or AUTH_REQUIRED=true to let in machine keys "
        "only, or bind 127.0.0.1."
    )


def explain(error: ValidationError) -> str:
    """One line per wrong variable: its name, what is wrong. Never its value: it may be a secret."""
    return "\n".join(
        f"{'.'.join(str(part) for part in fault['loc']).upper()}: {fault['msg'].removeprefix('Value error, ')}"
        for fault in error.errors(include_input=False, include_url=False)
    )
