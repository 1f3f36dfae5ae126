"""The characters one may begin with: whole, distinct, within our own rules, and taken with one button."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from channels_app.models import Channel, User
from channels_app.screening import objection
from personas.cards.card import card_of
from personas.cards.entries import entry_rows
from personas.cards.summary import every_text
from personas.forms import PersonaForm
from personas.look import ACCESSORIES, FACES, FRINGES, HAIR, OUTFITS
from personas.models import MOODS, PersonaVersion
from personas.starters import LANGUAGES, Starter, starter, starters
from workers.brain.language import detect_language
from workers.pipeline.values import Mood
from workers.rehearsal.judge import LONGEST_REPLY
from workers.safety.cards import judge_card

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("built_front_end")]
ALL = starters()


@pytest.mark.parametrize("each", ALL, ids=lambda each: each.slug)
def test_each_of_them_is_whole_and_passes_the_strictest_rules(each: Starter, channel: Channel) -> None:
    card = card_of(each.values["card"])
    said = [line for line in card.text("mes_example").splitlines() if line.startswith("{{char}}: ")]
    assert len(said) >= 3
    for line in said:
        mood, _bracket, words = line.removeprefix("{{char}}: [").partition("] ")
        assert mood in {known.value for known in Mood}
        assert len(words) <= LONGEST_REPLY
        assert detect_language(words, each.language) == each.language
    assert len(entry_rows(card.book)) >= 2
    drawn = each.values["avatar"]["drawn"]
    for part, choices in (("face", FACES), ("hair", HAIR), ("fringe", FRINGES), ("outfit", OUTFITS)):
        assert drawn[part] in dict(choices)
    assert set(drawn["accessories"]) <= dict(ACCESSORIES).keys()
    assert each.values["mood"] in dict(MOODS)
    assert not judge_card(every_text(each.values["card"])).rule
    for text in (each.values["description"], each.values["style"], *every_text(card.book)):
        assert objection(channel, text) is None
    for name, value in each.values.items():
        if isinstance(value, str):
            PersonaVersion._meta.get_field(name).run_validators(value)  # type: ignore[union-attr]


def test_there_are_three_at_least_in_each_language_and_no_two_alike() -> None:
    for language in LANGUAGES:
        own = [each for each in ALL if each.language == language]
        assert len(own) >= 3
        for what in ("name", "style"):
            assert len({each.values[what] for each in own}) == len(own)
        assert len({str(each.values["avatar"]["drawn"]) for each in own}) == len(own)


def test_taking_one_keeps_voice_and_triggers_and_can_be_undone(client: Client, channel: Channel, alice: User) -> None:
    client.force_login(alice)
    before = channel.personas.get().published
    assert before is not None
    path = reverse("persona_starters", args=[channel.public_id])
    assert "Take Vesper" in client.get(path).content.decode()
    client.post(path, {"slug": "vesper", "do": "publish"})
    after = channel.personas.get().published
    assert after is not None
    assert (after.name, after.voice_engine, after.command) == ("Vesper", before.voice_engine, before.command)
    kept = client.post(path, {"slug": "tina", "do": "draft"})
    assert "draft=" in kept["Location"]
    assert channel.personas.get().published == after


def test_a_taken_character_can_be_saved_on_her_page(channel: Channel) -> None:
    chosen = starter("tina")
    assert chosen is not None
    version = PersonaVersion(channel=channel, **chosen.values)
    assert PersonaForm(version=version)["description"].value() == chosen.values["description"]
