"""One turn as a whole, and hearing it again."""

from __future__ import annotations

import io
import wave

import numpy as np
import pytest
from django.test import Client
from django.urls import reverse

from billing.ledger import record_usage
from billing.models import UsageRecord
from channels_app.models import Channel, Turn, User
from personas.models import PersonaVersion
from tests import factories
from workers import views_history, wiring
from workers.voice.catalogue import build_voice

pytestmark = pytest.mark.usefixtures("built_front_end")
SAID = "Cheese wins. Nobody argues!"


@pytest.fixture
def cheap_voice(channel: Channel) -> None:
    PersonaVersion.objects.filter(channel=channel).update(voice_engine="espeak")


def replay(client: Client, turn: Turn, sentence: str) -> tuple[int, bytes]:
    address = reverse("turn_sound", args=[turn.channel.public_id, turn.pk])
    answer = client.post(address, {"sentence": sentence})
    return answer.status_code, answer.content


@pytest.mark.usefixtures("cheap_voice")
def test_each_sentence_is_heard_again_and_nothing_else(client: Client, channel: Channel, bob: User) -> None:
    client.force_login(bob)
    turn = factories.turn(channel, said=SAID)
    lengths = []
    for number in "01":
        status, sound = replay(client, turn, number)
        assert status == 200
        with wave.open(io.BytesIO(sound)) as file:
            samples = np.frombuffer(file.readframes(file.getnframes()), "<i2").astype(float)
        assert np.sqrt((samples**2).mean()) > 500, "not silence"
        lengths.append(len(samples))
    assert min(lengths) > 24_000 * 0.4
    for wrong in ("2", "-1", "one", ""):
        assert (replay(client, turn, wrong))[0] == 400


def test_what_is_listened_to_stands_in_the_ledger(client: Client, channel: Channel, bob: User) -> None:
    client.force_login(bob)
    replay(client, factories.turn(channel, said="Cheese wins."), "0")
    record = UsageRecord.objects.get(channel=channel, kind=UsageRecord.Kind.LISTEN)
    assert (record.characters, record.cost_micros) == (len("Cheese wins."), 0)


@pytest.mark.usefixtures("cheap_voice")
def test_what_the_rules_of_today_stop_is_not_heard(client: Client, channel: Channel, bob: User) -> None:
    client.force_login(bob)
    turn = factories.turn(channel, said="Cheese wins.")
    Channel.objects.filter(pk=channel.pk).update(banned_words=["cheese"])
    status, body = replay(client, turn, "0")
    assert (status, b"safety rules of today" in body) == (400, True)


def test_the_page_tells_what_became_of_it(client: Client, channel: Channel, alice: User) -> None:
    turn = factories.turn(
        channel,
        said=SAID,
        heard="Cheese wins.",
        outcome="interrupted",
        reason="skipped",
        timings_ms={"picked": 100, "first_token": 500, "playing": 900},
        persona_name="Mira",
        persona_version=3,
        prompt_tokens=812,
        completion_tokens=24,
        cost_micros=230,
    )
    client.force_login(alice)
    text = client.get(reverse("turn", args=[channel.public_id, turn.pk])).content.decode()
    for told in ("Nobody argues!</q>", "version 3", "812 read, 24 written", "$0.00023", "800 ms"):
        assert told in text


def test_a_reply_is_cut_as_it_was_spoken() -> None:
    assert [sentence.text for sentence in views_history.sentences_of(SAID)] == ["Cheese wins.", "Nobody argues!"]
    assert views_history.sentences_of("") == []


@pytest.mark.parametrize(
    ("limits", "spent", "paid"), [({}, 0, True), ({"characters": 0}, 0, False), ({}, 20_000_000, False)]
)
def test_a_voice_that_costs_is_heard_only_within_plan_and_ceilings(
    channel: Channel, limits: dict[str, int], spent: int, paid: bool
) -> None:
    Channel.objects.filter(pk=channel.pk).update(entitlements=limits)
    if spent:
        record_usage(channel, key="before", kind=UsageRecord.Kind.REPLY, cost_micros=spent)
    channel.refresh_from_db()
    assert (wiring.voice_within_limits(channel) is not build_voice) == paid
