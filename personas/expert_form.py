"""The expert view's forms: a card's texts and lorebook entries, edited by hand."""

from __future__ import annotations

import hashlib
import json
import re
from typing import Any, Self

from django import forms
from django.utils.translation import gettext_lazy as _

from personas.cards import limits
from personas.cards.card import Card, whole_number
from personas.cards.entries import entry_keys, entry_text, named_in, stands_before
from personas.cards.text import Document
from personas.character import NICKNAME_LENGTH, REMINDER_LENGTH, TEXT_LENGTH
from personas.forms import LinesField
from personas.words import CARD_FIELDS

BREAK = "---"
"""A line of its own between two greetings."""
LONGEST_CONTENT = 12_000
POSITIONS = [("before_char", _("before who she is")), ("after_char", _("after who she is"))]


class TextField(LinesField):
    """A long text that counts its tokens while it is written."""

    def __init__(self, *, label: Any, rows: int, max_length: int, help_text: Any = "", counts: bool = True) -> None:
        attrs = {"rows": rows, "dir": "auto"} | ({"data-tokens": ""} if counts else {})
        super().__init__(
            label=label,
            required=False,
            max_length=max_length,
            help_text=help_text,
            strip=False,
            widget=forms.Textarea(attrs=attrs),
        )

    def to_python(self, value: Any) -> str:
        return super().to_python(value).replace("\0", "")


class ChangesForm(forms.Form):
    """Judges and takes what was changed. What was not may be odd, since other programs wrote it, and stays as it is."""

    shown = forms.CharField(widget=forms.HiddenInput, required=False)
    """Digest of what the person saw when the page was made."""

    @property
    def changed(self) -> dict[str, Any]:
        """The valid values of the fields that were changed."""
        return {name: self.cleaned_data[name] for name in self._changed if name in self.cleaned_data}

    @property
    def is_stale(self) -> bool:
        """Whether something else stands there now than the person saw."""
        return self.is_bound and self["shown"].data != self.get_initial_for_field(self.fields["shown"], "shown")

    def clean(self) -> dict[str, Any]:
        values: dict[str, Any] = super().clean() or {}
        for name in [name for name in self.errors if name not in self._changed]:
            del self.errors[name]
        return values

    @property
    def _changed(self) -> list[str]:
        return [name for name in self.changed_data if name != "shown" and not self._is_as_shown(name)]

    def _is_as_shown(self, name: str) -> bool:
        """Browsers write every line break as two signs, and none into fields of one line."""
        sent, initial = (str(value).replace("\r\n", "\n") for value in (self[name].data, self[name].initial))
        several = isinstance(self.fields[name].widget, forms.Textarea)
        return sent.replace("\r", "\n") == (initial.replace("\r", "\n") if several else re.sub(r"[\r\n]", "", initial))


def digest_of(*shown: Any) -> str:
    """The same for the same values."""
    return hashlib.sha256(json.dumps(shown, sort_keys=True, ensure_ascii=False).encode()).hexdigest()


class ExpertForm(ChangesForm):
    """The texts of a card beyond what the guided page asks for."""

    personality = TextField(
        label=CARD_FIELDS["personality"],
        rows=4,
        max_length=TEXT_LENGTH,
        help_text=_("Traits and habits, as short as you like."),
    )
    scenario = TextField(
        label=CARD_FIELDS["scenario"], rows=3, max_length=TEXT_LENGTH, help_text=_("Where she is and what goes on.")
    )
    mes_example = TextField(
        label=CARD_FIELDS["mes_example"],
        rows=7,
        max_length=TEXT_LENGTH,
        help_text=_("<START> begins an example. Write {{user}}: and {{char}}: before what each says."),
    )
    system_prompt = TextField(
        label=CARD_FIELDS["system_prompt"],
        rows=4,
        max_length=TEXT_LENGTH,
        help_text=_("Orders to the model (the card's system prompt). They stand below our safety rules and lift none."),
    )
    post_history_instructions = TextField(
        label=CARD_FIELDS["post_history_instructions"],
        rows=3,
        max_length=REMINDER_LENGTH,
        help_text=_("Said again after the conversation, so it counts most and is paid for anew with each reply."),
    )
    nickname = forms.CharField(
        label=CARD_FIELDS["nickname"],
        required=False,
        max_length=NICKNAME_LENGTH,
        help_text=_("What {{char}} stands for, where it is not her name."),
    )
    first_mes = TextField(
        label=CARD_FIELDS["first_mes"],
        rows=3,
        max_length=TEXT_LENGTH,
        help_text=_("Greetings are kept for other programs and never told to the model."),
        counts=False,
    )
    alternate_greetings = TextField(
        label=CARD_FIELDS["alternate_greetings"],
        rows=3,
        max_length=10 * TEXT_LENGTH,
        help_text=_("A line of three dashes (---) stands between two of them."),
        counts=False,
    )

    @classmethod
    def of(cls, card: Card | None, draft: int | None, data: Any = None) -> ExpertForm:
        """The form filled with what the card says; `draft` is the number of the draft it is about."""
        named = [name for name in cls.base_fields if name not in ("shown", "alternate_greetings")]
        texts = {name: card.text(name) if card else "" for name in named}
        texts["alternate_greetings"] = f"\n{BREAK}\n".join(card.texts("alternate_greetings") if card else [])
        return cls(data, initial=texts | {"shown": digest_of(draft, texts)})

    def texts(self) -> dict[str, str]:
        """The card's plain texts that were changed."""
        return {name: text for name, text in self.changed.items() if name != "alternate_greetings"}

    def greetings(self) -> list[str] | None:
        """None where they stay."""
        if (text := self.changed.get("alternate_greetings")) is None:
            return None
        parts = re.split(rf"(?m)^{BREAK}[ \t]*$", text)
        return [part.strip("\n") for part in parts if part.strip()]


