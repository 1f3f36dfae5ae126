"""Personal access tokens: made, found again, revoked. The plain token is shown once, the database keeps an HMAC."""

from __future__ import annotations

import hashlib
import hmac
import secrets
import string
from collections.abc import Sequence
from datetime import timedelta
from typing import TypeVar

from django.conf import settings
from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from channels_app.actions import Refused, record
from channels_app.api import scopes
from channels_app.membership import powers_by
from channels_app.models import ActionURL, ApiToken, Channel, Membership, User

PREFIX = "aig_"
"""Known again in logs and by scanners of leaked secrets."""
LETTERS = string.ascii_letters + string.digits
LENGTH = 43
"""Of what follows the prefix: 256 bits."""
SHOWN = len(PREFIX) + 4
MOST_TOKENS = 20
"""Living ones of one member."""
LIVES = (30, 90, 365)
"""Days to choose from."""
USE_NOTED = timedelta(minutes=1)

Row = TypeVar("Row", ApiToken, ActionURL)


@transaction.atomic
def new_token(
    channel: Channel, *, acting_user: User, name: str, wanted: Sequence[str], days: int | None = None
) -> tuple[ApiToken, str]:
    """A token for this member with these scopes, and the plain text, returned this once. `days` None: it never expires.

    Raises Refused for too many tokens, and where no scope is left that the member's powers allow.
    """
    membership = Membership.objects.select_for_update().get(channel=channel, user=acting_user)
    kept = scopes.known(wanted, powers_by(membership))
    if not kept:
        raise Refused(_("Choose at least one thing the token may do."))
    if living(channel).filter(membership=membership).count() >= MOST_TOKENS:
        raise Refused(_("You have %(most)s tokens already. Revoke one first.") % {"most": MOST_TOKENS})
    plain = PREFIX + random_letters(LENGTH)
    row = ApiToken.objects.create(
        membership=membership,
        name=name,
        scopes=kept,
        prefix=plain[:SHOWN],
        digest=digest(plain),
        expires_at=timezone.now() + timedelta(days=days) if days else None,
    )
    record(channel, acting_user, "api_token.made", prefix=row.prefix, name=name, scopes=kept)
    return row, plain


@transaction.atomic
def revoke_token(channel: Channel, *, acting_user: User, token_id: int) -> bool:
    """Ends a token at once: one of one's own, or any of the channel for its owner. False where there is none."""
    row = seen_by(living(channel), channel, acting_user).filter(pk=token_id).first()
    if row is None:
        return False
    ApiToken.objects.filter(pk=row.pk).update(revoked_at=timezone.now())
    record(channel, acting_user, "api_token.revoked", prefix=row.prefix, name=row.name)
    return True


def living(channel: Channel) -> QuerySet[ApiToken]:
    """Tokens of the channel that open something now, the newest first."""
    return ApiToken.objects.filter(_opens(), membership__channel=channel).select_related("membership__user")


def shown_to(channel: Channel, user: User) -> QuerySet[ApiToken]:
    """The tokens a member sees: all of the channel for its owner, one's own for a moderator; those that ran out too."""
    rows = ApiToken.objects.filter(membership__channel=channel, revoked_at__isnull=True)
    return seen_by(rows, channel, user).select_related("membership__user")


def seen_by(rows: QuerySet[Row], channel: Channel, user: User) -> QuerySet[Row]:
    """Those of the rows that are this member's business."""
    owns = Membership.objects.filter(channel=channel, user=user, role=Membership.Role.OWNER).exists()
    return rows if owns else rows.filter(membership__user=user)


def found(plain: str) -> ApiToken | None:
    """The living token with this text, whose person is still a member and may still sign in."""
    if not plain.startswith(PREFIX) or len(plain) != len(PREFIX) + LENGTH:
        return None
    rows = ApiToken.objects.filter(_opens(), digest=digest(plain), membership__user__is_active=True)
    return rows.select_related("membership__user", "membership__channel").first()


def note_use(row: ApiToken) -> None:
    """Keeps when it was used last, at most once a minute."""
    now = timezone.now()
    stale = Q(used_at__isnull=True) | Q(used_at__lt=now - USE_NOTED)
    if row.used_at is None or row.used_at < now - USE_NOTED:
        ApiToken.objects.filter(stale, pk=row.pk).update(used_at=now)


def _opens() -> Q:
    return Q(revoked_at__isnull=True) & (Q(expires_at__isnull=True) | Q(expires_at__gt=timezone.now()))


def random_letters(count: int) -> str:
    return "".join(secrets.choice(LETTERS) for _ in range(count))


def digest(plain: str) -> str:
    """What the database keeps."""
    return hmac.new(f"api-token:{settings.SECRET_KEY}".encode(), plain.encode(), hashlib.sha256).hexdigest()
