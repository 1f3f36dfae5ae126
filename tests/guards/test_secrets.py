"""Secrets stay out of whatever a person might print or paste."""

from __future__ import annotations

from pathlib import Path

import pytest
from cryptography.fernet import Fernet

from aigirl_site import env as environment
from aigirl_site.env import Env

FIELD_KEY = Fernet.generate_key().decode()
SECRET = {
    "SECRET_KEY": "hush-django",
    "FIELD_KEYS": FIELD_KEY,
    "DATABASE_URL": "postgres://aigirl:hush-database@db/aigirl",
    "REDIS_URL": "redis://:hush-redis@cache/0",
    "BROKER_URL": "amqp://aigirl:hush-broker@queue/",
    "LAYER_URLS": "redis://:hush-layer@one/0,redis://:hush-layer@two/0",
    "TWITCH_CLIENT_SECRET": "hush-twitch",
    "LLM_API_KEY": "hush-llm",
    "LLM_SPARE_API_KEY": "hush-spare",
    "SPEECH_API_KEY": "hush-speech",
    "MODERATION_API_KEY": "hush-moderation",
    "JUDGE_API_KEY": "hush-judge",
    "EMBEDDINGS_API_KEY": "hush-embeddings",
    "STRIPE_SECRET_KEY": "hush-stripe",
    "STRIPE_WEBHOOK_SECRET": "hush-webhook",
    "METRICS_TOKEN": "hush-metrics",
    "EMAIL_SERVER": "smtp://aigirl:hush-mail@mail/",
}
PUBLIC_ENDINGS = (
    "_FORMAT",
    "_URL",
    "_API",
    "_PRICE",
    "_PRICES",
    "_CEILING",
    "_PATIENCE",
    "_HOSTS",
    "_MODEL",
    "_VOICE",
    "_DIR",
    "_ID",
    "_PREFIX",
    "_DAYS",
    "_HOURS",
    "_SECONDS",
    "_NAME",
    "_CONCURRENCY",
    "_PER_MINUTE",
    "GATEWAYS",
    "DEBUG",
    "_TAX",
    "_FROM",
)


def test_the_environment_prints_without_its_secrets(tmp_path: Path) -> None:
    filled = Env.model_validate({"DATA_DIR": tmp_path, **SECRET})
    for shown in (repr(filled), str(filled), f"{filled!r}"):
        assert "hush" not in shown
        assert FIELD_KEY not in shown


def test_every_setting_is_known_to_be_secret_or_public() -> None:
    unjudged = {name for name in Env.model_fields if name not in SECRET and not name.endswith(PUBLIC_ENDINGS)}
    assert not unjudged, "Add it to SECRET, or see that its name ends like those that are public."


def test_a_wrong_value_is_refused_by_name_and_not_shown(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("FIELD_KEYS", "hush-not-a-key")
    monkeypatch.setenv("DEBUG", "perhaps")
    with pytest.raises(SystemExit) as stopped:
        environment.read()
    message = str(stopped.value)
    assert "FIELD_KEYS" in message
    assert "DEBUG" in message
    assert "hush" not in message
