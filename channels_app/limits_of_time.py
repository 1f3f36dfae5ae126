"""All limits of time in one table: the privacy page shows it, and the hourly forgetting obeys it.

Rooms above enter their own when Django starts.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

from channels_app import erasure, exports, invitations, retention

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Limit:
    """What is kept no longer than `life`. None: as the plan says, or as long as the channel."""

    name: str
    what: StrOrPromise
    life: timedelta | None
    forget: Callable[..., object]
    """Called with `now`."""
    note: StrOrPromise = ""


_limits: dict[str, Limit] = {}


def enter(limit: Limit) -> None:
    _limits[limit.name] = limit


def limits() -> list[Limit]:
    """The shortest first, those without a fixed time last."""
    return sorted(_limits.values(), key=lambda limit: (limit.life is None, limit.life or timedelta()))


def obey(*, now: datetime | None = None) -> list[str]:
    """Forgets what is over. One limit that fails holds up no other. Returns the names of those that failed."""
    failed = []
    for limit in _limits.values():
        try:
            limit.forget(now=now)
        except Exception:
            log.exception("the limit %s could not be kept", limit.name)
            failed.append(limit.name)
    return failed


def enter_ours() -> None:
    """Once, when Django starts."""
    for limit in (
        Limit(
            "chat",
            _("Chat: words, names and ids of those she answered"),
            retention.CHAT_LIFE + timedelta(hours=1),
            retention.forget_old_chat,
            _("what she passed over is never stored"),
        ),
        Limit("memory", _("Facts about chatters"), retention.FACT_LIFE, retention.forget_old_memory),
        Limit("cases", _("Lines reported as wrongly blocked"), retention.CASE_LIFE, retention.forget_old_cases),
        Limit("sessions", _("Sign-ins"), timedelta(days=14), retention.forget_old_sessions),
        Limit("exports", _("Exports"), retention.EXPORT_LIFE, exports.forget_old),
        Limit("invitations", _("Invitations nobody accepted"), invitations.LIFE, invitations.forget_old),
        Limit("audit", _("Who did what in the channel"), retention.AUDIT_LIFE, retention.forget_old_audit),
        Limit("paid", _("What was paid for, without names"), retention.PAID_LIFE, retention.forget_old_paid),
        Limit(
            "turns",
            _("What she said"),
            None,
            retention.forget_old_turns,
            _("400 days on a plan, of which you see as many as it shows; without one as long as the channel"),
        ),
        Limit(
            "kept",
            _("Bookkeeping of deleted channels, without names"),
            None,
            erasure.forget_old,
            _("as long as the law wants"),
        ),
    ):
        enter(limit)
