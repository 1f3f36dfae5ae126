"""Who helps in a channel: invitations, moderators and their powers. A moderator is never added without a yes."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from channels_app import push
from channels_app.actions import PlanLimit, Refused, after_commit, record
from channels_app.entitlements import entitlements_of
from channels_app.models import Channel, Invitation, Membership, User
from channels_app.powers import known

LIFE = timedelta(days=7)
TOKEN_BYTES = 24
MOST_OPEN = 30
"""Invitations of a channel that wait at a time."""


def link(token: str) -> str:
    return f"{settings.SITE_URL}/join/{token}/"


@transaction.atomic
def invite_by_link(channel: Channel, *, acting_user: User, powers: Iterable[str]) -> str:
    """A link for one person, returned this once. Raises Refused when the channel has no room."""
    _refuse_full(channel)
    token = secrets.token_urlsafe(TOKEN_BYTES)
    _make(channel, acting_user, powers, digest=_digest(token))
    record(channel, acting_user, "member.invited_by_link")
    return link(token)


@transaction.atomic
def invite_login(channel: Channel, *, acting_user: User, login: str, powers: Iterable[str]) -> None:
    """Whoever signs in with this Twitch login is asked. A second invitation takes the place of the first."""
    if Membership.objects.filter(channel=channel, user__in=_people(login)).exists():
        raise Refused(_("%(login)s is a member already.") % {"login": login})
    Invitation.objects.filter(channel=channel, login=login).delete()
    _refuse_full(channel)
    _make(channel, acting_user, powers, login=login)
    record(channel, acting_user, "member.invited", login=login)


def _make(channel: Channel, acting_user: User, powers: Iterable[str], **whose: Any) -> None:
    expires = timezone.now() + LIFE
    Invitation.objects.create(
        channel=channel, created_by=acting_user, powers=known(powers), expires_at=expires, **whose
    )


def _refuse_full(channel: Channel) -> None:
    # The lock keeps two invitations that are made together from both finding room.
    Channel.objects.select_for_update().get(pk=channel.pk)
    waiting = open_invitations(channel).count()
    if waiting >= MOST_OPEN:
        raise Refused(_("Too many invitations wait. Take some back first."))
    most = entitlements_of(channel).moderators
    if most is not None and moderators_of(channel).count() + waiting >= most:
        raise PlanLimit(
            _(
                "Your plan allows %(most)s moderators, invitations that wait among them. Remove one, or choose a "
                "larger plan."
            )
            % {"most": most}
        )


def open_invitations(channel: Channel) -> QuerySet[Invitation]:
    return Invitation.objects.filter(channel=channel, expires_at__gt=timezone.now())


def moderators_of(channel: Channel) -> QuerySet[Membership]:
    return Membership.objects.filter(channel=channel, role=Membership.Role.MODERATOR)


def by_token(token: str) -> Invitation | None:
    """The invitation that this link opens now."""
    return _open().filter(digest=_digest(token)).first()


def waiting_for(person: User) -> QuerySet[Invitation]:
    """Invitations for this person's Twitch login."""
    logins = Channel.objects.filter(broadcaster=person, is_demo=False).values("login")
    theirs = Q(login__in=logins) & ~Q(login="")
    return _open().filter(theirs).exclude(channel__memberships__user=person).order_by("created_at")


def _open() -> QuerySet[Invitation]:
    """Those that may be accepted: not run out, and of a channel that is there."""
    living = Q(expires_at__gt=timezone.now(), channel__erase_after__isnull=True)
    return Invitation.objects.filter(living).select_related("channel", "created_by")


@transaction.atomic
def accept(invitation: Invitation, *, person: User) -> Channel:
    """The person moderates the channel from now on. Raises Refused where it was taken back, or there is no room."""
    channel = Channel.objects.select_for_update().get(pk=invitation.channel_id)
    mine = _open().filter(pk=invitation.pk).first()
    if mine is None:
        raise Refused(_("This invitation is used up or was taken back. Ask the broadcaster for a new one."))
    most = entitlements_of(channel).moderators
    is_member = Membership.objects.filter(channel=channel, user=person).exists()
    if not is_member and most is not None and moderators_of(channel).count() >= most:
        raise Refused(_("This channel has as many moderators as its plan allows. Ask the broadcaster."))
    mine.delete()
    if not is_member:
        Membership.objects.create(
            channel=channel, user=person, role=Membership.Role.MODERATOR, powers=known(mine.powers)
        )
        record(channel, person, "member.joined", user=person.pk)
    return channel


@transaction.atomic
def decline(invitation: Invitation, *, person: User) -> None:
    gone, _by_model = Invitation.objects.filter(pk=invitation.pk).delete()
    if gone:
        record(invitation.channel, person, "member.declined", login=invitation.login)


@transaction.atomic
def take_back(channel: Channel, *, acting_user: User, invitation_id: int) -> bool:
    """Closes an invitation at once. False when there was none."""
    gone, _by_model = Invitation.objects.filter(channel=channel, pk=invitation_id).delete()
    if gone:
        record(channel, acting_user, "member.invitation_taken_back")
    return bool(gone)


@transaction.atomic
def set_powers(channel: Channel, *, acting_user: User, person_id: int, powers: Iterable[str]) -> None:
    """What a moderator may do from the next click on; an owner has all powers and keeps them."""
    membership = moderators_of(channel).select_for_update().filter(user_id=person_id).first()
    given = known(powers)
    if membership is None or known(membership.powers) == given:
        return
    membership.powers = given
    membership.save(update_fields=["powers"])
    record(channel, acting_user, "member.powers_changed", user=person_id, powers=given)
    # Open dashboards are loaded anew, with what they may show now.
    after_commit(lambda: push.dashboard_now(channel, {"t": "powers_changed", "user": person_id}))


@transaction.atomic
def remove(channel: Channel, *, acting_user: User, person_id: int) -> bool:
    """Takes a moderator's role back and closes their dashboards; a moderator may do it to leave. Owners stay."""
    removed, _by_model = moderators_of(channel).filter(user_id=person_id).delete()
    if not removed:
        return False
    left = acting_user.pk == person_id
    record(channel, acting_user, "member.left" if left else "member.removed", user=person_id)
    after_commit(lambda: push.dashboard_now(channel, {"t": "member_removed", "user": person_id}))
    return True


def forget_old(*, now: datetime | None = None) -> int:
    """Invitations that ran out. Returns how many."""
    gone, _by_model = Invitation.objects.filter(expires_at__lt=now or timezone.now()).delete()
    return gone


def _people(login: str) -> QuerySet[Channel, Any]:
    # Channel logins are kept fresh at each sign-in; user names are not.
    return Channel.objects.filter(login=login, is_demo=False).values("broadcaster")


def _digest(token: str) -> str:
    return hmac.new(f"invitation:{settings.SECRET_KEY}".encode(), token.encode(), hashlib.sha256).hexdigest()
