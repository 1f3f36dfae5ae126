"""A broadcaster deletes the channel: stopped and hidden at once, kept for a week, then gone."""

from __future__ import annotations

from datetime import timedelta
from io import StringIO
from typing import Any

import pytest
from django.apps import apps
from django.core.management import CommandError, call_command
from django.test import Client
from django.utils import timezone

from billing.models import UsageRecord
from channels_app import actions, erasure, exports, forgetting, limits_of_time
from channels_app.models import (
    Channel,
    DesiredState,
    KeptRecord,
    Membership,
    OverlayKey,
    TwitchCredential,
    User,
)
from personas.models import AvatarPicture
from personas.uploads import store
from tests import factories
from tests.channels_app.test_deletion import rows_of
from tests.guards.tracked import PACKAGES
from tests.workers.test_forgetting_canary import files_with
from workers.fleet.runtime import close_db_threads
from workers.models import Run, WorkerProcess
from workers.twitch import rows

pytestmark = pytest.mark.django_db
WEEK = erasure.GRACE + timedelta(minutes=1)


@pytest.fixture
def owner(client: Client, channel: Channel) -> Client:
    client.force_login(channel.broadcaster)
    return client


def delete(owner: Client, channel: Channel, typed: str) -> Any:
    return owner.post(f"/c/{channel.public_id}/privacy/delete/", {"login": typed})


def test_a_slip_in_the_login_deletes_nothing(owner: Client, channel: Channel) -> None:
    answer = delete(owner, channel, "alice?")
    assert answer.status_code == 400
    assert channel.login in answer.content.decode()
    channel.refresh_from_db()
    assert channel.erase_after is None


def test_a_closed_channel_is_stopped_hidden_and_its_urls_are_closed(owner: Client, channel: Channel, bob: User) -> None:
    actions.start(channel, acting_user=channel.broadcaster)
    factories.overlay_key(channel)
    TwitchCredential.objects.create(user=channel.broadcaster, access_token="t", expires_at=timezone.now())
    assert delete(owner, channel, f" {channel.login.upper()} ")["Location"] == f"/c/{channel.public_id}/closing/"
    channel.refresh_from_db()
    assert channel.desired_state == DesiredState.STOPPED
    assert not OverlayKey.objects.filter(revoked_at__isnull=True).exists()
    assert TwitchCredential.objects.get().state == TwitchCredential.State.RECONNECT
    with pytest.raises(actions.Refused):
        actions.start(channel, acting_user=channel.broadcaster)
    assert owner.get(f"/c/{channel.public_id}/settings/")["Location"] == f"/c/{channel.public_id}/closing/"
    assert owner.get(f"/api/v1/c/{channel.public_id}/state/").status_code == 404
    assert owner.get("/home/")["Location"] == f"/c/{channel.public_id}/closing/"
    other = Client()
    other.force_login(bob)
    for path in ("", "closing/"):
        assert other.get(f"/c/{channel.public_id}/{path}").status_code == 404


def test_within_the_week_it_can_be_taken_back_and_memory_is_as_it_was(owner: Client, channel: Channel) -> None:
    delete(owner, channel, channel.login)
    row = channel.subscriptions.create(type="channel.chat.message", twitch_id="s1", state="enabled")
    turn = factories.turn(channel)
    # Twitch tells us of what we did ourselves.
    rows.note_revoked("s1", "authorization_revoked")
    row.refresh_from_db()
    turn.refresh_from_db()
    assert turn.asked
    assert owner.get(f"/c/{channel.public_id}/closing/").status_code == 200
    assert erasure.erase_due() == 0
    assert owner.post(f"/c/{channel.public_id}/closing/")["Location"] == f"/c/{channel.public_id}/"
    assert owner.get(f"/c/{channel.public_id}/").status_code == 200
    assert erasure.erase_due(now=timezone.now() + WEEK) == 0


def test_after_the_week_rows_files_and_the_account_are_gone(owner: Client, channel: Channel, bob: User) -> None:
    other = factories.channel(bob)
    factories.turn(channel)
    factories.paid_event(channel)
    UsageRecord.objects.create(channel=channel, kind="reply", key="1", cost_micros=70)
    delete(owner, channel, channel.login)
    assert erasure.erase_due(now=timezone.now() + WEEK) == 1
    assert rows_of(channel.pk) == {}
    assert not Channel.objects.filter(pk=channel.pk).exists()
    assert list(User.objects.all()) == [bob], "the moderator has a channel of his own"
    assert Channel.objects.get() == other
    assert owner.get("/home/")["Location"] == "/sign-in/"


def test_who_helps_elsewhere_keeps_the_account_and_loses_the_tokens(channel: Channel, bob: User) -> None:
    elsewhere = factories.channel(bob, moderators=[channel.broadcaster])
    TwitchCredential.objects.create(user=channel.broadcaster, access_token="t", expires_at=timezone.now())
    erasure.erase_at_once(channel, patience=0)
    assert Membership.objects.filter(channel=elsewhere, user__display_name="Alice").exists()
    assert not TwitchCredential.objects.exists()


