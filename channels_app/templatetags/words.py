"""Words of the line, and kinds of event, in the reader's language."""

from __future__ import annotations

from django import template
from django.utils.translation import gettext as _

from channels_app.dashboard.forms import TalkForm
from channels_app.words import translated

register = template.Library()


@register.filter
def in_words(text: str) -> str:
    """{{ turn.reason|in_words }}"""
    return translated(text)


@register.filter
def occasion(kind: str) -> str:
    """{{ event.kind|occasion }}: "cheer" -> "Cheer (bits)"."""
    own = {"idle": _("Talks by herself"), "notice": _("About her memory"), "tip": _("Tip")}
    return str(own.get(kind) or dict(TalkForm.KINDS).get(kind, kind))
