"""Who a person is in a channel and may do there, as pages, endpoints, sockets, tokens and action URLs ask it."""

from __future__ import annotations

from channels_app.models import Channel, Membership, User
from channels_app.powers import MEMBER, OF_THE_OWNER, known


def membership_for(user: User, public_id: str) -> Membership | None:
    """The person's membership with its channel; None for strangers, and for everybody while the channel is being
    deleted."""
    found = Membership.objects.filter(user=user, channel__public_id=public_id, channel__erase_after__isnull=True)
    return found.select_related("channel").first()


def powers_of(user: User, channel: Channel) -> frozenset[str]:
    """What the person may do in this channel now: values of `Power`, and OWN for the broadcaster. Empty for
    strangers, and for moderators who have no power at all."""
    membership = Membership.objects.filter(user=user, channel=channel).first()
    return frozenset() if membership is None else powers_by(membership)


def powers_by(membership: Membership) -> frozenset[str]:
    """What this membership gives."""
    if membership.role == Membership.Role.OWNER:
        return OF_THE_OWNER
    return frozenset(known(membership.powers))


def allows(powers: frozenset[str], needs: str) -> bool:
    """Whether a member with these powers may pass a door that asks for `needs`."""
    return needs == MEMBER or needs in powers