def test_a_channel_that_is_carried_out_is_not_torn_from_its_run(channel: Channel) -> None:
    worker = WorkerProcess.objects.create(name="w", epoch=1, expires_at=timezone.now() + timedelta(minutes=1))
    Run.objects.create(name="channel/x", kind="channel", channel=channel, owner="w", owner_epoch=1)
    times = iter([0.0, 1.0, 2.0])
    with pytest.raises(erasure.StillRunning):
        erasure.erase_at_once(channel, patience=0, clock=lambda: next(times))
    channel.refresh_from_db()
    assert channel.desired_state == DesiredState.STOPPED
    assert erasure.erase_due() == 0
    # The worker is gone, or has ended the run.
    WorkerProcess.objects.filter(pk=worker.pk).update(expires_at=timezone.now() - timedelta(minutes=1))
    assert erasure.erase_due() == 1
    assert not Channel.objects.filter(pk=channel.pk).exists()


def test_books_are_kept_as_sums_that_tell_of_nobody_until_their_time_is_over(channel: Channel) -> None:
    for key in ("1", "2"):
        UsageRecord.objects.create(channel=channel, kind="reply", key=f"turn-{key}", cost_micros=70, characters=10)
    names = {channel.login, channel.public_id, channel.display_name, str(channel.twitch_id)}
    erasure.erase_at_once(channel, patience=0)
    kept = KeptRecord.objects.get()
    [row] = kept.content
    assert (row["count"], row["cost_micros"], row["currency"]) == (2, 140, "USD")
    assert not any(name in str(kept.__dict__) for name in names)
    limits_of_time.obey(now=timezone.now() + timedelta(days=3650))
    assert KeptRecord.objects.exists()
    limits_of_time.obey(now=timezone.now() + timedelta(days=3655))
    assert not KeptRecord.objects.exists()


def test_an_admin_who_deletes_a_channel_keeps_the_books_too(channel: Channel) -> None:
    UsageRecord.objects.create(channel=channel, kind="reply", key="1", cost_micros=70)
    channel.delete()
    assert KeptRecord.objects.count() == 1


def test_no_word_of_the_channel_is_in_any_table_afterwards(channel: Channel) -> None:
    canary = "qxcanarywords"
    Channel.objects.filter(pk=channel.pk).update(display_name=canary, login=canary, banned_words=[canary])
    User.objects.filter(pk=channel.broadcaster_id).update(display_name=canary, username=canary)
    factories.turn(channel, said=canary, asked=canary)
    channel.refresh_from_db()
    erasure.erase_at_once(channel, patience=0)
    models = [model for model in apps.get_models(include_auto_created=True) if model._meta.app_label in PACKAGES]
    found = [
        model._meta.label for model in models for row in model._base_manager.values_list() if canary in str(row).lower()
    ]
    assert found == []


def test_the_demo_belongs_to_the_machine(channel: Channel, owner: Client) -> None:
    Channel.objects.filter(pk=channel.pk).update(is_demo=True)
    channel.refresh_from_db()
    delete(owner, channel, channel.login)
    channel.refresh_from_db()
    assert channel.erase_after is None


def test_one_that_cannot_be_erased_holds_up_no_other(channel: Channel, monkeypatch: pytest.MonkeyPatch) -> None:
    other = factories.channel()
    for each in (channel, other):
        erasure.close(each, acting_user=None, grace=timedelta(0))
    broken = channel.pk
    keep = erasure.keep_what_must_be

    def failing(each: Channel, **kwargs: Any) -> None:
        if each.pk == broken:
            raise OSError("the disk is full")
        keep(each, **kwargs)

    monkeypatch.setattr(erasure, "keep_what_must_be", failing)
    assert erasure.erase_due() == 1
    assert Channel.objects.get() == channel


def test_operators_erase_at_once_and_only_when_they_mean_it(channel: Channel) -> None:
    with pytest.raises(CommandError, match="--yes"):
        call_command("privacy", "erase", channel=channel.login)
    told = StringIO()
    call_command("privacy", "erase", channel=channel.login, yes=True, stdout=told)
    assert "is erased" in told.getvalue()
    assert not Channel.objects.exists()
    with pytest.raises(CommandError, match="no channel"):
        call_command("privacy", "export", channel="nobody")


@pytest.mark.django_db(transaction=True)
def test_no_file_of_the_data_directory_has_a_word_of_it_afterwards(channel: Channel, backend: str) -> None:
    canary = "qxcanaryfiles"
    factories.turn(channel, said=f"{canary} splendid")
    name = "1" * 32 + ".png"
    AvatarPicture.objects.create(channel=channel, name=name, width=1, height=1, size=4)
    store.write(name, canary.encode())
    export = exports.ask(channel, acting_user=channel.broadcaster, language="en")
    before = set(exports._folder().glob("*.zip"))
    exports.make(export.pk)
    (made,) = set(exports._folder().glob("*.zip")) - before
    assert len(files_with(canary)) >= (2 if backend == "sqlite" else 1)
    erasure.erase_at_once(channel, patience=0)
    close_db_threads()
    forgetting.scrub()
    assert files_with(canary) == []
    assert not made.exists()
