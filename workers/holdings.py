"""This room's entries in the register of personal data."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from channels_app.holdings import HOUSE, MINE
from channels_app.privacy import Holding, register
from workers.models import Run


def enter() -> None:
    """Once, when Django starts."""
    register(
        Holding(
            Run,
            _("whether and where your channel runs"),
            MINE,
            columns=("started_at", "failures", "restarts", "last_error"),
            withheld=dict.fromkeys(
                ("name", "kind", "owner", "owner_epoch", "fence", "dispatched_at", "not_before", "waiting_since"), HOUSE
            ),
        )
    )
