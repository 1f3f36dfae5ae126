"""The operators' sign-in, which slows down whoever guesses passwords."""

from __future__ import annotations

import hashlib
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from unfold.forms import AuthenticationForm

from channels_app.limits import MINUTE, within

TRIES, TRIES_OF_ADDRESS, TRIES_OF_NAME = 6, 30, 60
WINDOW = 15 * MINUTE
"""So many tries within it for one name from one address, from one address, and for one name from anywhere."""


class OperatorSignInForm(AuthenticationForm):  # type: ignore[misc]
    """Counts tries before it looks at the password: what is locked stays locked for the right one, too."""

    def clean(self) -> dict[str, Any]:
        name = str(self.cleaned_data.get("username", "")).lower()
        address = self.request.META.get("REMOTE_ADDR", "") if self.request else ""
        free = within("operator-try", _mark(f"{name} {address}"), TRIES, WINDOW)
        free &= within("operator-address", _mark(address), TRIES_OF_ADDRESS, WINDOW)
        free &= within("operator-name", _mark(name), TRIES_OF_NAME, WINDOW)
        if not free:
            raise ValidationError(_("Too many tries. Wait a quarter of an hour, then try again."), code="throttled")
        return dict(super().clean())


def _mark(text: str) -> str:
    """What was typed stands in no key of the counters."""
    return hashlib.blake2b(text.encode(), digest_size=12).hexdigest()
