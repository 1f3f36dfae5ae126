"""Settings that do not fit together are named with an id and a mend before anything starts."""

from __future__ import annotations

import base64
import os
import subprocess
import sys
from pathlib import Path

import pytest
import time_machine
from cryptography.fernet import Fernet
from django.core.checks import CheckMessage
from django.utils import translation

from aigirl_site.checks import problems
from aigirl_site.env import ROOT, Env
from tests.reading import has_english

PUBLIC = {
    "SITE_URL": "https://aigirl.example",
    "DATABASE_URL": "postgres://aigirl:b6f1c09e@db.internal/aigirl",
    "REDIS_URL": "redis://redis.internal:6379/0",
    "SECRET_KEY": "correct horse battery staple, and then some more words",
    "FIELD_KEYS": Fernet.generate_key().decode(),
}
"""A sound public site."""

MAIL = {"EMAIL_SERVER": "smtp://mail.example.com", "EMAIL_FROM": "billing@example.com"}


def found(values: dict[str, str]) -> list[CheckMessage]:
    # The database of the tests is none of the given site.
    return problems(Env.model_validate({"DATABASE_URL": ""} | values))


def ids(values: dict[str, str]) -> list[str]:
    return [str(message.id) for message in found(values)]


@pytest.mark.parametrize(
    "values",
    [
        {},
        PUBLIC,
        {"BROKER_URL": "amqp://127.0.0.1//", "DATABASE_URL": "postgres://aigirl@127.0.0.1/aigirl"},
        {"LLM_BASE_URL": "http://127.0.0.1:11434/v1", "LLM_API_KEY": "sk-xxx"},
        {
            "TWITCH_AUTH_URL": "http://127.0.0.1:4455/oauth2",
            "TWITCH_CLIENT_ID": "test-client-id",
            "TWITCH_CLIENT_SECRET": "test-secret",
        },
        {"STRIPE_API_URL": "http://127.0.0.1:12111", "STRIPE_SECRET_KEY": "changeme"},
    ],
    ids=[
        "demo on one machine",
        "public site",
        "servers of one's own without passwords",
        "a model that wants no key",
        "a Twitch simulator",
        "a Stripe simulator",
    ],
)
def test_a_sound_environment_has_no_problems(values: dict[str, str]) -> None:
    assert ids(values) == []


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        (PUBLIC | {"SITE_URL": "http://aigirl.example"}, "aigirl.E001"),
        (PUBLIC | {"DEBUG": "true"}, "aigirl.E002"),
        (PUBLIC | {"DATABASE_URL": ""}, "aigirl.W003"),
        (PUBLIC | {"FIELD_KEYS": ""}, "aigirl.E004"),
        (PUBLIC | {"SECRET_KEY": ""}, "aigirl.E005"),
        ({"LLM_API_KEY": "change-me"}, "aigirl.E006"),
        ({"SPEECH_API_KEY": "your-key-here"}, "aigirl.E006"),
        ({"STRIPE_SECRET_KEY": "sk_test_..."}, "aigirl.E006"),
        ({"TWITCH_CLIENT_ID": "abc", "TWITCH_CLIENT_SECRET": "your client secret"}, "aigirl.E006"),
        ({"SECRET_KEY": "django-insecure-x3&u8v!kd0q7z"}, "aigirl.E006"),
        ({"FIELD_KEYS": base64.urlsafe_b64encode(bytes(32)).decode()}, "aigirl.E006"),
        (PUBLIC | {"SECRET_KEY": "changeme" * 8}, "aigirl.E006"),
        ({"TWITCH_CLIENT_ID": "abc"}, "aigirl.E007"),
        ({"TWITCH_CLIENT_SECRET": "abc"}, "aigirl.E007"),
        ({"SPEECH_BASE_URL": "https://speech.example.com/v1"}, "aigirl.W008"),
        ({"MODERATION_BASE_URL": "https://moderation.example.com/v1"}, "aigirl.W009"),
        ({"LLM_BASE_URL": "https://models.example.com/v1"}, "aigirl.W010"),
        ({"EMBEDDINGS_BASE_URL": "https://vectors.example.com/v1"}, "aigirl.W019"),
        ({"EMBEDDINGS_API_KEY": "change-me"}, "aigirl.E006"),
        ({"LLM_BASE_URL": "http://models.example.com/v1", "LLM_API_KEY": "k"}, "aigirl.E011"),
        ({"EMBEDDINGS_BASE_URL": "http://vectors.example.com/v1", "EMBEDDINGS_API_KEY": "k"}, "aigirl.E011"),
        (PUBLIC | {"ALLOWED_HOSTS": "other.example"}, "aigirl.E012"),
        (PUBLIC | {"ALLOWED_HOSTS": "*"}, "aigirl.W013"),
        (PUBLIC | {"SECRET_KEY": "short"}, "aigirl.E014"),
        ({"DATABASE_URL": "postgres://postgres:postgres@127.0.0.1/aigirl"}, "aigirl.I015"),
        ({"DATABASE_URL": "postgres://luna:luna@127.0.0.1/aigirl"}, "aigirl.I015"),
        ({"BROKER_URL": "amqp://guest:guest@localhost//"}, "aigirl.I015"),
        ({"DATABASE_URL": "postgres://aigirl:change-me@db.example.com/aigirl"}, "aigirl.E016"),
        (PUBLIC | {"DATABASE_URL": "postgres://aigirl:p%61ssword@127.0.0.1/aigirl"}, "aigirl.E016"),
        (PUBLIC | {"REDIS_URL": "redis://:secret@redis:6379/0"}, "aigirl.E016"),
        (PUBLIC | {"BROKER_URL": "amqp://queue.internal//"}, "aigirl.W017"),
        (PUBLIC | {"REDIS_URL": "redis://cache.example.com:6379/0"}, "aigirl.W017"),
        (PUBLIC | MAIL | {"STRIPE_SECRET_KEY": "sk_live_1"}, "aigirl.W022"),
        (PUBLIC | {"STRIPE_SECRET_KEY": "sk_live_1", "STRIPE_WEBHOOK_SECRET": "whsec_1"}, "aigirl.W023"),
    ],
)
def test_each_problem_is_named_and_nothing_else(values: dict[str, str], expected: str) -> None:
    assert ids(values) == [expected]
    with translation.override("ru"):
        (problem,) = found(values)
    assert not has_english(f"{problem.msg} {problem.hint}".partition("python -c")[0])


