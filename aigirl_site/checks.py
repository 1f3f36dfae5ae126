"""System checks: combinations of settings that would hurt later, each with an id and a mend.

Ids are stable. `manage.py check` runs them, and so does every start of the service; errors stop it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any
from urllib.parse import unquote, urlsplit

from django.conf import settings
from django.core.checks import CheckMessage, Error, Info
from django.core.checks import Warning as Caution
from django.utils import timezone
from django.utils.translation import gettext as _

from aigirl_site.defaults import is_default
from aigirl_site.env import LOOPBACK_HOSTS, Env
from channels_app.outbound import is_near
from workers.brain import catalogue as models
from workers.voice import prices as voices

SHORTEST_SECRET_KEY = 32
"""Characters; Django's own check asks for 50 of a generated key, a pass phrase may be shorter."""
SECRETS = (
    "SECRET_KEY", "FIELD_KEYS", "TWITCH_CLIENT_ID", "TWITCH_CLIENT_SECRET", "LLM_API_KEY", "LLM_SPARE_API_KEY",
    "SPEECH_API_KEY", "MODERATION_API_KEY", "JUDGE_API_KEY", "EMBEDDINGS_API_KEY", "STRIPE_SECRET_KEY",
    "STRIPE_WEBHOOK_SECRET",
)  # fmt: skip
PROVIDERS = ((8, "SPEECH"), (9, "MODERATION"), (10, "LLM"), (16, "JUDGE"), (18, "LLM_SPARE"), (19, "EMBEDDINGS"))
"""Providers that are asked with a key, each with the number of the warning that it has none."""
STORES = ("DATABASE_URL", "REDIS_URL", "BROKER_URL")
"""Addresses that hold a password."""
FOR_KEY = 'python -c "import secrets; print(secrets.token_urlsafe(48))"'
FOR_FIELD_KEY = 'python -c "from cryptography.fernet import Fernet; print(Fernet.generate_key().decode())"'
FOR_ADDRESS = 'python -c "import secrets; print(secrets.token_hex(24))"'
"""Letters and digits only, as it must fit into an address."""

ENDING_SOON = timedelta(days=60)
"""Before a model's last day."""

Rule = Callable[[Env], Iterator[CheckMessage]]


