"""The ways in which she may be outgoing, by name."""

from __future__ import annotations

import enum


class Mode(enum.StrEnum):
    """How outgoing she is; what each does stands in `modes`."""

    NORMAL = "normal"
    CHATTY = "chatty"
    SHY = "shy"
    PAID_ONLY = "paid-only"
    SUBS_ONLY = "subs-only"
    APPROVE = "approve"
