"""Secrets of examples and of fresh installations are told from those somebody made."""

from __future__ import annotations

import secrets

import pytest
from cryptography.fernet import Fernet

from aigirl_site.defaults import is_default


@pytest.mark.parametrize(
    "value",
    [
        # Whatever frameworks and guides put there
        "django-insecure-8&w!k2v@q0z$1r7#u3", "secretsecretsecretsecretsec", "changemechangemechangeme",
        "abababababababababababab", "aaaaaaaaaaaabbbbbbbbbbbbcccccccccccc", "my-super-secret-key", "0" * 32,
        # Passwords
        "change-me", "changeme", "password", "Password123", "postgres", "guest", "secret", "admin", "12345678",
        # Keys of a provider
        "sk-...", "sk-…", "sk-xxxx", "sk-proj-xxxxxxxxxxxxxxxxxxxx", "sk-1234567890abcdef", "your-key-here",
        "your_api_key", "todo", "<key>", "<paste yours>", "example", "${LLM_API_KEY}", "****", "your key",
        # Of Twitch and Stripe
        "your client secret", "client_secret", "YOUR_TWITCH_CLIENT_SECRET", "sk_test_...", "whsec_xxx",
    ],
)  # fmt: skip
def test_what_nobody_chose_is_recognised(value: str) -> None:
    assert is_default(value)


@pytest.mark.parametrize(
    "value",
    [
        "", "k", "hush", "luna-2019-sings", "correct horse battery staple, and then some more words",
        "sk-proj-aB3dE6gH9jK2mN5pQ8sT", "gp762nuuoqcoxypju8c569th9wz7q5", "lm-studio",
        "whsec_5WbX5kEWLlfzsGNjH64I8lOOqU",
    ],
)  # fmt: skip
def test_what_somebody_made_is_left_alone(value: str) -> None:
    assert not is_default(value)


def test_what_the_mends_make_is_never_refused() -> None:
    for _ in range(200):
        made = [secrets.token_urlsafe(48), secrets.token_hex(24), Fernet.generate_key().decode()]
        assert not any(map(is_default, made))
