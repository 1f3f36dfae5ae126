"""Every limit of time that the privacy page tells is kept."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from channels_app import invitations, limits_of_time, retention
from channels_app.models import AuditEvent, Channel, Invitation, PaidEvent, Turn
from tests import factories
from workers import tasks

pytestmark = pytest.mark.django_db


def after(**time: int) -> Any:
    return timezone.now() + timedelta(**time)


def test_the_log_and_what_was_paid_end_after_a_year(channel: Channel) -> None:
    factories.paid_event(channel, state="spoken", done_at=timezone.now())
    count = AuditEvent.objects.count()
    limits_of_time.obey(now=after(days=364))
    assert (AuditEvent.objects.count(), PaidEvent.objects.count()) == (count, 1)
    limits_of_time.obey(now=after(days=366))
    assert (AuditEvent.objects.count(), PaidEvent.objects.count()) == (0, 0)


@pytest.mark.parametrize(("days", "kept"), [(None, 2), (30, 1)])
def test_turns_are_kept_for_longer_than_any_plan_shows_them(channel: Channel, days: int | None, kept: int) -> None:
    Channel.objects.filter(pk=channel.pk).update(entitlements={"history_days": days})
    old = factories.turn(channel)
    Turn.objects.filter(pk=old.pk).update(created_at=after(days=-401))
    young = factories.turn(channel)
    Turn.objects.filter(pk=young.pk).update(created_at=after(days=-399))
    unlimited = factories.channel()
    other = factories.turn(unlimited)
    Turn.objects.filter(pk=other.pk).update(created_at=after(days=-4000))
    limits_of_time.obey()
    assert channel.turns.count() == kept
    assert unlimited.turns.count() == 1


def test_invitations_end_by_themselves(channel: Channel) -> None:
    invitations.invite_by_link(channel, acting_user=channel.broadcaster, powers=[])
    limits_of_time.obey(now=after(days=6))
    assert Invitation.objects.exists()
    limits_of_time.obey(now=after(days=8))
    assert not Invitation.objects.exists()


def test_the_hourly_task_obeys_the_table_and_one_fault_holds_up_no_other(
    channel: Channel, monkeypatch: pytest.MonkeyPatch
) -> None:
    turn = factories.turn(channel)
    Turn.objects.filter(pk=turn.pk).update(created_at=after(hours=-24))

    def broken(**_kwargs: Any) -> None:
        raise OSError("the disk is full")

    # Before all others, which stand in the order they were entered.
    table = {"broken": limits_of_time.Limit("broken", "", timedelta(0), broken)} | limits_of_time._limits
    monkeypatch.setattr(limits_of_time, "_limits", table)
    tasks.forget_old()
    assert Turn.objects.get().asked == ""


def test_the_page_tells_every_limit(channel: Channel, client: Client, built_front_end: None) -> None:
    client.force_login(channel.broadcaster)
    page = client.get(f"/c/{channel.public_id}/privacy/").content.decode()
    for limit in limits_of_time.limits():
        assert str(limit.what) in page
    assert {"cards", "chat"} <= {limit.name for limit in limits_of_time.limits()}
    assert retention.CHAT_LIFE + timedelta(hours=1) <= timedelta(hours=24)
    Channel.objects.filter(pk=channel.pk).update(entitlements={"history_days": 14})
    assert "14 days" in client.get(f"/c/{channel.public_id}/privacy/").content.decode()