def settings_fit(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """The check Django runs."""
    return problems(settings.ENV)


def problems(env: Env) -> list[CheckMessage]:
    """Everything wrong with this environment, errors and warnings."""
    return [message for rule in RULES for message in rule(env)]


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


def default_secrets(env: Env) -> Iterator[CheckMessage]:
    for name in SECRETS:
        value = plain(env, name)
        if name == "FIELD_KEYS":
            value = value.partition(",")[0]  # the one that encrypts; the others only read what is old
        if is_default(value) and not _is_for_own_server(env, name):
            yield Error(
                _("{name} has the value of an example, or one that is easily guessed.").format(name=name),
                hint=_better(env, name),
                id="aigirl.E006",
            )


def default_passwords(env: Env) -> Iterator[CheckMessage]:
    for name in STORES:
        url = plain(env, name)
        parts = urlsplit(url)
        at_home = env.is_loopback and is_near(url)
        password = unquote(parts.password or "")
        guessed = is_default(password) or (password and password == parts.username)
        hint = _("Set a password of its own on that server, and put it into {name}. Make one with: {command}").format(
            name=name, command=FOR_ADDRESS
        )
        if guessed and at_home:
            yield Info(
                _("The password in {name} is easily guessed; give that server another before others reach it.").format(
                    name=name
                ),
                hint=hint,
                id="aigirl.I015",
            )
        elif guessed:
            yield Error(
                _("The password in {name} is that of an example, or easily guessed.").format(name=name),
                hint=hint,
                id="aigirl.E016",
            )
        elif not password and _lets_anybody_in(parts.scheme, near=is_near(url), at_home=at_home):
            yield Caution(
                _("{name} leads to {host} without a password: whoever reaches that server could use it.").format(
                    name=name, host=parts.hostname
                ),
                hint=hint,
                id="aigirl.W017",
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
    for number, kind in PROVIDERS:
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
    for _number, kind in PROVIDERS:
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
            hint=_better(env, "SECRET_KEY"),
            id="aigirl.E014",
        )


def ending_models(env: Env) -> Iterator[CheckMessage]:
    today = timezone.now().date()
    asked = (
        ("LLM_MODEL", env.LLM_BASE_URL if env.has_llm else "", models.last_day),
        ("LLM_SPARE_MODEL", (env.LLM_SPARE_BASE_URL or env.LLM_BASE_URL) if env.has_spare_llm else "", models.last_day),
        ("SPEECH_MODEL", env.SPEECH_BASE_URL, voices.last_day),
    )
    for name, url, last_day in asked:
        host, model = urlsplit(url).hostname or "", plain(env, name)
        last = last_day(host, model)
        if last is None or last - today > ENDING_SOON:
            continue
        over = last <= today
        what = (
            _("{name} is {model}, which {host} switched off on {date}.")
            if over
            else _("{name} is {model}, which {host} will switch off on {date}.")
        )
        yield Caution(
            what.format(name=name, model=model, host=host, date=last.isoformat()),
            hint=_("Choose another model and write its name into {name} (docs/costs.md).").format(name=name),
            id="aigirl.W021" if over else "aigirl.W020",
        )


def _is_for_own_server(env: Env, name: str) -> bool:
    """Such a server, a simulator too, asks for no key, or for any word."""
    where = {"TWITCH": "TWITCH_AUTH_URL", "STRIPE": "STRIPE_API_URL"}.get(name.partition("_")[0])
    if where is None and name.endswith("_API_KEY"):
        where = name.replace("_API_KEY", "_BASE_URL")
    url = plain(env, where) if where else ""
    return bool(url) and is_near(url)


def _lets_anybody_in(scheme: str, *, near: bool, at_home: bool) -> bool:
    """Whether such a server takes everybody who names no password. A Postgres decides that by its own rules."""
    if scheme in {"amqp", "amqps", "pyamqp"}:
        return not at_home  # it is asked as guest, whom every fresh RabbitMQ lets in
    return scheme in {"redis", "rediss"} and not near


def _better(env: Env, name: str) -> str:
    """How to come by a good value."""
    if name == "FIELD_KEYS":
        return _(
            "Put a new key before it, run python manage.py reencrypt, take this one out. Make one with: {command}"
        ).format(command=FOR_FIELD_KEY)
    if name.startswith("TWITCH_"):
        return _("Both stand on your application's page in the Twitch developer console (docs/setup.md).")
    if name != "SECRET_KEY":
        return _("Put the real value there, or leave it empty.")
    if uses_sqlite(env):
        return _("Leave it empty, and one is made and kept; or make one with: {command}").format(command=FOR_KEY)
    return _("Make one with: {command}").format(command=FOR_KEY)


def _here(url: str) -> bool:
    host = urlsplit(url).hostname
    return host is None or host in LOOPBACK_HOSTS


def half_a_stripe(env: Env) -> Iterator[CheckMessage]:
    if env.is_loopback or not env.has_stripe:
        return
    if not env.STRIPE_WEBHOOK_SECRET.get_secret_value():
        yield Caution(
            _("STRIPE_SECRET_KEY is set and STRIPE_WEBHOOK_SECRET is not: what is paid is only noticed once a day."),
            hint=_("Make a webhook endpoint at Stripe and put its signing secret there (docs/billing.md)."),
            id="aigirl.W022",
        )
    if not env.has_mail:
        yield Caution(
            _("Plans are sold and no mail can be sent: nobody is told of a failed payment."),
            hint=_("Fill in EMAIL_SERVER and EMAIL_FROM."),
            id="aigirl.W023",
        )


RULES: tuple[Rule, ...] = (
    https, debug, one_machine_database, kept_secrets, default_secrets, default_passwords, twitch_pair,
    keyless_providers, readable_keys, own_host, weak_secret, ending_models, half_a_stripe,
)  # fmt: skip
