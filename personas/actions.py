"""Writes to personas. A change is a new published version; who she was stays readable."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from channels_app import push
from channels_app.actions import Refused, after_commit, record
from channels_app.entitlements import entitlements_of
from channels_app.models import Channel, User
from personas.defaults import default_values
from personas.look import channel_look, look_of_her_own, with_pictures_there
from personas.models import Persona, PersonaVersion
from personas.snapshot import draft_of, persona_of

FIELDS = (
    "name", "description", "style", "language", "mode", "mention", "misspelt", "nicknames", "command", "question",
    "first_message", "every_message", "chance", "events", "cheer_minimum", "cut_in_bits", "cut_in_raiders", "cooldown",
    "chatter_cooldown", "replies_per_minute", "voice_engine", "voice_name", "voice_speed", "voice_pitch",
    "voice_instructions", "language_voices", "pronunciation", "mood", "palette", "avatar", "card", "lorebook",
)  # fmt: skip
"""What a person may shape; everything of a version but its place in history."""
MOST_DRAFTS = 20
"""That wait for a persona at a time."""
MOST_PERSONAS = 10
"""Of a channel, on stage and behind it."""


class Overtaken(Exception):
    """Somebody has saved since the version was read that is to be changed now. Who catches it reads it anew."""


@transaction.atomic
def save_persona(
    channel: Channel, *, acting_user: User | None, values: dict[str, Any], restores: int | None = None
) -> PersonaVersion:
    """The version with these values: the present one when nothing changes, else a new published one.

    `values` may hold any of FIELDS; what is missing stays as it is. `restores` is the number of the version it repeats.
    """
    persona = locked(channel)
    before = persona.published
    base = values_in(before) if before else {}
    wanted = base | {name: values[name] for name in FIELDS if name in values}
    if before is not None and wanted == base:
        return before
    version = PersonaVersion(
        channel=channel, persona=persona, number=_next_number(persona), author=acting_user, restores=restores, **wanted
    )
    version.save()
    return _go_live(channel, acting_user, version, before)


@transaction.atomic
def keep_draft(
    channel: Channel,
    *,
    acting_user: User | None,
    values: dict[str, Any],
    number: int | None = None,
    read: Mapping[str, Any] | None = None,
) -> PersonaVersion:
    """What somebody sets aside for later, as `write_draft` does it. Overtaken where it holds other than was `read`."""
    refuse_overtaken(locked(channel), number, read or {})
    draft = write_draft(channel, acting_user=acting_user, values=values, number=number)
    if number is None:
        record(channel, acting_user, "persona.draft_kept", number=draft.number)
    return draft


@transaction.atomic
def write_draft(
    channel: Channel, *, acting_user: User | None, values: dict[str, Any], number: int | None = None
) -> PersonaVersion:
    """A version that is kept and not live: the draft of this number changed, else a new one on top of who she is now.

    Raises Refused where the draft is gone, or where there are too many of them.
    """
    persona = locked(channel)
    wanted = {name: values[name] for name in FIELDS if name in values}
    if number is not None:
        draft = draft_of(channel, number)
        if draft is None:
            raise Refused(_("That draft is not there any more."))
        if all(getattr(draft, name) == value for name, value in wanted.items()):
            return draft
        for name, value in wanted.items():
            setattr(draft, name, value)
        draft.author = acting_user
        draft.save()
        return draft
    if persona.versions.filter(published_at=None).count() >= MOST_DRAFTS:
        raise Refused(
            _("There are %(most)s drafts already. Publish one or throw one away first.") % {"most": MOST_DRAFTS}
        )
    base = values_in(persona.published) if persona.published else {}
    return PersonaVersion.objects.create(
        channel=channel, persona=persona, number=_next_number(persona), author=acting_user, **(base | wanted)
    )


@transaction.atomic
def publish_kept(
    channel: Channel, *, acting_user: User | None, number: int, despite: Sequence[str] = ()
) -> PersonaVersion:
    """Makes a draft live; she lives by it from her next reply on. Whether it may go live is asked before.

    `despite` names the hints of its report that the person has set aside. Raises Refused where the draft is gone.
    """
    persona = locked(channel)
    draft = draft_of(channel, number)
    if draft is None:
        raise Refused(_("That draft is not there any more."))
    # Numbers of what was live rise with time, so that history reads as it happened.
    if persona.versions.filter(number__gt=draft.number, published_at__isnull=False).exists():
        draft.number = _next_number(persona)
    draft.avatar = _look_now(channel, draft)
    return _go_live(channel, acting_user, draft, persona.published, despite=despite)


@transaction.atomic
def discard_version(channel: Channel, *, acting_user: User | None, number: int) -> bool:
    """Throws a draft away. What was live once stays. Returns whether there was one."""
    # Whoever begins a check of it holds the same lock.
    locked(channel)
    draft = draft_of(channel, number)
    if draft is None:
        return False
    draft.delete()
    record(channel, acting_user, "persona.draft_discarded", number=number)
    return True


def roll_back(channel: Channel, *, acting_user: User | None, number: int) -> PersonaVersion:
    """Publishes a new version equal to one that was live before, but for pictures that were deleted since.

    Raises Refused where there is none of this number.
    """
    old = channel.persona_versions.filter(persona__is_active=True, number=number, published_at__isnull=False).first()
    if old is None:
        raise Refused(_("There is no such version."))
    values = values_in(old) | {"avatar": _look_now(channel, old)}
    return save_persona(channel, acting_user=acting_user, values=values, restores=old.number)


@transaction.atomic
def copy_persona(channel: Channel, *, acting_user: User | None) -> Persona:
    """One more persona, as the one on stage is now, behind the stage. Raises Refused where there are too many."""
    original = locked(channel).published
    if original is None:
        raise Refused(_("There is nobody on stage to copy."))
    if channel.personas.count() >= MOST_PERSONAS:
        raise Refused(_("There are %(most)s personas already.") % {"most": MOST_PERSONAS})
    copy = Persona.objects.create(channel=channel, is_active=False)
    version = PersonaVersion(channel=channel, persona=copy, number=1, author=acting_user, **values_in(original))
    version.save()
    version.publish()
    record(channel, acting_user, "persona.copied", persona=copy.pk, name=version.name)
    return copy


@transaction.atomic
def put_on_stage(channel: Channel, *, acting_user: User | None, persona_id: int) -> Persona:
    """The channel has this persona from her next reply on. Raises Refused where it cannot go on."""
    before = locked(channel)
    if before.pk == persona_id:
        return before
    wanted = channel.personas.select_related("published").filter(pk=persona_id).first()
    if wanted is None or wanted.published is None:
        raise Refused(_("There is no such persona, or she has no version yet."))
    Persona.objects.filter(channel=channel, is_active=True).update(is_active=False)
    wanted.is_active = True
    wanted.save(update_fields=["is_active"])
    look = channel_look(wanted.published, entitlements_of(channel).avatar_kinds)
    Channel.objects.filter(pk=channel.pk).update(look=look)
    record(channel, acting_user, "persona.on_stage", persona=wanted.pk, name=wanted.published.name)
    _tell_after_commit(channel)
    return wanted


def values_in(version: PersonaVersion) -> dict[str, Any]:
    """All that shapes her in this version."""
    return {name: getattr(version, name) for name in FIELDS}


def _look_now(channel: Channel, version: PersonaVersion) -> dict[str, Any]:
    return with_pictures_there(version.avatar, set(channel.avatar_pictures.values_list("name", flat=True)))


def locked(channel: Channel) -> Persona:
    """The channel's persona, with its published version, for a write. Every write to its versions begins with it."""
    # The channel row serialises two people who save at once; there may be no persona to lock yet.
    Channel.objects.select_for_update().get(pk=channel.pk)
    return persona_of(channel) or Persona.objects.get_or_create(channel=channel, is_active=True)[0]


