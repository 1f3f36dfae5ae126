"""The persona's dictionary, from what a person types to what the run says."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from personas.actions import save_persona
from personas.forms import PersonaForm
from personas.models import PersonaVersion
from personas.pronunciation import DictionaryError, rows_of, text_of
from personas.snapshot import snapshot
from tests import factories
from workers.pipeline.speakable.text import speakable
from workers.records import persona_from

TYPED = "xQc = ex cue see\n\n# my friends\nru: GG =  джи джи \nRE: zero = re zero"
ROWS = [
    {"word": "xQc", "say": "ex cue see", "language": ""},
    {"word": "GG", "say": "джи джи", "language": "ru"},
    {"word": "RE: zero", "say": "re zero", "language": ""},
]


def test_lines_become_rows_and_rows_lines() -> None:
    assert rows_of(TYPED) == ROWS
    assert rows_of(text_of(ROWS)) == ROWS


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        ("xQc", "Line 1: write it as word = how to say it"),
        ("a = b\n = see", "Line 2: write it as"),
        ("a = b\nA = c", "Line 2: “A” is already there"),
        (f"{'a' * 41} = b", "Line 1: at most 40 characters for the word and 80"),
        ("a = !!!", "Line 1: how to say it needs letters"),
        (":) = smile", "has no letter or figure"),
        ("\n".join(f"w{number} = x" for number in range(201)), "At most 200 words"),
    ],
)
def test_what_cannot_be_understood_is_named_with_its_line(typed: str, told: str) -> None:
    with pytest.raises(DictionaryError, match=told.replace("(", r"\(")):
        rows_of(typed)


@given(st.text(max_size=200))
def test_any_text_is_rows_or_a_clear_refusal(typed: str) -> None:
    try:
        rows = rows_of(typed)
    except DictionaryError:
        return
    assert rows_of(text_of(rows)) == rows


def form_of(version: PersonaVersion, **changed: str) -> PersonaForm:
    unchanged = PersonaForm(version=version)
    values = {name: unchanged[name].value() for name in unchanged.fields}
    return PersonaForm({name: value for name, value in values.items() if value is not None} | changed, version=version)


@pytest.mark.django_db
def test_saved_words_and_voices_reach_the_run() -> None:
    channel = factories.channel()
    persona = factories.persona(channel)
    assert persona.published is not None
    form = form_of(persona.published, pronunciation=TYPED, voice_ru="espeak:soft")
    assert form.is_valid(), form.errors
    save_persona(channel, acting_user=None, values=form.persona_values())
    values = snapshot(channel)
    assert values is not None
    frozen = persona_from(values)
    assert speakable("xQc says GG", "ru", frozen.pronunciation) == "ex cue see says джи джи"
    assert (frozen.voice_in("ru").engine, frozen.voice_in("ru").name) == ("espeak", "soft")
    assert frozen.voice_in("en").engine == "auto"


@pytest.mark.django_db
def test_a_wrong_line_is_told_beside_the_field_and_nothing_is_lost() -> None:
    persona = factories.persona(factories.channel())
    assert persona.published is not None
    form = form_of(persona.published, pronunciation="xQc", voice_en="no such thing")
    assert "Line 1" in form.errors["pronunciation"][0]
    assert form.errors["voice_en"] == ["Choose a voice from the list."]
    assert form["pronunciation"].value() == "xQc"