class WordsField(forms.CharField):
    """Keys of an entry with commas between; a comma inside of a /pattern/ parts nothing."""

    def clean(self, value: Any) -> list[str]:
        found = re.findall(r"\s*(/(?:[^/\\]|\\.)+/[a-z]*|[^,\n]+)\s*(?:,|\n|$)", str(super().clean(value)))
        words = list(dict.fromkeys(word.strip() for word in found if word.strip()))
        if len(words) > limits.MAX_ENTRY_KEYS:
            most = {"most": limits.MAX_ENTRY_KEYS}
            raise forms.ValidationError(_("At most %(most)s words for one entry."), params=most)
        return words


class EntryForm(ChangesForm):
    """One entry of a lorebook."""

    comment = forms.CharField(label=_("What it is about"), required=False, max_length=120)
    keys = WordsField(
        label=_("Words that bring it up"),
        required=False,
        max_length=4000,
        help_text=_("With commas between. A word counts at the beginning of a word: cat is in cats. /pattern/ is RE2."),
    )
    content = TextField(label=_("What she knows"), rows=6, max_length=LONGEST_CONTENT)
    constant = forms.BooleanField(
        label=_("Always known"), required=False, help_text=_("Told with every reply, whatever is said.")
    )
    enabled = forms.BooleanField(label=_("Switched on"), required=False)
    secondary_keys = WordsField(label=_("And one of these"), required=False, max_length=4000)
    insertion_order = forms.IntegerField(
        label=_("Order"), min_value=-9999, max_value=9999, help_text=_("Lower ones are told first.")
    )
    position = forms.ChoiceField(label=_("Where constant knowledge is told"), choices=POSITIONS)

    @classmethod
    def of(cls, entry: Document, draft: int | None, data: Any = None) -> Self:
        """The form filled with what the entry says; `draft` is the number of the draft it is about."""
        values = {
            "comment": entry_text(entry, named_in(entry)),
            "keys": ", ".join(entry_keys(entry)),
            "content": entry_text(entry, "content"),
            "constant": entry.get("constant") is True,
            "enabled": entry.get("enabled", True) is not False,
            "secondary_keys": ", ".join(entry_keys(entry, "secondary_keys")) if entry.get("selective") is True else "",
            "insertion_order": whole_number(entry.get("insertion_order"), 100),
            "position": "before_char" if stands_before(entry) else "after_char",
        }
        return cls(data, initial=values | {"shown": entry_digest(entry, draft)})

    def clean(self) -> dict[str, Any]:
        values = super().clean()
        if "content" in self.changed and not str(values["content"]).strip():
            self.add_error("content", _("Write what she knows."))
        words = values.get("keys") if "keys" in self._changed else self["keys"].initial
        if not words and not values.get("constant") and {"keys", "constant"} & {*self._changed} - self.errors.keys():
            self.add_error("keys", _("Give words that bring it up, or let it be always known."))
        return values

    def entry(self, before: Document) -> Document:
        """The entry with what was changed, everything else as it was."""
        made = before | {name: value for name, value in self.changed.items() if name != "comment"}
        if "comment" in self.changed:
            made[named_in(before)] = self.changed["comment"]
        if "secondary_keys" in self.changed:
            made["selective"] = bool(made["secondary_keys"])
        return made


class NewEntryForm(EntryForm):
    """An entry there was none of before: all of it is judged and taken."""

    @property
    def _changed(self) -> list[str]:
        return [name for name in self.fields if name != "shown" and (name != "secondary_keys" or self[name].data)]


def entry_digest(entry: Document, draft: int | None) -> str:
    """What tells this entry, as it is now, from others and from other drafts' ones."""
    return digest_of(draft, entry)
