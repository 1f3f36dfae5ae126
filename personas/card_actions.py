"""Bringing a card in two steps: a draft that is looked at, and its publication. Nothing is live before the second."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone

from channels_app.actions import record
from channels_app.models import Channel, User
from personas.actions import save_persona
from personas.cards.card import card_of, kind_of
from personas.cards.carriers import Brought
from personas.cards.lore import lorebook_of
from personas.character import values_of
from personas.models import CardDraft, PersonaVersion
from personas.publishing import checked, lay_down

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


def publish_draft(channel: Channel, *, acting_user: User | None, brought_at: str) -> PersonaVersion | None:
    """Offers what the import fills in, on top of who she is now; None where not the one brought then waits.

    A card brings new texts, so they are checked before they go live: what comes back may be a draft still.
    """
    with transaction.atomic():
        draft = CardDraft.objects.select_for_update().filter(channel=channel).first()
        if draft is None or draft.created_at.isoformat() != brought_at:
            return None
        version = lay_down(channel, acting_user=acting_user, values=values_from(draft.document))
        draft.delete()
    return checked(version, acting_user=acting_user)


def forget_old_drafts(*, now: datetime | None = None) -> int:
    """Cards that were brought long ago and never published. Returns how many."""
    limit = (now or timezone.now()) - DRAFT_LIFE
    return CardDraft.objects.filter(created_at__lt=limit).delete()[0]


def discard_draft(channel: Channel) -> bool:
    """Whether there was one."""
    return CardDraft.objects.filter(channel=channel).delete()[0] > 0


def take_card_off(channel: Channel, *, acting_user: User | None) -> PersonaVersion:
    """Who she is stays, without what card and lorebook added. A way back needs no check."""
    return save_persona(channel, acting_user=acting_user, values={"card": {}, "lorebook": {}})


def values_from(document: dict[str, Any]) -> dict[str, Any]:
    """What publishing fills in: a character with her card, or a lorebook beside what there is."""
    return values_of(card_of(document)) if is_card(document) else {"lorebook": document}


def is_card(document: dict[str, Any]) -> bool:
    """A character, and not a lorebook alone. Raises CardRefused for what is neither."""
    return kind_of(document) not in {"lorebook", "world"}
