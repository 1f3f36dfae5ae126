"""Key rotation: a new key in front, `reencrypt`, the old key out."""

from __future__ import annotations

from io import StringIO

import pytest
from cryptography.fernet import Fernet
from django.core.exceptions import ImproperlyConfigured
from django.core.management import call_command
from django.utils import timezone
from pytest_django.fixtures import Settings

from channels_app.models import ProviderAccess, TwitchCredential, User
from tests import factories


def test_after_reencrypt_the_old_key_is_not_needed(alice: User, settings: Settings) -> None:
    old, new = Fernet.generate_key().decode(), Fernet.generate_key().decode()
    settings.FIELD_KEYS = [old]
    TwitchCredential.objects.create(
        user=alice, access_token="access", refresh_token="refresh", expires_at=timezone.now()
    )
    ProviderAccess.objects.create(
        channel=factories.channel(alice), kind="llm", base_url="https://llm.example.com", model="m", api_key="the key"
    )
    settings.FIELD_KEYS = [new, old]
    out = StringIO()
    call_command("reencrypt", stdout=out)
    assert "2 rows" in out.getvalue()
    settings.FIELD_KEYS = [new]
    credential = TwitchCredential.objects.get()
    assert (credential.access_token, credential.refresh_token) == ("access", "refresh")
    assert ProviderAccess.objects.get().api_key == "the key"
    settings.FIELD_KEYS = [old]
    with pytest.raises(ImproperlyConfigured, match="not in FIELD_KEYS"):
        TwitchCredential.objects.get()
