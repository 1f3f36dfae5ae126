"""Looking through what she said."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from channels_app import actions
from channels_app.models import Channel, Turn, User
from tests import factories

pytestmark = pytest.mark.usefixtures("built_front_end")


@pytest.fixture
def member(client: Client, bob: User) -> Client:
    """Moderators look things up, too."""
    client.force_login(bob)
    return client


def shown(client: Client, channel: Channel, **query: str) -> list[str]:
    """What she said in the turns of the page, in their order."""
    answer = client.get(reverse("history", args=[channel.public_id]), query)
    return [row["turn"].said for row in answer.context["turns"]]


def said_at(channel: Channel, said: str, at: datetime, **fields: Any) -> None:
    turn = factories.turn(channel, said=said, **fields)
    Turn.objects.filter(pk=turn.pk).update(created_at=at)


@pytest.mark.parametrize("words", ["СЫР", "сыр", "Cheese", "cheese", "dora", "Дора"])
def test_words_are_found_in_both_alphabets_whatever_their_case(member: Client, channel: Channel, words: str) -> None:
    factories.turn(channel, said="Сыр лучше всего.", asked="Which cheese is best?", chatter_name="Дора Dora")
    factories.turn(channel, said="Good evening.", asked="Hello.", chatter_name="Eve")
    assert shown(member, channel, q=words) == ["Сыр лучше всего."]


def test_outcome_and_days_narrow_it_down(member: Client, channel: Channel) -> None:
    now = datetime(2026, 3, 9, 12, tzinfo=UTC)
    said_at(channel, "old", now - timedelta(days=3))
    said_at(channel, "refused", now, outcome=Turn.Outcome.REFUSED)
    said_at(channel, "new", now - timedelta(seconds=1))
    today = now.date().isoformat()
    assert shown(member, channel) == ["refused", "new", "old"]
    assert shown(member, channel, outcome="refused") == ["refused"]
    assert shown(member, channel, until=(now - timedelta(days=1)).date().isoformat()) == ["old"]
    assert shown(member, channel, since=today, outcome="spoken") == ["new"]
    assert shown(member, channel, q="%") == [], "a sign of the database's is a sign like others"


def test_what_does_not_fit_on_a_page_is_on_the_next(member: Client, channel: Channel) -> None:
    now = timezone.now()
    for number in range(50):
        said_at(channel, f"line {number}", now - timedelta(minutes=number))
    address = reverse("history", args=[channel.public_id])
    first = member.get(address, {"q": "line"})
    second = member.get(address + first.context["older"])
    lines = [row["turn"].said for page in (first, second) for row in page.context["turns"]]
    assert lines == [f"line {number}" for number in range(50)]
    assert second.context["older"] == ""


def test_a_wrong_date_is_named_and_a_wrong_place_ignored(member: Client, channel: Channel) -> None:
    factories.turn(channel)
    answer = member.get(reverse("history", args=[channel.public_id]), {"since": "soon"})
    assert "Enter a valid date" in answer.content.decode()
    assert shown(member, channel, before="nonsense") == ["Splendid!"]


def test_strangers_find_nothing(client: Client, channel: Channel, charlie: User) -> None:
    turn = factories.turn(channel)
    other = factories.channel(charlie)
    client.force_login(charlie)
    assert client.get(reverse("history", args=[channel.public_id])).status_code == 404
    assert client.get(reverse("turn", args=[channel.public_id, turn.pk])).status_code == 404
    assert client.get(reverse("turn", args=[other.public_id, turn.pk])).status_code == 404, "another channel's turn"
    assert client.post(reverse("turn_sound", args=[other.public_id, turn.pk]), {"sentence": 0}).status_code == 404


def test_the_list_of_first_steps_goes_once_she_was_heard_in_obs(client: Client, channel: Channel, alice: User) -> None:
    client.force_login(alice)

    def steps() -> list[bool]:
        return [step.is_done for step in client.get(reverse("channel", args=[channel.public_id])).context["checklist"]]

    assert steps() == [False, False, False, False]
    page = client.get(reverse("channel", args=[channel.public_id])).content.decode()
    assert page.count("<li data-needed>") == 3, "she can be heard as she came, and by nobody without the others"
    actions.start(channel, acting_user=alice)
    actions.stop(channel, acting_user=alice)
    assert steps() == [False, False, True, False]
    factories.turn(channel, heard_at=timezone.now())
    assert steps() == [False, False, True, True], "only in the preview"
    factories.overlay_key(channel, last_seen_at=timezone.now())
    assert steps() == []
