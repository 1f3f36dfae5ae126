"""Settings that do not fit together are named with an id and a mend before anything starts."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from cryptography.fernet import Fernet
from django.utils import translation

from aigirl_site.checks import is_near, problems
from aigirl_site.env import ROOT, Env
from tests.reading import has_english

PUBLIC = {
    "SITE_URL": "https://aigirl.example",
    "DATABASE_URL": "postgres://aigirl:secret@db.internal/aigirl",
    "REDIS_URL": "redis://redis.internal:6379/0",
    "SECRET_KEY": "correct horse battery staple, and then some more words",
    "FIELD_KEYS": Fernet.generate_key().decode(),
}
"""A sound public site."""


def ids(values: dict[str, str]) -> list[str]:
    return [str(message.id) for message in problems(Env.model_validate(values))]


@pytest.mark.parametrize("values", [{}, PUBLIC], ids=["demo on one machine", "public site"])
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
        ({"TWITCH_CLIENT_ID": "abc"}, "aigirl.E007"),
        ({"TWITCH_CLIENT_SECRET": "abc"}, "aigirl.E007"),
        ({"SPEECH_BASE_URL": "https://speech.example.com/v1"}, "aigirl.W008"),
        ({"MODERATION_BASE_URL": "https://moderation.example.com/v1"}, "aigirl.W009"),
        ({"LLM_BASE_URL": "https://models.example.com/v1"}, "aigirl.W010"),
        ({"LLM_BASE_URL": "http://models.example.com/v1", "LLM_API_KEY": "k"}, "aigirl.E011"),
        (PUBLIC | {"ALLOWED_HOSTS": "other.example"}, "aigirl.E012"),
        (PUBLIC | {"ALLOWED_HOSTS": "*"}, "aigirl.W013"),
        (PUBLIC | {"SECRET_KEY": "short"}, "aigirl.E014"),
    ],
)
def test_each_problem_is_named_and_nothing_else(values: dict[str, str], expected: str) -> None:
    assert ids(values) == [expected]
    with translation.override("ru"):
        (problem,) = problems(Env.model_validate(values))
    assert not has_english(f"{problem.msg} {problem.hint}".partition("python -c")[0])


def test_every_problem_says_how_to_mend_it_and_shows_no_secret() -> None:
    broken = PUBLIC | {"TWITCH_CLIENT_SECRET": "change-me-hush", "LLM_BASE_URL": "http://m.example.com", "DEBUG": "1"}
    found = problems(Env.model_validate(broken | {"LLM_API_KEY": "hush", "SECRET_KEY": "hush"}))
    assert len(found) == 5
    for message in found:
        assert message.hint
        assert "hush" not in f"{message.msg}{message.hint}"


@pytest.mark.parametrize(
    ("url", "near"),
    [
        ("http://127.0.0.1:11434/v1", True),
        ("http://localhost:1234", True),
        ("http://kokoro:8880/v1", True),
        ("http://192.168.1.20:8080", True),
        ("http://[::1]:8080", True),
        ("https://api.openai.com/v1", False),
        ("http://8.8.8.8/v1", False),
    ],
)
def test_servers_of_ones_own_are_told_from_providers(url: str, near: bool) -> None:
    assert is_near(url) is near


def test_a_public_site_passes_the_deployment_check(tmp_path: Path) -> None:
    """Django's own checks and ours, on the settings as they are for such a site."""
    clean = {name: value for name, value in os.environ.items() if name not in Env.model_fields}
    environment = clean | PUBLIC | {"DATA_DIR": str(tmp_path), "AIGIRL_ENV_FILE": ""}
    command = [sys.executable, "manage.py", "check", "--deploy", "--fail-level", "WARNING"]
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
