"""Searching the turns of a channel."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from channels_app import queries
from channels_app.models import Channel, Turn


class HistoryForm(forms.Form):
    """What is looked for. All of it may be empty."""

    q = forms.CharField(
        label=_("Words or a name"),
        max_length=100,
        required=False,
        widget=forms.TextInput(attrs={"type": "search", "autocomplete": "off"}),
    )
    outcome = forms.ChoiceField(label=_("What became of it"), required=False)
    since = forms.DateField(label=_("From day"), required=False, widget=forms.DateInput(attrs={"type": "date"}))
    until = forms.DateField(label=_("To day"), required=False, widget=forms.DateInput(attrs={"type": "date"}))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        kept = [choice for choice in Turn.Outcome.choices if choice[0] not in Turn.OPEN]
        self.fields["outcome"].choices = [("", _("anything")), *kept]  # type: ignore[attr-defined]

    @property
    def is_used(self) -> bool:
        """Whether anything is looked for."""
        return self.is_bound and self.is_valid() and any(self.cleaned_data.values())


def found(channel: Channel, wanted: dict[str, Any], *, before: datetime | None, count: int) -> list[Turn]:
    """The newest turns that fit, the newest first: `count` of them, and one more where there are more."""
    turns = queries.turns_shown(channel).select_related("safety_case")
    if wanted.get("q"):
        turns = turns.filter(queries.with_words(wanted["q"], "asked", "said", "chatter_name"))
    if wanted.get("outcome"):
        turns = turns.filter(outcome=wanted["outcome"])
    if wanted.get("since"):
        turns = turns.filter(created_at__gte=datetime.combine(wanted["since"], time(), UTC))
    if wanted.get("until"):
        turns = turns.filter(created_at__lt=datetime.combine(wanted["until"] + timedelta(days=1), time(), UTC))
    if before is not None:
        turns = turns.filter(created_at__lt=before)
    return list(_newest(turns)[: count + 1])


def _newest(turns: QuerySet[Turn]) -> QuerySet[Turn]:
    return turns.order_by("-created_at")
