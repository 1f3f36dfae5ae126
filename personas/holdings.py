"""This room's entries in the register of personal data, its limits of time, and its sentences for the log."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from django.utils.translation import gettext_lazy as _

from channels_app import audit, limits_of_time
from channels_app.holdings import HOUSE, MEMBERS, MINE
from channels_app.limits_of_time import Limit
from channels_app.models import Channel
from channels_app.privacy import Holding, register
from personas.actions import FIELDS
from personas.card_actions import DRAFT_LIFE, forget_old_drafts
from personas.models import AvatarPicture, CardDraft, Persona, PersonaVersion, VersionReport
from personas.uploads import store


def enter() -> None:
    """Once, when Django starts."""
    for holding in _holdings():
        register(holding)
    limits_of_time.enter(Limit("cards", _("Character cards nobody published"), DRAFT_LIFE, forget_old_drafts))
    audit.know(
        {
            "picture.added": _("A picture was added."),
            "picture.removed": _("A picture was deleted."),
            "persona.card_brought": _("A character card was brought in ({carrier})."),
            "persona.draft_kept": _("The persona was kept as draft {number}."),
            "persona.draft_discarded": _("Draft {number} of the persona was thrown away."),
            "persona.copied": _("The persona was copied: {name}"),
            "persona.on_stage": _("Another persona went on stage: {name}"),
            "persona.published": _("Version {number} of the persona went live."),
            "persona.check_cancelled": _("The check of version {number} was cancelled."),
        }
    )


def _holdings() -> list[Holding]:
    return [
        Holding(
            Persona,
            _("your personas"),
            MINE,
            columns=("id", "is_active", "published__number", "created_at"),
        ),
        Holding(
            PersonaVersion,
            _("every version of them"),
            MEMBERS,
            columns=("persona_id", "number", "published_at", "author__display_name", "restores", *FIELDS, "created_at"),
        ),
        Holding(
            CardDraft,
            _("a character card that waits"),
            MINE,
            columns=("document", "carrier", "two_cards", "hints", "picture", "created_at"),
        ),
        Holding(
            AvatarPicture,
            _("your pictures"),
            MINE,
            columns=("name", "label", "width", "height", "frames", "size", "created_at"),
            files=pictures,
        ),
        Holding(
            VersionReport,
            _("what checks of versions found"),
            MEMBERS,
            columns=(
                "version__number", "state", "brain", "lines", "checks", "problem", "cost_micros", "begun_at",
                "ended_at", "created_at",
            ),
            withheld=dict.fromkeys(("digest", "asked_by", "publishes", "instead_of", "done", "total"), HOUSE),
        ),
    ]  # fmt: skip


def pictures(channel: Channel) -> Iterator[tuple[str, Path]]:
    for name in AvatarPicture.objects.filter(channel=channel).values_list("name", flat=True):
        yield name, store.path_of(name)