def test_every_problem_says_how_to_mend_it_and_shows_no_secret() -> None:
    broken = PUBLIC | {"TWITCH_CLIENT_SECRET": "change-me-hush", "LLM_BASE_URL": "http://m.example.com", "DEBUG": "1"}
    broken |= {"LLM_API_KEY": "hush", "SECRET_KEY": "hush", "REDIS_URL": "redis://hush:hush@cache.example.com"}
    messages = found(broken)
    assert len(messages) == 6
    for message in messages:
        assert message.hint
        assert "hush" not in f"{message.msg}{message.hint}"


def test_a_public_site_passes_the_deployment_check(tmp_path: Path) -> None:
    """Django's own checks and ours, on the settings as they are for such a site."""
    clean = {name: value for name, value in os.environ.items() if name not in Env.model_fields}
    environment = clean | PUBLIC | {"DATA_DIR": str(tmp_path), "AIGIRL_ENV_FILE": ""}
    command = [sys.executable, "manage.py", "check", "--deploy", "--fail-level", "WARNING"]
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize(
    ("day", "expected"),
    [
        ("2026-10-01", []),
        ("2026-11-16", ["aigirl.W020"]),
        ("2027-01-13", ["aigirl.W020"]),
        ("2027-01-14", ["aigirl.W021"]),
    ],
)
def test_a_model_that_ends_is_named_sixty_days_before_and_afterwards(day: str, expected: list[str]) -> None:
    with time_machine.travel(f"{day}T12:00:00Z", tick=False):
        assert ids({"LLM_API_KEY": "a-real-key", "LLM_MODEL": "gpt-4o-mini"}) == expected


def test_a_voice_that_ends_is_named_with_its_last_day() -> None:
    with time_machine.travel("2026-12-01T12:00:00Z", tick=False):
        values = {
            "SPEECH_BASE_URL": "https://api.openai.com/v1",
            "SPEECH_API_KEY": "a-real-key",
            "SPEECH_MODEL": "tts-1",
        }
        [message] = found(values)
    assert message.id == "aigirl.W020"
    assert "tts-1" in message.msg
    assert "2027-01-06" in message.msg


def test_the_same_name_at_another_server_does_not_end() -> None:
    assert ids({"LLM_BASE_URL": "http://127.0.0.1:11434/v1", "LLM_MODEL": "gpt-4o-mini"}) == []
