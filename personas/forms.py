"""The persona form: what a broadcaster may shape, checked and said in clear words."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from django import forms
from django.forms.boundfield import BoundWidget
from django.utils.translation import gettext_lazy as _

from personas import screening
from personas.character import NICKNAME_LENGTH
from personas.models import EVENTS, LANGUAGES, MODES, MOODS, PersonaVersion
from personas.plan import changed_voices, voice_refused
from personas.pronunciation import DictionaryError, Row, rows_of, text_of

VOICE = re.compile(r"(?P<engine>[a-z][a-z0-9]{0,19}):(?P<name>[^\x00-\x1f]{0,120})")
VOICE_FIELDS = ("voice", "voice_en", "voice_ru")
MAX_NICKNAMES = 20
PAID_EVENTS = frozenset({"cheer", "sub", "gift", "redemption"})
MODE_NOTES = {
    "normal": _("Answers whatever you choose below."),
    "chatty": _("Answers questions to nobody in particular, too, and joins in at about every fourth other message."),
    "shy": _(
        "Speaks when she is called, and at the events you choose. Three replies a minute at most, with long pauses."
    ),
    "paid-only": _("Cheers, tips, subs, gifts and redemptions alone. Chat goes unanswered, yours too."),
    "subs-only": _("Hears subscribers, VIPs, moderators and you, and whatever is paid for."),
    "approve": _("Answers whatever you choose below, once a moderator has read the reply and let it pass."),
}
"""What each mode does, in a sentence."""


class LinesField(forms.CharField):
    """Text of several lines. Browsers send every line break as two signs, of which one counts and is kept."""

    def to_python(self, value: Any) -> str:
        return str(super().to_python(value)).replace("\r\n", "\n").replace("\r", "\n")


class NicknamesField(forms.CharField):
    """Words with commas between; cleans to a list in small letters."""

    def prepare_value(self, value: Any) -> Any:
        return ", ".join(value) if isinstance(value, list) else value

    def clean(self, value: Any) -> list[str]:
        names = [name.strip().lower() for name in re.split(r"[,\n]", str(super().clean(value)))]
        names = list(dict.fromkeys(name for name in names if name))
        if len(names) > MAX_NICKNAMES or any(len(name) > NICKNAME_LENGTH for name in names):
            most = {"most": MAX_NICKNAMES, "length": NICKNAME_LENGTH}
            raise forms.ValidationError(_("At most %(most)s nicknames of %(length)s characters each."), params=most)
        return names


class PronunciationField(forms.CharField):
    """`word = how to say it`, one a line; cleans to rows."""

    def prepare_value(self, value: Any) -> Any:
        return text_of(value) if isinstance(value, list) else value

    def clean(self, value: Any) -> list[Row]:
        try:
            return rows_of(str(super().clean(value)))
        except DictionaryError as error:
            raise forms.ValidationError(str(error)) from None


if TYPE_CHECKING:
    VersionForm = forms.ModelForm[PersonaVersion]
else:
    VersionForm = forms.ModelForm


class PersonaForm(VersionForm):
    """One version's values. `persona_values()` is what the action takes."""

    nicknames = NicknamesField(
        label=_("Nicknames"), required=False, help_text=_("Other names she listens to, with commas between.")
    )
    mode = forms.ChoiceField(label=_("How outgoing she is"), choices=MODES, required=False, widget=forms.RadioSelect)
    events = forms.MultipleChoiceField(
        label=_("Events she reacts to"), choices=EVENTS, required=False, widget=forms.CheckboxSelectMultiple
    )
    chance_percent = forms.IntegerField(
        label=_("Answers other messages by herself, percent"),
        min_value=0,
        max_value=100,
        widget=forms.NumberInput(attrs={"type": "range", "step": 5}),
    )
    voice = forms.CharField(label=_("Voice"), max_length=150)
    voice_en = forms.CharField(label=_("Voice in English"), max_length=150, required=False)
    voice_ru = forms.CharField(label=_("Voice in Russian"), max_length=150, required=False)
    pronunciation = PronunciationField(
        label=_("How words are said"),
        required=False,
        max_length=30_000,
        widget=forms.Textarea(attrs={"rows": 5, "spellcheck": "false", "placeholder": _("xQc = ex cue see")}),
        help_text=_("Names, emotes, slang: one a line, as word = how to say it. For one language: ru: GG = джи джи."),
    )
    language = forms.ChoiceField(label=_("Language"), choices=LANGUAGES)
    mood = forms.ChoiceField(label=_("Resting mood"), choices=MOODS, widget=forms.RadioSelect)

    class Meta:
        model = PersonaVersion
        fields = (
            "name", "description", "style", "mention", "misspelt", "command", "question", "first_message",
            "every_message", "cheer_minimum", "cut_in_bits", "cut_in_raiders", "cooldown", "chatter_cooldown",
            "replies_per_minute", "voice_speed", "voice_pitch", "voice_instructions",
        )  # fmt: skip
        field_classes = {"description": LinesField, "style": LinesField}
        labels = {
            "name": _("Name"),
            "description": _("Who she is"),
            "style": _("How she speaks"),
            "mention": _("When her name or a nickname is mentioned"),
            "misspelt": _("When it is misspelt"),
            "command": _("Chat command"),
            "question": _("Questions to nobody in particular"),
            "first_message": _("A chatter's first message of the stream"),
            "every_message": _("Every message"),
            "cheer_minimum": _("Cheers and tips from this many bits"),
            "cut_in_bits": _("Money that cuts in, from this many bits"),
            "cut_in_raiders": _("Raids that cut in, from this many viewers"),
            "cooldown": _("Pause after a reply, seconds"),
            "chatter_cooldown": _("Pause for the same chatter, seconds"),
            "replies_per_minute": _("Replies a minute at most"),
            "voice_speed": _("Speed"),
            "voice_pitch": _("Pitch"),
            "voice_instructions": _("How the voice should sound"),
        }
        help_texts = {
            "name": _("Chat calls her by it."),
            "description": _("Her story, what she likes, what she knows about you and your channel."),
            "style": _("Tone, length, habits. Write it as you would brief an actor."),
            "cut_in_bits": _(
                "She ends the sentence she is at and thanks. A sub counts as 500 bits, a dollar of a tip as 100. "
                "0: never."
            ),
            "cut_in_raiders": _("She ends the sentence she is at and greets them. 0: never."),
            "misspelt": _(
                "A slip of the keyboard in five letters or more, stretched letters, Russian cases, or the other "
                "alphabet: Мика for Mika. Ordinary words never call her."
            ),
            "question": _("Not those with an @name, nor replies to somebody else."),
            "first_message": _(
                "Newcomers go before others who wait as long. Somebody she answered in the last day is no newcomer."
            ),
            "command": _("Messages that begin with it are always for her. Empty: no command."),
            "every_message": _("For quiet channels. In a busy chat the limits below decide."),
            "voice_pitch": _(
                "She stays as fast as the speed says; a server that takes no speed is faster when higher."
            ),
            "voice_instructions": _("Only some voices follow this, such as OpenAI's."),
        }
        widgets = {
            "name": forms.TextInput(attrs={"autocomplete": "off"}),
            "description": forms.Textarea(attrs={"rows": 6}),
            "style": forms.Textarea(attrs={"rows": 4}),
            "voice_speed": forms.NumberInput(attrs={"type": "range", "step": 0.05, "min": 0.5, "max": 2}),
            "voice_pitch": forms.NumberInput(attrs={"type": "range", "step": 0.05, "min": 0.5, "max": 2}),
            "voice_instructions": forms.TextInput(),
        }

    def __init__(self, data: Any = None, *, version: PersonaVersion) -> None:
        own = {
            "mode": version.mode,
            "nicknames": version.nicknames,
            "events": version.events,
            "chance_percent": round(version.chance * 100),
            "voice": f"{version.voice_engine}:{version.voice_name}",
            "voice_en": version.language_voices.get("en", ""),
            "voice_ru": version.language_voices.get("ru", ""),
            "pronunciation": version.pronunciation,
            "language": version.language,
            "mood": version.mood,
        }
        shaped = {name: _plain(getattr(version, name)) for name in self.Meta.fields}
        self.channel = version.channel
        self.warnings: list[str] = []
        """What the channel's safety rules will make of the texts, for whoever has saved them."""
        # A fresh instance: the published version itself must never be bound to a form that writes onto it.
        super().__init__(data, initial=shaped | own, instance=PersonaVersion())

    def modes(self) -> Iterator[tuple[BoundWidget, str]]:
        """Each mode's radio button, and what the mode does."""
        for radio in self["mode"]:
            yield radio, str(MODE_NOTES[radio.data["value"]])

    def clean_mode(self) -> str:
        # A page that was opened before there were modes does not send any.
        return str(self.cleaned_data["mode"] or self.initial["mode"])

    def clean_command(self) -> str:
        command = str(self.cleaned_data["command"]).strip()
        if command and " " in command:
            raise forms.ValidationError(_("A command is one word, such as !ai."))
        return command

    def clean_voice(self) -> str:
        return _listed(self.cleaned_data["voice"])

    def clean_voice_en(self) -> str:
        return _listed(self.cleaned_data["voice_en"]) if self.cleaned_data["voice_en"] else ""

    def clean_voice_ru(self) -> str:
        return _listed(self.cleaned_data["voice_ru"]) if self.cleaned_data["voice_ru"] else ""

    def clean(self) -> dict[str, Any]:
        values: dict[str, Any] = super().clean() or {}
        if not self.errors:
            self._check_occasions(values)
        for field in changed_voices(self.initial, {name: values.get(name, "") for name in VOICE_FIELDS}):
            if refused := voice_refused(self.channel, values[field]):
                self.add_error(field, refused)
        for field, objection in screening.objections(self.channel, values):
            if objection.is_hard:
                self.add_error(field, screening.refusal(objection))
            else:
                self.warnings.append(screening.warning(field, objection))
        return values

    def _check_occasions(self, values: dict[str, Any]) -> None:
        """Refuses what would leave her silent for good."""
        mode = values["mode"]
        events = set(values["events"])
        called = bool(values["mention"] or values["command"])
        talk = any(values[name] for name in ("question", "first_message", "every_message", "chance_percent"))
        if mode == "paid-only":
            if not PAID_EVENTS & events:
                self.add_error("events", _("She would never answer: choose something that is paid for."))
            return
        heard = {
            "normal": called or talk or events,
            "approve": called or talk or events,
            "chatty": True,
            "shy": called or events,
            "subs-only": called or talk or PAID_EVENTS & events,
        }
        if not heard[mode]:
            self.add_error("mention", _("She would never answer: choose at least one occasion."))

    def persona_values(self) -> dict[str, Any]:
        """The cleaned values under the names of the version's fields."""
        values = dict(self.cleaned_data)
        engine, _colon, name = str(values.pop("voice")).partition(":")
        single = {language: str(values.pop(f"voice_{language}")) for language, _name in LANGUAGES}
        return values | {
            "language_voices": {language: voice for language, voice in single.items() if voice},
            "chance": values.pop("chance_percent") / 100,
            "voice_engine": engine,
            "voice_name": name,
        }


def _listed(voice: Any) -> str:
    if not VOICE.fullmatch(str(voice)):
        raise forms.ValidationError(_("Choose a voice from the list."))
    return str(voice)


def _plain(value: Any) -> Any:
    """A whole number as such: 10 and not 10.0."""
    return int(value) if isinstance(value, float) and value.is_integer() else value
