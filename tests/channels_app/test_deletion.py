"""An operator can forget a channel or a person, and everything that hangs on them goes too."""

from __future__ import annotations

import pytest
from django.apps import apps
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from billing.models import UsageRecord
from channels_app.models import Channel, ProviderAccess, TwitchCredential, User
from tests import factories
from tests.guards.tracked import PACKAGES

pytestmark = pytest.mark.django_db


@pytest.fixture
def operator() -> Client:
    client = Client()
    client.force_login(User.objects.create_superuser("operator", password="x"))
    return client


@pytest.fixture
def full_channel() -> Channel:
    """A channel with something in each of its rooms, next to another one that must stay."""
    channel = factories.channel()
    factories.persona(channel)
    factories.turn(channel)
    factories.paid_event(channel)
    factories.overlay_key(channel)
    ProviderAccess.objects.create(
        channel=channel, kind="llm", base_url="https://llm.example/v1", model="m", api_key="k"
    )
    UsageRecord.objects.create(channel=channel, kind="reply", key="once")
    TwitchCredential.objects.create(user=channel.broadcaster, access_token="t", expires_at=timezone.now())
    return channel


def delete(client: Client, of: Channel | User) -> None:
    address = reverse(f"admin:channels_app_{of._meta.model_name}_delete", args=[of.pk])
    assert client.get(address).status_code == 200
    assert client.post(address, {"post": "yes"}).status_code == 302


def rows_of(channel_id: int) -> dict[str, int]:
    """Our models that still have rows of this channel."""
    ours = [model for model in apps.get_models() if model._meta.app_label in PACKAGES]
    tenants = [model for model in ours if any(field.name == "channel" for field in model._meta.concrete_fields)]
    counts = {model.__name__: model._base_manager.filter(channel_id=channel_id).count() for model in tenants}
    return {name: count for name, count in counts.items() if count}


def test_a_deleted_channel_leaves_nothing_behind(operator: Client, full_channel: Channel) -> None:
    assert len(rows_of(full_channel.pk)) >= 6
    other = factories.channel()
    delete(operator, full_channel)
    assert not Channel.objects.filter(pk=full_channel.pk).exists()
    assert rows_of(full_channel.pk) == {}
    assert Channel.objects.filter(pk=other.pk).exists()


def test_a_deleted_person_takes_channel_and_tokens_along(operator: Client, full_channel: Channel) -> None:
    delete(operator, full_channel.broadcaster)
    assert not TwitchCredential.objects.exists()
    assert rows_of(full_channel.pk) == {}


def test_what_is_only_read_still_cannot_be_deleted(operator: Client, full_channel: Channel) -> None:
    turn = full_channel.turns.get()
    answer = operator.post(reverse("admin:channels_app_turn_delete", args=[turn.pk]), {"post": "yes"})
    assert answer.status_code == 403
