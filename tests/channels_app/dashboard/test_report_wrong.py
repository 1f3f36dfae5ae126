"""“This was wrong”: one click keeps a line that the rules should not have blocked, and who says so."""

from __future__ import annotations

import uuid
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from channels_app import moderation, retention
from channels_app.models import AuditEvent, Channel, SafetyCase, Turn, User
from tests import factories

pytestmark = pytest.mark.usefixtures("built_front_end")

BUTTON = "This was wrong"


def blocked(channel: Channel, rule: str = "lexicon.tier2.sexual", **fields: Any) -> Turn:
    values = {"asked": "I love boob owls", "judged": "I love boob owls", "evidence": "boob", "outcome": "refused"}
    return factories.turn(channel, said="", verdict={"action": "drop", "rule": rule}, **(values | fields))


def report(client: Client, channel: Channel, turn_id: uuid.UUID) -> Any:
    return client.post(f"/c/{channel.public_id}/turns/{turn_id}/wrong/", follow=True)


def page(client: Client, channel: Channel) -> str:
    return client.get(f"/c/{channel.public_id}/").content.decode()


@pytest.fixture
def moderator(client: Client, channel: Channel, bob: User) -> Client:
    client.force_login(bob)
    return client


def test_a_moderator_reports_a_line_with_one_click(moderator: Client, channel: Channel, bob: User) -> None:
    turn = blocked(channel, chatter_name="Dora")
    assert BUTTON in page(moderator, channel)
    assert "reported as wrong" in report(moderator, channel, turn.pk).content.decode()
    case = SafetyCase.objects.get()
    assert (case.channel, case.turn, case.line) == (channel, turn, "I love boob owls")
    assert (case.rule, case.evidence, case.profile) == ("lexicon.tier2.sexual", "boob", "family")
    assert case.reported_by == bob
    assert AuditEvent.objects.get(action="safety.reported").detail == {"turn": str(turn.pk), "rule": case.rule}
    assert BUTTON not in page(moderator, channel)


def test_the_broadcaster_may_too_and_a_second_click_changes_nothing(client: Client, channel: Channel) -> None:
    client.force_login(channel.broadcaster)
    turn = blocked(channel)
    for _ in range(2):
        report(client, channel, turn.pk)
    assert SafetyCase.objects.count() == AuditEvent.objects.filter(action="safety.reported").count() == 1


@pytest.mark.parametrize(
    "fields",
    [{"judged": ""}, {"rule": "channel.banned_word"}, {"rule": "gate.too_long"}, {"rule": ""}],
    ids=str,
)
def test_what_nothing_can_be_learnt_from_has_no_button(
    moderator: Client, channel: Channel, fields: dict[str, str]
) -> None:
    turn = blocked(channel, **fields)
    assert BUTTON not in page(moderator, channel)
    assert "forgotten within a day" in report(moderator, channel, turn.pk).content.decode()
    assert not SafetyCase.objects.exists()


def test_a_turn_of_another_channel_does_not_exist_here(moderator: Client, channel: Channel) -> None:
    other = blocked(factories.channel())
    assert report(moderator, channel, other.pk).status_code == 404
    assert not SafetyCase.objects.exists()


def test_a_click_needs_the_pages_token_and_is_no_link(channel: Channel, bob: User) -> None:
    turn = blocked(channel)
    client = Client(enforce_csrf_checks=True)
    client.force_login(bob)
    path = f"/c/{channel.public_id}/turns/{turn.pk}/wrong/"
    assert client.post(path).status_code == 403
    assert client.get(path).status_code == 405
    assert not SafetyCase.objects.exists()


def test_a_line_a_moderator_takes_out_of_the_chat_is_kept_nowhere(moderator: Client, channel: Channel) -> None:
    kept = blocked(channel, answered=Turn.barred("event-1", "44"))
    gone = blocked(channel, answered=Turn.barred("event-2", "45"))
    for turn in (kept, gone):
        report(moderator, channel, turn.pk)
    moderation.take_back(channel, "the message was deleted", event_id="event-2")
    assert [case.turn for case in SafetyCase.objects.all()] == [kept]
    gone.refresh_from_db()
    assert (gone.judged, gone.evidence) == ("", "")


def test_a_report_outlives_the_chat_and_is_forgotten_after_a_month(moderator: Client, channel: Channel) -> None:
    turn = blocked(channel)
    report(moderator, channel, turn.pk)
    retention.forget_old_chat(now=timezone.now() + timedelta(days=2))
    turn.refresh_from_db()
    assert turn.judged == ""
    assert retention.forget_old_cases(now=timezone.now() + timedelta(days=29)) == 0
    assert SafetyCase.objects.get().line == "I love boob owls"
    assert retention.forget_old_cases(now=timezone.now() + timedelta(days=31)) == 1


def test_operators_read_reports_and_change_none(admin_client: Client, moderator: Client, channel: Channel) -> None:
    report(moderator, channel, blocked(channel).pk)
    shown = admin_client.get("/admin/channels_app/safetycase/").content.decode()
    assert "lexicon.tier2.sexual" in shown
    assert admin_client.get("/admin/channels_app/safetycase/add/").status_code == 403
