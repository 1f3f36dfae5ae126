"""Bringing a card in two steps: a draft that is looked at, and its publication. Nothing is live before the second."""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone

from channels_app.actions import Refused, record
from channels_app.models import Channel, User
from personas.actions import save_persona
from personas.cards.card import card_of, kind_of
from personas.cards.carriers import Brought
from personas.cards.lore import lorebook_of
from personas.character import values_of
from personas.look import DEFAULT_OWN, default_avatar
from personas.models import AvatarPicture, CardDraft, PersonaVersion
from personas.pictures import add_picture, remove_picture
from personas.publishing import checked, lay_down
from personas.snapshot import persona_of

DRAFT_LIFE = timedelta(days=7)
"""A card that nobody published is kept this long."""


def draft_card(channel: Channel, *, acting_user: User | None, brought: Brought, hints: Sequence[str] = ()) -> CardDraft:
    """Keeps what a file holds until somebody has looked at it; what waited before gives way. Raises CardRefused.

    `hints` are words to look at.
    """
    document = brought.document
    if not is_card(document):
        document = lorebook_of(document)
    with transaction.atomic():
        discard_draft(channel, acting_user=acting_user)
        draft, _made = CardDraft.objects.update_or_create(
            channel=channel,
            defaults={
                "document": document,
                "carrier": brought.carrier,
                "two_cards": brought.two_cards,
                "hints": list(hints),
                "created_at": timezone.now(),
            },
        )
        record(channel, acting_user, "persona.card_brought", carrier=brought.carrier)
    return draft


def keep_picture(draft: CardDraft, *, acting_user: User | None, data: bytes, label: str) -> None:
    """Offers the picture a card came in as her look. It is redrawn and bounded like all pictures.

    Raises PictureRefused or Refused; the card waits all the same.
    """
    draft.picture = add_picture(draft.channel, acting_user=acting_user, data=data, label=label).name
    draft.save(update_fields=["picture"])


def publish_draft(
    channel: Channel, *, acting_user: User | None, brought_at: str, picture: str = ""
) -> PersonaVersion | None:
    """Offers what the import fills in, on top of who she is now; None where not the one brought then waits.

    A card brings new texts, so they are checked before they go live: what comes back may be a draft still. `picture` is
    the name of the card's picture where it is to be her look.
    """
    with transaction.atomic():
        draft = CardDraft.objects.select_for_update().filter(channel=channel).first()
        if draft is None or draft.created_at.isoformat() != brought_at:
            return None
        values = values_from(draft.document)
        worn = bool(picture) and picture == draft.picture
        if worn:
            values["avatar"] = _wearing(channel, picture)
        version = lay_down(channel, acting_user=acting_user, values=values)
        draft.delete()
        if not worn:
            _drop_picture(draft, acting_user=acting_user)
    return checked(version, acting_user=acting_user)


def _wearing(channel: Channel, picture: str) -> dict[str, Any]:
    """Her look now, with this one picture in place of all others."""
    persona = persona_of(channel)
    avatar = persona.published.avatar if persona and persona.published else default_avatar()
    own = DEFAULT_OWN | dict(avatar.get("own") or {})
    return avatar | {"kind": "png", "own": own | {"pictures": {"idle": picture}}}


def _drop_picture(draft: CardDraft, *, acting_user: User | None) -> None:
    """Takes a picture that came with this card, and that nobody wears, off the shelf."""
    came = AvatarPicture.objects.filter(channel=draft.channel_id, name=draft.picture, created_at__gte=draft.created_at)
    if came.exists():
        with contextlib.suppress(Refused):
            remove_picture(draft.channel, acting_user=acting_user, name=draft.picture)


def forget_old_drafts(*, now: datetime | None = None) -> int:
    """Cards that were brought long ago and never published. Returns how many."""
    limit = (now or timezone.now()) - DRAFT_LIFE
    old = CardDraft.objects.filter(created_at__lt=limit).select_related("channel")
    return sum(discard_draft(draft.channel, acting_user=None) for draft in old)


@transaction.atomic
def discard_draft(channel: Channel, *, acting_user: User | None) -> bool:
    """Whether there was one."""
    draft = CardDraft.objects.filter(channel=channel).first()
    if draft is None:
        return False
    draft.delete()
    _drop_picture(draft, acting_user=acting_user)
    return True


def take_card_off(channel: Channel, *, acting_user: User | None) -> PersonaVersion:
    """Who she is stays, without what card and lorebook added. A way back needs no check."""
    return save_persona(channel, acting_user=acting_user, values={"card": {}, "lorebook": {}})


def values_from(document: dict[str, Any]) -> dict[str, Any]:
    """What publishing fills in: a character with her card, or a lorebook beside what there is."""
    return values_of(card_of(document)) if is_card(document) else {"lorebook": document}


def is_card(document: dict[str, Any]) -> bool:
    """A character, and not a lorebook alone. Raises CardRefused for what is neither."""
    return kind_of(document) not in {"lorebook", "world"}
