"""Writes behind the settings page: safety, captions, own providers and members."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.utils.translation import ngettext

from channels_app import push
from channels_app.actions import PlanLimit, after_commit, record
from channels_app.entitlements import entitlements_of
from channels_app.models import Channel, Membership, ProviderAccess, User
from channels_app.overlay.caption_style import DEFAULTS, OFF


@transaction.atomic
def set_safety(
    channel: Channel,
    *,
    acting_user: User,
    banned_words: list[str],
    allowed_words: list[str],
    safety_profile: str | None = None,
) -> None:
    """How strict the rules are and the channel's own words, from her next reply on. None keeps the profile."""
    locked = Channel.objects.select_for_update().get(pk=channel.pk)
    wanted = {
        "safety_profile": safety_profile or locked.safety_profile,
        "banned_words": banned_words,
        "allowed_words": allowed_words,
    }
    changed = sorted(name for name, value in wanted.items() if getattr(locked, name) != value)
    if not changed:
        return
    Channel.objects.filter(pk=channel.pk).update(**wanted)
    record(channel, acting_user, "channel.safety_changed", fields=changed, profile=wanted["safety_profile"])
    after_commit(lambda: push.inbox_now(channel, {"t": "command", "name": "reload"}))


@transaction.atomic
def set_guard(channel: Channel, *, acting_user: User, **wanted: Any) -> None:
    """What stands between a reply and its being heard: `delay_seconds`, `approval_seconds`, `panic_command`."""
    locked = Channel.objects.select_for_update().get(pk=channel.pk)
    changed = sorted(name for name, value in wanted.items() if getattr(locked, name) != value)
    if not changed:
        return
    Channel.objects.filter(pk=channel.pk).update(**wanted)
    record(channel, acting_user, "channel.guard_changed", fields=changed)
    after_commit(lambda: push.inbox_now(channel, {"t": "command", "name": "reload"}))


@transaction.atomic
def set_captions(channel: Channel, *, acting_user: User, style: dict[str, str]) -> None:
    """How captions look on all overlays. Switched off, they keep their look for another day."""
    locked = Channel.objects.select_for_update().get(pk=channel.pk)
    shown = style["words"] != OFF
    kept = style if shown else style | {"words": dict(locked.caption_style).get("words", DEFAULTS["words"])}
    if (locked.captions, locked.caption_style) == (shown, kept):
        return
    Channel.objects.filter(pk=channel.pk).update(captions=shown, caption_style=kept)
    record(channel, acting_user, "channel.captions_changed", **style)
    after_commit(lambda: push.overlay_control_now(channel, {"t": "config"}))


@transaction.atomic
def set_provider(
    channel: Channel,
    *,
    acting_user: User,
    kind: ProviderAccess.Kind,
    base_url: str,
    model: str,
    voice: str = "",
    api_key: str = "",
) -> None:
    """The channel's own provider of this kind. An empty key keeps the stored one, unless the address changed:
    a key is never sent to an address it was not entered for."""
    row = ProviderAccess.objects.select_for_update().filter(channel=channel, kind=kind).first()
    if row is None:
        row = ProviderAccess(channel=channel, kind=kind)
    elif not api_key:
        if (row.base_url, row.model, row.voice) == (base_url, model, voice):
            return
        api_key = row.api_key if row.base_url == base_url else ""
    row.base_url, row.model, row.voice, row.api_key = base_url, model, voice, api_key
    row.save()
    record(channel, acting_user, "provider.changed", kind=str(kind), base_url=base_url, model=model)
    after_commit(lambda: push.inbox_now(channel, {"t": "command", "name": "reload"}))


@transaction.atomic
def remove_provider(channel: Channel, *, acting_user: User, kind: ProviderAccess.Kind) -> None:
    """Back to the platform's provider."""
    removed, _by_model = ProviderAccess.objects.filter(channel=channel, kind=kind).delete()
    if removed:
        record(channel, acting_user, "provider.removed", kind=str(kind))
        after_commit(lambda: push.inbox_now(channel, {"t": "command", "name": "reload"}))


@transaction.atomic
def add_moderator(channel: Channel, *, acting_user: User, person: User) -> None:
    """Lets a person moderate the channel; an owner stays owner. Raises PlanLimit where there are enough."""
    # Two that are added at once are counted one after the other.
    locked = Channel.objects.select_for_update().get(pk=channel.pk)
    most = entitlements_of(locked).moderators
    members = Membership.objects.filter(channel=channel)
    is_new = not members.filter(user=person).exists()
    if most is not None and is_new and members.filter(role=Membership.Role.MODERATOR).count() >= most:
        raise PlanLimit(
            ngettext("Your plan allows %(most)s moderator.", "Your plan allows %(most)s moderators.", most)
            % {"most": most}
        )
    _membership, made = Membership.objects.get_or_create(
        channel=channel, user=person, defaults={"role": Membership.Role.MODERATOR}
    )
    if made:
        record(channel, acting_user, "member.added", user=person.pk)


@transaction.atomic
def remove_moderator(channel: Channel, *, acting_user: User, person_id: int) -> None:
    """Takes a moderator's role back and closes their dashboards. Owners are not removed."""
    removed, _by_model = Membership.objects.filter(
        channel=channel, user_id=person_id, role=Membership.Role.MODERATOR
    ).delete()
    if removed:
        record(channel, acting_user, "member.removed", user=person_id)
        after_commit(lambda: push.dashboard_now(channel, {"t": "member_removed", "user": person_id}))
