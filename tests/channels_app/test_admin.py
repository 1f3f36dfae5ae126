"""What operators can see and do, and what not even they are shown."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.contrib import admin
from django.contrib.auth.models import Permission
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from channels_app.models import (
    AuditEvent,
    Channel,
    DesiredState,
    OverlayKey,
    PaidEvent,
    ProviderAccess,
    Turn,
    TwitchCredential,
    User,
)
from personas.models import Persona, PersonaVersion
from tests import factories
from workers.models import Run

SECRETS = ("secret-access", "secret-refresh", "secret-provider-key")


@pytest.fixture
def full(channel: Channel, alice: User) -> Channel:
    """A channel with a row of every kind, secrets included."""
    in_an_hour = timezone.now() + timedelta(hours=1)
    TwitchCredential.objects.create(
        user=alice, access_token="secret-access", refresh_token="secret-refresh", expires_at=in_an_hour
    )
    ProviderAccess.objects.create(
        channel=channel, kind="llm", base_url="https://example.com/v1", model="m", api_key="secret-provider-key"
    )
    factories.overlay_key(channel)
    factories.turn(channel)
    factories.paid_event(channel)
    Run.objects.create(name=f"channel/{channel.public_id}", kind="channel", channel=channel)
    return channel


def of_ours() -> list[type[Any]]:
    return [model for model in admin.site._registry if not model.__module__.startswith(("django.", "social_django."))]


def test_what_operators_work_with_is_all_there() -> None:
    assert {Channel, User, Run, Turn, Persona, PersonaVersion, OverlayKey, PaidEvent} <= set(of_ours())


def test_every_list_can_be_searched_and_every_row_opened_without_a_secret(full: Channel, admin_client: Client) -> None:
    digest = OverlayKey.objects.get().digest
    for model in of_ours():
        name = f"admin:{model._meta.app_label}_{model._meta.model_name}"
        answer = admin_client.get(reverse(f"{name}_changelist"), {"q": "a"})
        assert answer.status_code == 200, name
        pages = [answer.content.decode()]
        for row in model._default_manager.all()[:3]:
            answer = admin_client.get(reverse(f"{name}_change", args=[row.pk]))
            assert answer.status_code == 200, name
            pages.append(answer.content.decode())
        for secret in (*SECRETS, digest):
            assert all(secret not in page for page in pages), name


def act(client: Client, name: str, action: str, *keys: Any) -> Any:
    return client.post(reverse(f"admin:{name}_changelist"), {"action": action, "_selected_action": keys}, follow=True)


def test_an_operator_suspends_a_channel_and_lets_it_back(full: Channel, admin_client: Client, admin_user: User) -> None:
    Channel.objects.update(desired_state=DesiredState.RUNNING)
    act(admin_client, "channels_app_channel", "suspend", full.pk)
    full.refresh_from_db()
    assert (full.is_suspended, full.desired_state) == (True, DesiredState.STOPPED)
    assert AuditEvent.objects.get(action="channel.suspended").actor == admin_user
    act(admin_client, "channels_app_channel", "let_back", full.pk)
    full.refresh_from_db()
    assert not full.is_suspended


def test_an_operator_revokes_one_overlay_url_or_all(full: Channel, admin_client: Client) -> None:
    one, _key = factories.overlay_key(full)
    act(admin_client, "channels_app_overlaykey", "revoke", one.pk)
    assert list(OverlayKey.objects.filter(revoked_at__isnull=False)) == [one]
    act(admin_client, "channels_app_channel", "revoke_overlay_keys", full.pk)
    assert not OverlayKey.objects.filter(revoked_at__isnull=True).exists()


def test_who_may_only_look_changes_nothing(full: Channel, client: Client) -> None:
    watcher = factories.user("Watcher", is_staff=True)
    watcher.user_permissions.add(
        *Permission.objects.filter(
            codename__in=["view_channel", "view_overlaykey"], content_type__app_label="channels_app"
        )
    )
    client.force_login(watcher, backend="django.contrib.auth.backends.ModelBackend")
    for name, action, key in (
        ("channels_app_channel", "suspend", full.pk),
        ("channels_app_channel", "revoke_overlay_keys", full.pk),
        ("channels_app_overlaykey", "revoke", OverlayKey.objects.get().pk),
    ):
        assert client.get(reverse(f"admin:{name}_changelist")).status_code == 200
        act(client, name, action, key)
    full.refresh_from_db()
    assert not full.is_suspended
    assert not OverlayKey.objects.filter(revoked_at__isnull=False).exists()
