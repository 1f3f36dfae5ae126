"""The card that tells the owner what the show costs, on the page of the channel."""

from __future__ import annotations

from typing import Any

from django.template.loader import render_to_string

from billing.spending import DAY_HOURS, DAY_REPLIES_PER_MINUTE, spending_of
from channels_app.models import Channel


def spending_card(channel: Channel, **_: Any) -> str:
    """Answers `owner_cards_asked`."""
    about = {"spending": spending_of(channel), "hours": DAY_HOURS, "pace": DAY_REPLIES_PER_MINUTE}
    return render_to_string("billing/spending.html", about)
