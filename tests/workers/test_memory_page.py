"""The memory page: the broadcaster sees, adds, mends, deletes, searches, switches off and takes along; nobody else."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from channels_app.models import Channel, MemoryFact, StreamSummary, User
from channels_app.models.memory import FACTS_PER_CHANNEL
from channels_app.queries import channel_for

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("built_front_end")]


def signed_in(person: User) -> Client:
    client = Client(REMOTE_ADDR="127.0.0.1", HTTP_HOST="127.0.0.1:8000")
    client.force_login(person)
    return client


def page(channel: Channel, query: str = "", **extra: Any) -> str:
    answer = signed_in(channel.broadcaster).get(f"/c/{channel.public_id}/memory/{query}", **extra)
    assert answer.status_code == 200
    return str(answer.content.decode())


def send(channel: Channel, where: str, **values: Any) -> Any:
    return signed_in(channel.broadcaster).post(f"/c/{channel.public_id}/memory/{where}/", values, follow=True)


def fact(channel: Channel, text: str, chatter: str = "", name: str = "") -> MemoryFact:
    values = {"chatter_id": chatter, "chatter_name": name, "learned_at": timezone.now()}
    return MemoryFact.objects.create(channel=channel, text=text, **values)


def test_empty_it_says_what_to_do_and_that_the_demo_brain_cannot_learn(channel: Channel) -> None:
    seen = page(channel)
    assert "Tell her what every regular knows" in seen
    assert "The demo brain cannot learn." in seen
    assert "Демо-мозг не умеет учиться." in page(channel, HTTP_ACCEPT_LANGUAGE="ru")


def test_what_the_broadcaster_adds_is_kept_mended_and_deleted(channel: Channel) -> None:
    send(channel, "add", text="  Streams  every Friday ")
    kept = MemoryFact.objects.get()
    assert (kept.text, kept.written_by, kept.expires_at) == ("Streams every Friday", channel.broadcaster, None)
    send(channel, "change", fact=kept.pk, text="Streams on Saturdays")
    assert MemoryFact.objects.get().text == "Streams on Saturdays"
    assert "Deleted." in send(channel, "change", fact=kept.pk, do="delete").content.decode()
    assert not MemoryFact.objects.exists()
    assert "She has forgotten that already." in send(channel, "change", fact=kept.pk, text="x").content.decode()


def test_what_she_may_not_say_is_not_kept(channel: Channel) -> None:
    answer = send(channel, "add", text="Everybody here should kill yourself")
    assert answer.status_code == 400
    assert "safety rules" in answer.content.decode()
    about = fact(channel, "Has a cat", "44", "Dora")
    answer = send(channel, "change", fact=about.pk, text="Has diabetes")
    assert answer.status_code == 400
    assert "About a chatter she keeps no orders" in answer.content.decode()
    about.refresh_from_db()
    assert about.text == "Has a cat"


def test_there_are_forty_facts_about_a_channel_at_most(channel: Channel) -> None:
    for number in range(FACTS_PER_CHANNEL):
        fact(channel, f"Fact number {number}")
    assert "Delete one first." in send(channel, "add", text="One more").content.decode()
    assert MemoryFact.objects.count() == FACTS_PER_CHANNEL


def test_chatters_are_found_by_a_part_of_their_name(channel: Channel) -> None:
    fact(channel, "Has a cat", "44", "Dora")
    fact(channel, "Loves chess", "45", "Boris")
    assert "Has a cat" in page(channel)
    found = page(channel, "?name=bor")
    assert "Loves chess" in found
    assert "Has a cat" not in found
    assert "She knows nobody whose name has “zzz” in it." in page(channel, "?name=zzz")


def test_switched_off_it_says_so_and_forgetting_all_leaves_the_channel(channel: Channel) -> None:
    fact(channel, "Has a cat", "44", "Dora")
    fact(channel, "Streams on Fridays")
    StreamSummary.objects.create(channel=channel, text="It was about cats.", made_at=timezone.now())
    assert "It was about cats." in page(channel)
    assert "Her memory is switched off." in send(channel, "switch", do="off").content.decode()
    assert not channel_for(channel.broadcaster, channel.public_id).remembers
    send(channel, "switch", do="on")
    assert channel_for(channel.broadcaster, channel.public_id).remembers
    send(channel, "switch", do="empty")
    assert [row.text for row in MemoryFact.objects.all()] == ["Streams on Fridays"]
    assert StreamSummary.objects.get().text == ""


def test_the_file_holds_all_of_it(channel: Channel) -> None:
    fact(channel, "Has a cat", "44", "Dora")
    fact(channel, "Streams on Fridays")
    answer = signed_in(channel.broadcaster).get(f"/c/{channel.public_id}/memory/file/")
    assert "attachment" in answer["Content-Disposition"]
    told = answer.json()
    assert [row["text"] for row in told["about_channel"]] == ["Streams on Fridays"]
    assert told["about_chatters"][0]["chatter_name"] == "Dora"


def test_moderators_are_not_shown_it_and_other_channels_cannot_be_changed(channel: Channel, bob: User) -> None:
    kept = fact(channel, "Has a cat", "44", "Dora")
    client = signed_in(bob)
    assert client.get(f"/c/{channel.public_id}/memory/").status_code == 403
    from tests import factories

    other = factories.channel()
    signed_in(other.broadcaster).post(f"/c/{other.public_id}/memory/change/", {"fact": kept.pk, "do": "delete"})
    assert MemoryFact.objects.filter(pk=kept.pk).exists()


@pytest.mark.parametrize(("seconds", "kept"), [("45", 45), ("0", 0), ("5", 0), ("9999", 0)])
def test_how_long_a_silence_she_bears_is_set_with_the_show(channel: Channel, seconds: str, kept: int) -> None:
    client = signed_in(channel.broadcaster)
    values = {"mouth_offset_ms": "0", "ignored_chatters": "", "idle_seconds": seconds}
    answer = client.post(f"/c/{channel.public_id}/settings/stage/", values)
    assert answer.status_code == (302 if kept or seconds == "0" else 400)
    assert Channel.objects.get(pk=channel.pk).idle_seconds == kept