def refuse_overtaken(persona: Persona, number: int | None, read: Mapping[str, Any]) -> None:
    """Raises Overtaken where the version that is about to be changed no longer holds what was read of it.

    That is the draft of this number, or the live one. The persona must be locked: nobody saves between this and the
    write.
    """
    version = persona.published if number is None else draft_of(persona.channel, number)
    if read and (version is None or any(getattr(version, name) != value for name, value in read.items())):
        raise Overtaken


def _next_number(persona: Persona) -> int:
    return (persona.versions.order_by("-number").values_list("number", flat=True).first() or 0) + 1


def _go_live(
    channel: Channel,
    acting_user: User | None,
    version: PersonaVersion,
    before: PersonaVersion | None,
    despite: Sequence[str] = (),
) -> PersonaVersion:
    version.publish()
    base = values_in(before) if before else {}
    changed = sorted(name for name, value in values_in(version).items() if value != base.get(name))
    detail = {"despite": list(despite)} if despite else {}
    record(channel, acting_user, "persona.published", number=version.number, fields=changed, **detail)

    _tell_after_commit(channel)
    return version


def _tell_after_commit(channel: Channel) -> None:
    def tell() -> None:
        push.inbox_now(channel, {"t": "command", "name": "reload"})
        push.overlay_control_now(channel, {"t": "config"})

    after_commit(tell)


def create_default_persona(channel: Channel, language: str) -> PersonaVersion:
    """The persona of the channel; a ready-made one in this language ("en", "ru") where it has none. Safe to repeat."""
    persona = persona_of(channel)
    present = persona.published if persona else None
    if present is not None and not _waits_for_a_visitor(channel, present):
        return present
    return save_persona(channel, acting_user=None, values=_first_values(channel, language))


def _first_values(channel: Channel, language: str) -> dict[str, Any]:
    values = default_values(language)
    if channel.is_demo:
        # Whoever tries her out types a line and wants to hear an answer, without learning how she is called first.
        values |= {"every_message": True, "chatter_cooldown": 0, "replies_per_minute": 30}
    else:
        # The demo's visitors meet the character of the README; every other channel gets one of its own.
        values |= look_of_her_own(channel.public_id)
    return values


def _waits_for_a_visitor(channel: Channel, version: PersonaVersion) -> bool:
    """The demo opens before anybody is there to have a language: the first one who comes decides."""
    first = _first_values(channel, version.language)
    return channel.is_demo and version.number == 1 and all(getattr(version, name) == first[name] for name in first)
