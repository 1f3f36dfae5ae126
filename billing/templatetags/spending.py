"""The card that tells what the show costs, for the pages of a channel."""

from __future__ import annotations

from typing import Any

from django import template

from billing.spending import DAY_HOURS, DAY_REPLIES_PER_MINUTE, spending_of
from channels_app.models import Channel

register = template.Library()


@register.inclusion_tag("billing/spending.html")
def spending_card(channel: Channel) -> dict[str, Any]:
    return {"spending": spending_of(channel), "hours": DAY_HOURS, "pace": DAY_REPLIES_PER_MINUTE}
