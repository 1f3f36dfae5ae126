"""What goes in and out of the endpoints of personas, and the way between them and the persona form.

The form stays the judge of what may be saved: a program meets the same refusals as a person.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from drf_spectacular.utils import extend_schema_serializer
from rest_framework import serializers

from personas.actions import values_in
from personas.forms import MAX_NICKNAMES, VOICE, PersonaForm
from personas.models import EVENTS, LANGUAGES, MODES, MOODS, Persona, PersonaVersion
from personas.pronunciation import LANGUAGES as SAID_IN
from personas.pronunciation import LONGEST_SAY, LONGEST_WORD, MOST_WORDS, text_of
from personas.publishing import Standing

if TYPE_CHECKING:
    Shape = serializers.Serializer[Any]
else:
    Shape = serializers.Serializer

MOST = 1_000_000
"""Bits or raiders."""
COLUMNS = {
    "chance_percent": ("chance",),
    "voice": ("voice_engine", "voice_name"),
    "voice_en": ("language_voices",),
    "voice_ru": ("language_voices",),
}
"""Where a field of the API is another one, or several, of a version."""


class SayAs(Shape):
    """How one word is said."""

    word = serializers.CharField(max_length=LONGEST_WORD)
    say = serializers.CharField(max_length=LONGEST_SAY)
    language = serializers.ChoiceField(["", *SAID_IN], required=False, help_text="Empty: in every language.")


class PersonaValues(Shape):
    """All that shapes her but her look, card and lorebook, which are made on her pages."""

    name = serializers.CharField(max_length=40)
    description = serializers.CharField(max_length=12_000, allow_blank=True, help_text="Who she is.")
    style = serializers.CharField(  # type: ignore[assignment]
        max_length=2000, allow_blank=True, help_text="How she speaks."
    )
    language = serializers.ChoiceField(LANGUAGES)
    mode = serializers.ChoiceField(MODES, help_text="How outgoing she is.")
    mention = serializers.BooleanField(help_text="Answers when her name is mentioned.")
    misspelt = serializers.BooleanField(help_text="Hears her name misspelt.")
    nicknames = serializers.ListField(child=serializers.CharField(max_length=40), max_length=MAX_NICKNAMES)
    command = serializers.CharField(max_length=24, allow_blank=True, help_text="Messages that begin with it are hers.")
    question = serializers.BooleanField(help_text="Answers questions to nobody in particular.")
    first_message = serializers.BooleanField(help_text="Answers a chatter's first message.")
    every_message = serializers.BooleanField(help_text="Answers every message.")
    chance_percent = serializers.IntegerField(min_value=0, max_value=100, help_text="Answers other messages.")
    events = serializers.ListField(child=serializers.ChoiceField(EVENTS), max_length=len(EVENTS))
    cheer_minimum = serializers.IntegerField(min_value=0, max_value=MOST, help_text="Bits. A dollar of a tip is 100.")
    cut_in_bits = serializers.IntegerField(min_value=0, max_value=MOST, help_text="0: never.")
    cut_in_raiders = serializers.IntegerField(min_value=0, max_value=MOST, help_text="0: never.")
    cooldown = serializers.FloatField(min_value=0, max_value=600, help_text="Seconds after a reply.")
    chatter_cooldown = serializers.FloatField(min_value=0, max_value=3600, help_text="Seconds for the same chatter.")
    replies_per_minute = serializers.IntegerField(min_value=1, max_value=60)
    voice = serializers.RegexField(VOICE, max_length=150, help_text="engine:name, such as `auto:`.")
    voice_en = serializers.CharField(max_length=150, allow_blank=True, help_text="Another voice in English.")
    voice_ru = serializers.CharField(max_length=150, allow_blank=True, help_text="Another voice in Russian.")
    voice_speed = serializers.FloatField(min_value=0.5, max_value=2)
    voice_pitch = serializers.FloatField(min_value=0.5, max_value=2)
    voice_instructions = serializers.CharField(max_length=500, allow_blank=True)
    pronunciation = serializers.ListField(child=SayAs(), max_length=MOST_WORDS)
    mood = serializers.ChoiceField(MOODS, help_text="At rest.")


@extend_schema_serializer(component_name="Persona")
class PersonaShape(Shape):
    """A persona of the channel."""

    id = serializers.IntegerField()
    name = serializers.CharField()
    on_stage = serializers.BooleanField(help_text="The one persona chat meets.")
    live_version = serializers.IntegerField(allow_null=True, help_text="Number of the version she lives by.")
    drafts = serializers.ListField(child=serializers.IntegerField(), help_text="Numbers of versions not live yet.")
    created_at = serializers.DateTimeField()


class PersonaList(Shape):
    results = PersonaShape(many=True)


class VersionSummary(Shape):
    """One version in short."""

    number = serializers.IntegerField()
    state = serializers.ChoiceField(["draft", "live", "past"])
    name = serializers.CharField()
    published_at = serializers.DateTimeField(allow_null=True)
    created_at = serializers.DateTimeField()
    restores = serializers.IntegerField(allow_null=True, help_text="The earlier version that was brought back.")


class VersionPage(Shape):
    """Follow `next` until it is null."""

    next = serializers.URLField(allow_null=True)
    previous = serializers.URLField(allow_null=True)
    results = VersionSummary(many=True)


@extend_schema_serializer(component_name="Version")
class VersionShape(VersionSummary):
    """One version. The header ETag names what it holds now."""

    standing = serializers.ChoiceField([each.value for each in Standing], help_text="What checks say of its texts.")
    values = PersonaValues()
    warnings = serializers.ListField(
        child=serializers.CharField(), help_text="What this channel's rules will make of texts just saved."
    )


class Publish(Shape):
    set_aside = serializers.BooleanField(required=False, help_text="Publish in spite of hints. Faults stay faults.")


def persona_shape(persona: Persona) -> dict[str, Any]:
    """What `PersonaShape` describes."""
    drafts = persona.versions.filter(published_at=None).order_by("number").values_list("number", flat=True)
    return {
        "id": persona.pk,
        "name": persona.published.name if persona.published else "",
        "on_stage": persona.is_active,
        "live_version": persona.published.number if persona.published else None,
        "drafts": list(drafts),
        "created_at": persona.created_at,
    }


def summary(version: PersonaVersion, live_id: int | None) -> dict[str, Any]:
    """What `VersionSummary` describes."""
    past = "live" if version.pk == live_id else "past"
    return {
        "number": version.number,
        "state": "draft" if version.published_at is None else past,
        "name": version.name,
        "published_at": version.published_at,
        "created_at": version.created_at,
        "restores": version.restores,
    }


def shown_values(version: PersonaVersion) -> dict[str, Any]:
    """What `PersonaValues` describes."""
    names = [str(name) for name in PersonaValues().fields]
    direct = {name: getattr(version, name) for name in names if hasattr(version, name)}
    return direct | {
        "chance_percent": round(version.chance * 100),
        "voice": f"{version.voice_engine}:{version.voice_name}",
        "voice_en": version.language_voices.get("en", ""),
        "voice_ru": version.language_voices.get("ru", ""),
    }


def form_for(version: PersonaVersion, sent: Mapping[str, Any]) -> PersonaForm:
    """The persona form of this version as a person would send it who changed only what is in `sent`."""
    shown = PersonaForm(version=version)
    data = {name: shown[name].value() for name in shown.fields}
    changed = dict(sent)
    if "nicknames" in changed:
        changed["nicknames"] = "\n".join(changed["nicknames"])
    if "pronunciation" in changed:
        changed["pronunciation"] = text_of([{"language": "", **row} for row in changed["pronunciation"]])
    return PersonaForm(data | changed, version=version)


def wanted_values(form: PersonaForm, sent: Mapping[str, Any]) -> dict[str, Any]:
    """Of a valid form the version's values that were sent; all others stay to the last digit as they are."""
    touched = {column for name in sent for column in COLUMNS.get(name, (name,))}
    return {name: value for name, value in form.persona_values().items() if name in touched}


def etag(version: PersonaVersion) -> str:
    """Another one for each content; in quotes, as the header wants it."""
    told = json.dumps([values_in(version), str(version.published_at)], sort_keys=True, ensure_ascii=False)
    return f'"{hashlib.sha256(told.encode()).hexdigest()[:32]}"'
