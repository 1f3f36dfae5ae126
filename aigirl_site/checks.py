"""System checks: combinations of settings that would hurt later, each with an id and a mend.

Ids are stable. `manage.py check` runs them, and so does every start of the service; errors stop it.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.checks import CheckMessage, Error
from django.core.checks import Warning as Caution
from django.utils.translation import gettext as _

from aigirl_site.env import LOOPBACK_HOSTS, Env

PLACEHOLDERS = ("change-me", "changeme", "your-", "<", "xxxx", "replace-me")
"""Beginnings of values people copy from examples and forget."""
SHORTEST_SECRET_KEY = 32
"""Characters; Django's own check asks for 50 of a generated key, a pass phrase may be shorter."""
SECRETS = (
    "SECRET_KEY", "TWITCH_CLIENT_ID", "TWITCH_CLIENT_SECRET", "LLM_API_KEY", "SPEECH_API_KEY", "MODERATION_API_KEY",
    "STRIPE_SECRET_KEY", "STRIPE_WEBHOOK_SECRET",
)  # fmt: skip

Rule = Callable[[Env], Iterator[CheckMessage]]


def settings_fit(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """The check Django runs."""
    return problems(settings.ENV)


def problems(env: Env) -> list[CheckMessage]:
    """Everything wrong with this environment, errors and warnings."""
    return [message for rule in RULES for message in rule(env)]


def is_near(url: str) -> bool:
    """Whether this URL leads to this machine or its private network: a server of one's own."""
    host = urlsplit(url).hostname or ""
    if not host or host in LOOPBACK_HOSTS or "." not in host or host.endswith((".local", ".internal", ".lan")):
        return True  # a bare name is a container or a machine of the same network; no host is a unix socket
    try:
        return not ipaddress.ip_address(host).is_global
    except ValueError:
        return False


def uses_sqlite(env: Env) -> bool:
    return env.database_url.startswith("sqlite")


def plain(env: Env, name: str) -> str:
    """The setting's value, whether it is a secret or not."""
    value = getattr(env, name)
    if isinstance(value, list):
        return ",".join(value)
    return "" if value is None else str(getattr(value, "get_secret_value", lambda: value)())


def https(env: Env) -> Iterator[CheckMessage]:
    if not env.is_loopback and env.SITE_URL.startswith("http://"):
        yield Error(
            _("SITE_URL is {url}: people would sign in over a connection anybody can read.").format(url=env.SITE_URL),
            hint=_("Put a reverse proxy with a certificate in front and write SITE_URL=https://… (docs/setup.md)."),
            id="aigirl.E001",
        )


def debug(env: Env) -> Iterator[CheckMessage]:
    if env.DEBUG and not env.is_loopback:
        yield Error(
            _("DEBUG is on for a site other people reach: error pages would show them its insides."),
            hint=_("Remove DEBUG from the environment."),
            id="aigirl.E002",
        )


def one_machine_database(env: Env) -> Iterator[CheckMessage]:
    if uses_sqlite(env) and not env.embeds_redis and not _here(env.REDIS_URL):
        yield Caution(
            _("Redis is on another machine but the database is a SQLite file, which only one machine can use."),
            hint=_("For several machines set DATABASE_URL=postgres://…; for one machine this is fine."),
            id="aigirl.W003",
        )


def kept_secrets(env: Env) -> Iterator[CheckMessage]:
    if env.is_loopback or uses_sqlite(env):
        return
    for name in ("SECRET_KEY", "FIELD_KEYS"):
        if not plain(env, name):
            yield Error(
                _(
                    "{name} is not set, so each machine would make one of its own, and read nothing the others wrote."
                ).format(name=name),
                hint=_("Copy the value from {path} into {name}, the same on every machine.").format(
                    path=env.DATA_DIR / "secrets", name=name
                ),
                id="aigirl.E004" if name == "FIELD_KEYS" else "aigirl.E005",
            )


def placeholders(env: Env) -> Iterator[CheckMessage]:
    for name in SECRETS:
        if plain(env, name).lower().startswith(PLACEHOLDERS):
            yield Error(
                _("{name} still has the value of an example.").format(name=name),
                hint=_("Put the real value there, or leave it empty."),
                id="aigirl.E006",
            )


def twitch_pair(env: Env) -> Iterator[CheckMessage]:
    has_id, has_secret = bool(env.TWITCH_CLIENT_ID), bool(plain(env, "TWITCH_CLIENT_SECRET"))
    if has_id != has_secret:
        missing = "TWITCH_CLIENT_SECRET" if has_id else "TWITCH_CLIENT_ID"
        yield Error(
            _("{name} is missing: Twitch needs both the client ID and the client secret.").format(name=missing),
            hint=_("Both stand on your application's page in the Twitch developer console (docs/setup.md)."),
            id="aigirl.E007",
        )


def keyless_providers(env: Env) -> Iterator[CheckMessage]:
    for number, kind in ((8, "SPEECH"), (9, "MODERATION"), (10, "LLM")):
        url = plain(env, f"{kind}_BASE_URL")
        wanted = url and (kind != "LLM" or "LLM_BASE_URL" in env.model_fields_set)
        if wanted and not is_near(url) and not plain(env, f"{kind}_API_KEY"):
            yield Caution(
                _("{kind}_BASE_URL leads to {host}, but {kind}_API_KEY is empty.").format(
                    kind=kind, host=urlsplit(url).hostname
                ),
                hint=_("Set {kind}_API_KEY to your key there, or empty {kind}_BASE_URL.").format(kind=kind),
                id=f"aigirl.W{number:03d}",
            )


def readable_keys(env: Env) -> Iterator[CheckMessage]:
    for kind in ("LLM", "SPEECH", "MODERATION"):
        url = plain(env, f"{kind}_BASE_URL")
        if url.startswith("http://") and not is_near(url) and plain(env, f"{kind}_API_KEY"):
            yield Error(
                _("{kind}_API_KEY would be sent to {host} without encryption.").format(
                    kind=kind, host=urlsplit(url).hostname
                ),
                hint=_("Write https:// in {kind}_BASE_URL.").format(kind=kind),
                id="aigirl.E011",
            )


def own_host(env: Env) -> Iterator[CheckMessage]:
    allowed = [host.lower() for host in env.hosts]
    fits = any(
        host == "*" or host == env.site_host or (host.startswith(".") and f".{env.site_host}".endswith(host))
        for host in allowed
    )
    if not fits:
        yield Error(
            _("ALLOWED_HOSTS does not contain {host}, the host of SITE_URL: every page would answer 400.").format(
                host=env.site_host
            ),
            hint=_("Add {host} to ALLOWED_HOSTS, or leave ALLOWED_HOSTS empty.").format(host=env.site_host),
            id="aigirl.E012",
        )
    elif "*" in allowed and not env.is_loopback:
        yield Caution(
            _("ALLOWED_HOSTS lets the site answer to any name, so links in it could be made to lead elsewhere."),
            hint=_("Name the hosts, or leave ALLOWED_HOSTS empty."),
            id="aigirl.W013",
        )


def weak_secret(env: Env) -> Iterator[CheckMessage]:
    if not env.is_loopback and 0 < len(plain(env, "SECRET_KEY")) < SHORTEST_SECRET_KEY:
        yield Error(
            _("SECRET_KEY is shorter than {count} characters: sessions and overlay URLs could be guessed.").format(
                count=SHORTEST_SECRET_KEY
            ),
            hint=_("Make one with: {command}").format(
                command='python -c "import secrets; print(secrets.token_urlsafe(48))"'
            ),
            id="aigirl.E014",
        )


def _here(url: str) -> bool:
    host = urlsplit(url).hostname
    return host is None or host in LOOPBACK_HOSTS


RULES: tuple[Rule, ...] = (
    https, debug, one_machine_database, kept_secrets, placeholders, twitch_pair, keyless_providers, readable_keys,
    own_host, weak_secret,
)  # fmt: skip
