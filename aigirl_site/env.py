"""The typed environment: the only place that reads environment variables and `.env`.

Wrong values are refused at start with the variable's name. Secrets that are not set are made once and kept in the
data directory, so there is no default secret anybody could know.
"""

from __future__ import annotations

import hashlib
import os
import platform
import secrets
import sys
import tempfile
from functools import cached_property
from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

from cryptography.fernet import Fernet
from pydantic import Field, SecretStr, ValidationError, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

ROOT = Path(__file__).resolve().parent.parent
LOOPBACK_HOSTS = frozenset({"127.0.0.1", "localhost", "::1"})
MAX_SOCKET_PATH = 100
"""Bytes a unix socket path may have on every system we run on (macOS: 104, Linux: 108)."""

CommaList = Annotated[list[str], NoDecode]
Prices = Annotated[tuple[float, float, float, float], NoDecode]
"""US dollars per million tokens: read, read from the provider's cache, written to it, answered."""


class Env(BaseSettings):
    """Every setting the outside can rely on; documented in docs/configuration.md."""

    # AIGIRL_ENV_FILE names another file, or none when it is empty: tests must not see anybody's keys.
    model_config = SettingsConfigDict(
        env_file=os.environ.get("AIGIRL_ENV_FILE", str(ROOT / ".env")) or None, env_ignore_empty=True, extra="ignore"
    )

    SECRET_KEY: SecretStr | None = None
    FIELD_KEYS: CommaList = Field(default_factory=list, repr=False)
    SITE_URL: str = "http://127.0.0.1:8000"
    ALLOWED_HOSTS: CommaList = Field(default_factory=list)
    DEBUG: bool = False
    DATABASE_URL: str = Field(default="", repr=False)
    REDIS_URL: str = Field(default="", repr=False)
    REDIS_PREFIX: str = "aigirl"
    BROKER_URL: str = Field(default="", repr=False)
    LAYER_URLS: CommaList = Field(default_factory=list, repr=False)
    DATA_DIR: Path = ROOT / "var"
    NODE_NAME: str = Field(default="", pattern=r"^[\w.-]{0,60}$")
    LEASE_SECONDS: float = Field(default=6.0, ge=2.0, le=60.0)
    LOG_FORMAT: Literal["line", "json"] = "line"
    METRICS_TOKEN: SecretStr = SecretStr("")

    TWITCH_CLIENT_ID: str = ""
    TWITCH_CLIENT_SECRET: SecretStr = SecretStr("")
    TWITCH_API_URL: str = "https://api.twitch.tv/helix"
    TWITCH_AUTH_URL: str = "https://id.twitch.tv/oauth2"
    TWITCH_EVENTSUB_URL: str = "wss://eventsub.wss.twitch.tv/ws"
    GATEWAYS: int = Field(default=1, ge=1, le=100)

    LLM_API_KEY: SecretStr = SecretStr("")
    LLM_BASE_URL: str = "https://api.openai.com/v1"
    LLM_MODEL: str = "gpt-6-luna"
    LLM_API: Literal["chat", "responses"] = "chat"
    LLM_PRICES: Prices | None = None
    LLM_SPARE_API_KEY: SecretStr = SecretStr("")
    LLM_SPARE_BASE_URL: str = ""
    LLM_SPARE_MODEL: str = ""
    LLM_SPARE_PRICES: Prices | None = None
    LLM_PATIENCE: float = Field(default=2.0, ge=0.2, le=5.0)
    LLM_CONCURRENCY: int = Field(default=200, ge=0)
    CHANNEL_TOKENS_PER_MINUTE: int = Field(default=200_000, ge=0)

    SPEECH_API_KEY: SecretStr = SecretStr("")
    SPEECH_BASE_URL: str = ""
    SPEECH_MODEL: str = "tts-1"
    SPEECH_VOICE: str = "alloy"
    SPEECH_PRICE: float | None = Field(default=None, ge=0, allow_inf_nan=False)
    SPEECH_CONCURRENCY: int = Field(default=200, ge=0)

    MODERATION_API_KEY: SecretStr = SecretStr("")
    MODERATION_BASE_URL: str = ""
    MODERATION_MODEL: str = "omni-moderation-latest"

    JUDGE_API_KEY: SecretStr = SecretStr("")
    JUDGE_BASE_URL: str = ""
    JUDGE_MODEL: str = "gpt-6-luna"
    JUDGE_PRICES: Prices | None = None
    EMBEDDINGS_API_KEY: SecretStr = SecretStr("")
    EMBEDDINGS_BASE_URL: str = ""
    EMBEDDINGS_MODEL: str = "text-embedding-3-small"

    KEEP_CHAT_HOURS: int = Field(default=23, ge=1, le=23)
    KEEP_FACT_DAYS: int = Field(default=60, ge=1, le=60)
    KEEP_CASE_DAYS: int = Field(default=30, ge=1, le=30)
    KEEP_EXPORT_DAYS: int = Field(default=7, ge=1, le=7)
    KEEP_AUDIT_DAYS: int = Field(default=365, ge=30, le=3650)
    KEEP_PAID_DAYS: int = Field(default=365, ge=30, le=3650)

    CHANNEL_HOURLY_CEILING: float = Field(default=2.0, ge=0)
    CHANNEL_DAILY_CEILING: float = Field(default=10.0, ge=0)
    SITE_DAILY_CEILING: float = Field(default=0.0, ge=0)

    STRIPE_SECRET_KEY: SecretStr = SecretStr("")
    STRIPE_WEBHOOK_SECRET: SecretStr = SecretStr("")
    STRIPE_API_URL: str = "https://api.stripe.com"
    STRIPE_TAX: bool = False
    EMAIL_SERVER: str = Field(default="", repr=False)
    EMAIL_FROM: str = ""

    @field_validator("FIELD_KEYS", "ALLOWED_HOSTS", "LAYER_URLS", mode="before")
    @classmethod
    def _comma_separated(cls, value: Any) -> Any:
        return [part.strip() for part in value.split(",") if part.strip()] if isinstance(value, str) else value

    @field_validator("FIELD_KEYS")
    @classmethod
    def _fernet_keys(cls, value: list[str]) -> list[str]:
        for number, key in enumerate(value, start=1):
            try:
                Fernet(key)
            except ValueError:
                # `from None`: the key must not stand in the traceback.
                raise ValueError(f"key {number} is not a Fernet key (32 bytes, url-safe base64)") from None
        return value

    @field_validator("LLM_PRICES", "LLM_SPARE_PRICES", "JUDGE_PRICES", mode="before")
    @classmethod
    def _four_prices(cls, value: Any) -> Any:
        if not isinstance(value, str):
            return value
        try:
            prices = tuple(float(part) for part in value.split(","))
        except ValueError:
            prices = ()
        if len(prices) != 4 or min(prices) < 0:
            raise ValueError("must be four prices with commas between, such as 0.10,0.01,0.125,0.50")
        return prices

    @field_validator("DATA_DIR")
    @classmethod
    def _absolute(cls, value: Path) -> Path:
        value = value.expanduser()
        return value if value.is_absolute() else ROOT / value

    @field_validator(
        "SITE_URL", "TWITCH_API_URL", "TWITCH_AUTH_URL", "LLM_BASE_URL", "LLM_SPARE_BASE_URL", "SPEECH_BASE_URL",
        "MODERATION_BASE_URL", "JUDGE_BASE_URL", "EMBEDDINGS_BASE_URL", "STRIPE_API_URL",
    )  # fmt: skip
    @classmethod
    def _http_url(cls, value: str) -> str:
        if value and (urlsplit(value).scheme not in {"http", "https"} or not urlsplit(value).hostname):
            raise ValueError("must be a URL that begins with http:// or https://")
        return value.rstrip("/")

    @field_validator("TWITCH_EVENTSUB_URL")
    @classmethod
    def _ws_url(cls, value: str) -> str:
        if urlsplit(value).scheme not in {"ws", "wss"} or not urlsplit(value).hostname:
            raise ValueError("must be a URL that begins with ws:// or wss://")
        return value

    @field_validator("EMAIL_SERVER")
    @classmethod
    def _mail_url(cls, value: str) -> str:
        if value and (urlsplit(value).scheme not in {"smtp", "smtps"} or not urlsplit(value).hostname):
            raise ValueError("must be a URL that begins with smtp:// or smtps://")
        return value

    @field_validator("REDIS_URL")
    @classmethod
    def _redis_url(cls, value: str) -> str:
        if value and urlsplit(value).scheme not in {"redis", "rediss", "unix"}:
            raise ValueError("must begin with redis://, rediss:// or unix://")
        return value

    @field_validator("LAYER_URLS")
    @classmethod
    def _redis_urls(cls, value: list[str]) -> list[str]:
        return [cls._redis_url(url) for url in value]

    @field_validator("BROKER_URL")
    @classmethod
    def _broker_url(cls, value: str) -> str:
        if value and urlsplit(value).scheme not in {"redis", "rediss", "redis+socket", "amqp", "amqps"}:
            raise ValueError("must begin with redis://, rediss://, redis+socket://, amqp:// or amqps://")
        return value

    @property
    def site_host(self) -> str:
        return urlsplit(self.SITE_URL).hostname or ""

    @property
    def node_name(self) -> str:
        """Name of this machine in the fleet."""
        return self.NODE_NAME or platform.node()[:60]

    @property
    def is_loopback(self) -> bool:
        """Whether the site is reached on this machine only."""
        return self.site_host in LOOPBACK_HOSTS

    @property
    def site_file(self) -> Path:
        """Holds the address of the service that runs with this data directory, or ran last."""
        return self.DATA_DIR / "run" / "site"

    @property
    def running_site(self) -> str:
        """The address to ask the service at: on one's own machine its port may have been chosen at its start."""
        if self.is_loopback and "SITE_URL" not in self.model_fields_set and self.site_file.exists():
            return self.site_file.read_text()
        return self.SITE_URL

    @property
    def has_twitch(self) -> bool:
        return bool(self.TWITCH_CLIENT_ID and self.TWITCH_CLIENT_SECRET.get_secret_value())

    @property
    def has_llm(self) -> bool:
        """A key, or a server of one's own that needs none (any base URL other than the default)."""
        return bool(self.LLM_API_KEY.get_secret_value()) or "LLM_BASE_URL" in self.model_fields_set

    @property
    def has_spare_llm(self) -> bool:
        """Another model to fall back on; without an address of its own it is one more of the same provider."""
        return self.has_llm and bool(self.LLM_SPARE_MODEL)

    @property
    def has_speech(self) -> bool:
        return bool(self.SPEECH_BASE_URL)

    @property
    def has_moderation(self) -> bool:
        return bool(self.MODERATION_BASE_URL)

    @property
    def has_stripe(self) -> bool:
        """Whether this site sells plans; without a key every channel has everything."""
        return bool(self.STRIPE_SECRET_KEY.get_secret_value())

    @property
    def has_mail(self) -> bool:
        return bool(self.EMAIL_SERVER and self.EMAIL_FROM)

    @property
    def has_judge(self) -> bool:
        return bool(self.JUDGE_BASE_URL)

    @property
    def hosts(self) -> list[str]:
        local = [*sorted(LOOPBACK_HOSTS - {"::1"}), "[::1]"] if self.is_loopback else []
        return self.ALLOWED_HOSTS or [self.site_host, *local]

    @property
    def database_url(self) -> str:
        return self.DATABASE_URL or f"sqlite:///{self.DATA_DIR / 'aigirl.sqlite3'}"

    @property
    def embeds_redis(self) -> bool:
        return not self.REDIS_URL

    @property
    def redis_socket(self) -> Path:
        """Socket of the embedded server: in the data directory, or in a short one where that path is too long."""
        path = self.DATA_DIR / "run" / "valkey.sock"
        if len(str(path).encode()) <= MAX_SOCKET_PATH:
            return path
        digest = hashlib.sha256(str(self.DATA_DIR).encode()).hexdigest()[:12]
        return Path(tempfile.gettempdir()) / f"aigirl-{digest}" / "valkey.sock"

    @property
    def redis_url(self) -> str:
        return self.REDIS_URL or f"unix://{self.redis_socket}"

    @property
    def layer_urls(self) -> list[str]:
        """The servers that carry what processes tell each other; what belongs to one channel goes over one of them."""
        return self.LAYER_URLS or [self.redis_url]

    @property
    def broker_url(self) -> str:
        if self.BROKER_URL:
            return self.BROKER_URL
        return self.redis_url.replace("unix://", "redis+socket://", 1)

    @cached_property
    def secret_key(self) -> str:
        if self.SECRET_KEY is not None:
            return self.SECRET_KEY.get_secret_value()
        return self._kept_secret("secret_key", lambda: secrets.token_urlsafe(48))

    @cached_property
    def field_keys(self) -> list[str]:
        return self.FIELD_KEYS or [self._kept_secret("field_key", lambda: Fernet.generate_key().decode())]

    def _kept_secret(self, name: str, make: Any) -> str:
        path = self.DATA_DIR / "secrets" / name
        if path.exists():
            return path.read_text().strip()
        try:
            path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            # Exclusive: of two processes that start together one writes, the other reads what was written.
            with path.open("x") as file:
                path.chmod(0o600)
                value = str(make())
                file.write(value)
            return value
        except FileExistsError:
            return path.read_text().strip()
        except OSError as error:
            sys.exit(
                f"The data directory {self.DATA_DIR} cannot be written to ({error.strerror}); "
                "choose another with --data DIR or DATA_DIR, or give this user the right to write there."
            )


def read() -> Env:
    """The environment, or the end of the process with one line for each wrong value."""
    try:
        return Env()
    except ValidationError as error:
        # Only names and messages: the offending value may be a secret.
        lines = [f"  {'.'.join(map(str, item['loc']))}: {item['msg']}" for item in error.errors()]
        sys.exit("These settings are wrong (environment or .env):\n" + "\n".join(lines))


env = read()
