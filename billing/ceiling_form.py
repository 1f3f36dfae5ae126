"""The form in which a broadcaster limits what the show may cost."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from billing.budget_models import LONGEST_FAREWELL
from billing.limits import MICROS
from billing.models import Budget

LARGEST = 10_000
"""US dollars."""


class CeilingForm(forms.Form):
    """Dollars on the page, millionths of them in the database."""

    hourly = forms.DecimalField(
        label=_("Ceiling for an hour, US dollars"),
        min_value=0,
        max_value=LARGEST,
        decimal_places=2,
        required=False,
        help_text=_("On all that she spends, your own providers included. Empty: only this site's ceilings hold."),
    )
    daily = forms.DecimalField(
        label=_("Ceiling for a day, US dollars"),
        min_value=0,
        max_value=LARGEST,
        decimal_places=2,
        required=False,
        help_text=_("Hours and days begin by UTC."),
    )
    farewell = forms.CharField(
        label=_("Last words when the plan's live time is used up"),
        max_length=LONGEST_FAREWELL,
        required=False,
        help_text=_("She says them and goes off the air. Empty: a line of ours."),
    )

    @classmethod
    def of(cls, budget: Budget | None) -> CeilingForm:
        if budget is None:
            return cls()
        return cls(
            initial={
                "hourly": _dollars(budget.hourly_ceiling_micros),
                "daily": _dollars(budget.daily_ceiling_micros),
                "farewell": budget.farewell,
            }
        )

    def values(self) -> dict[str, Any]:
        """For `saving.set_ceilings`; call it when the form is valid."""
        cleaned = self.cleaned_data
        return {
            "hourly_micros": _micros(cleaned["hourly"]),
            "daily_micros": _micros(cleaned["daily"]),
            "farewell": cleaned["farewell"].strip(),
        }


def _micros(dollars: Any) -> int | None:
    return None if dollars is None else max(int(dollars * MICROS), 1)


def _dollars(micros: int | None) -> str:
    return "" if micros is None else f"{micros / MICROS:.2f}"
