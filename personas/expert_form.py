"""The expert view's forms: a card's texts and lorebook entries, edited by hand."""

from __future__ import annotations

import re
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from personas.cards import limits
from personas.cards.card import Card
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


class ExpertForm(forms.Form):
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
    def of(cls, card: Card | None, data: Any = None) -> ExpertForm:
        """The form filled with what the card says."""
        texts = {name: card.text(name) for name in cls.base_fields if name != "alternate_greetings"} if card else {}
        greetings = card.texts("alternate_greetings") if card else []
        return cls(data, initial=texts | {"alternate_greetings": f"\n{BREAK}\n".join(greetings)})

    def texts(self) -> dict[str, str]:
        """The card's plain texts."""
        return {name: text for name, text in self.cleaned_data.items() if name != "alternate_greetings"}

    def greetings(self) -> list[str]:
        parts = re.split(rf"(?m)^{BREAK}[ \t]*$", self.cleaned_data["alternate_greetings"])
        return [part.strip("\n") for part in parts if part.strip()]


class WordsField(forms.CharField):
    """Keys of an entry with commas between; a comma inside of a /pattern/ parts nothing."""

    def clean(self, value: Any) -> list[str]:
        found = re.findall(r"\s*(/(?:[^/\\]|\\.)+/[a-z]*|[^,\n]+)\s*(?:,|\n|$)", str(super().clean(value)))
        words = list(dict.fromkeys(word.strip() for word in found if word.strip()))
        if len(words) > limits.MAX_ENTRY_KEYS:
            raise forms.ValidationError(_("At most 200 words for one entry."))
        return words


class EntryForm(forms.Form):
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
    def of(cls, entry: Document, data: Any = None) -> EntryForm:
        def words(name: str) -> str:
            listed = entry.get(name)
            return ", ".join(key for key in listed if isinstance(key, str)) if isinstance(listed, list) else ""

        order = entry.get("insertion_order")
        return cls(
            data,
            initial={
                "comment": next((entry[key] for key in ("name", "comment") if entry.get(key)), ""),
                "keys": words("keys"),
                "content": entry.get("content", ""),
                "constant": entry.get("constant") is True,
                "enabled": entry.get("enabled", True) is not False,
                "secondary_keys": words("secondary_keys") if entry.get("selective") is True else "",
                "insertion_order": order if isinstance(order, int) and not isinstance(order, bool) else 100,
                "position": entry.get("position") if entry.get("position") in dict(POSITIONS) else "after_char",
            },
        )

    def clean(self) -> dict[str, Any]:
        values: dict[str, Any] = super().clean() or {}
        if not str(values.get("content", "")).strip() and "content" not in self.errors:
            self.add_error("content", _("Write what she knows."))
        if not values.get("keys") and not values.get("constant") and "keys" not in self.errors:
            self.add_error("keys", _("Give words that bring it up, or let it be always known."))
        return values

    def entry(self, before: Document) -> Document:
        """The entry with what the form changed, everything else as it was."""
        values = dict(self.cleaned_data)
        second, called = values.pop("secondary_keys"), values.pop("comment")
        made = before | values | {"name" if before.get("name") else "comment": called}
        if second or before.get("selective"):
            made |= {"secondary_keys": second, "selective": bool(second)}
        return made
