"""The texts of a persona are judged when they are saved: some are refused, some saved with a word of warning."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from channels_app.models import Channel
from personas.models import Persona

pytestmark = pytest.mark.usefixtures("built_front_end")


@pytest.fixture
def owner(client: Client, channel: Channel) -> Client:
    client.force_login(channel.broadcaster)
    return client


def save(client: Client, channel: Channel, **changes: str) -> Any:
    """The persona page, saved with these changes to what stands on it."""
    path = f"/c/{channel.public_id}/persona/"
    shown = client.get(path).context
    filled = {field.html_name: field.value() for form in (shown["form"], shown["look"]) for field in form}
    filled = {name: "" if value is None else value for name, value in filled.items()}
    return client.post(path, filled | changes, follow=True)


def present(channel: Channel) -> Any:
    return Persona.objects.get(channel=channel).published


@pytest.mark.parametrize("field", ["name", "description", "style"])
def test_what_no_channel_may_hold_is_refused_with_its_rule(owner: Client, channel: Channel, field: str) -> None:
    answer = save(owner, channel, **{field: "F4gg0t"})
    assert answer.status_code == 400
    assert "is blocked on every channel (rule lexicon.tier1.slur). Take it out" in answer.content.decode()
    assert getattr(present(channel), field) != "F4gg0t"


def test_it_is_found_at_the_end_of_a_long_story(owner: Client, channel: Channel) -> None:
    story = "She lives in a tower and reads. " * 120
    assert save(owner, channel, description=story + "heil hitler").status_code == 400
    assert save(owner, channel, description=story).status_code == 200


def test_what_the_profile_blocks_is_saved_with_a_warning(owner: Client, channel: Channel) -> None:
    shown = save(owner, channel, style="She says shit a lot.").content.decode()
    assert "“shit” (How she speaks) is blocked on this channel (rule lexicon.tier2.swearing)" in shown
    assert present(channel).style == "She says shit a lot."


@pytest.mark.parametrize("choice", [{"safety_profile": "standard"}, {"allowed_words": ["shit"]}], ids=str)
def test_what_the_channel_lets_pass_is_saved_without_a_word(
    owner: Client, channel: Channel, choice: dict[str, Any]
) -> None:
    Channel.objects.filter(pk=channel.pk).update(**choice)
    assert "is blocked on" not in save(owner, channel, style="She says shit a lot.").content.decode()


def test_contact_data_is_warned_of_and_no_list_allows_it(owner: Client, channel: Channel) -> None:
    shown = save(owner, channel, description="Write to mira@example.com.").content.decode()
    assert "rule pattern.email" in shown
    assert "allow it in the settings" not in shown
