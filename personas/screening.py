"""The texts of a persona before the safety rules: what no channel may hold is refused, what hers blocks is told."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from channels_app import screening
from channels_app.models import Channel
from channels_app.screening import Objection

SCREENED = {
    "name": gettext_lazy("name"),
    "description": gettext_lazy("who she is"),
    "style": gettext_lazy("how she speaks"),
    "nickname": gettext_lazy("nickname"),
    "personality": gettext_lazy("personality"),
    "scenario": gettext_lazy("scenario"),
    "system_prompt": gettext_lazy("what she keeps to"),
    "mes_example": gettext_lazy("examples of how she talks"),
    "post_history_instructions": gettext_lazy("reminder at the end of each prompt"),
    "content": gettext_lazy("what the entry says"),
}
"""What she is told of herself, and so may say."""


def objections(channel: Channel, values: Mapping[str, Any]) -> Iterator[tuple[str, Objection]]:
    """(field, what the rules object to) for each text of a persona that does not pass."""
    for field in SCREENED:
        if (text := str(values.get(field, ""))) and (found := screening.objection(channel, text)):
            yield field, found


def refusal(objection: Objection) -> str:
    """Why a text cannot be saved, and how it can."""
    return _("“{words}” is blocked on every channel (rule {rule}). Take it out, or describe it in other words.").format(
        words=objection.words, rule=objection.rule
    )


def warning(field: str, objection: Objection) -> str:
    """What will happen to a text that is saved, and how to mend it. `field` is one of SCREENED."""
    told = {"field": capfirst(SCREENED[field]), "words": objection.words, "rule": objection.rule}
    if objection.rule.startswith("lexicon."):
        return _(
            "“{words}” ({field}) is blocked on this channel (rule {rule}), so she is cut off whenever she says it. "
            "Write it differently, or allow it in the settings under “Safety”."
        ).format(**told)
    return _(
        "“{words}” ({field}) is blocked on this channel (rule {rule}), so she is cut off whenever she says it. "
        "Write it differently."
    ).format(**told)
