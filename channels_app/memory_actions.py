"""Writes to what she remembers, by members on the dashboard."""

from __future__ import annotations

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from channels_app import forgetting, push
from channels_app.actions import Refused, after_commit, record
from channels_app.models import Channel, MemoryFact, User
from channels_app.models.memory import FACTS_PER_CHANNEL


@transaction.atomic
def add_fact(channel: Channel, *, acting_user: User, text: str) -> None:
    """A fact about the channel, kept until somebody deletes it. Raises Refused when there are too many."""
    forgetting.lock(channel)
    kept = MemoryFact.objects.filter(channel=channel, chatter_id="")
    if kept.filter(text=text).exists():
        return
    if kept.count() >= FACTS_PER_CHANNEL:
        raise Refused(
            _("She keeps at most %(most)s facts about a channel. Delete one first.") % {"most": FACTS_PER_CHANNEL}
        )
    MemoryFact.objects.create(channel=channel, text=text, written_by=acting_user, learned_at=timezone.now())
    record(channel, acting_user, "memory.added")
    _tell(channel)


@transaction.atomic
def change_fact(channel: Channel, *, acting_user: User, fact: MemoryFact, text: str) -> None:
    """The fact in a member's own words. Raises Refused where the same is kept already."""
    forgetting.lock(channel)
    kept = MemoryFact.objects.select_for_update().filter(channel=channel, pk=fact.pk).first()
    if kept is None or kept.text == text:
        return
    if MemoryFact.objects.filter(channel=channel, chatter_id=kept.chatter_id, text=text).exists():
        raise Refused(_("She knows that already."))
    # What is about a chatter ends when it would have ended.
    expires = kept.expires_at if kept.chatter_id else None
    MemoryFact.objects.filter(pk=kept.pk).update(
        text=text, written_by=acting_user, vector=None, vector_model="", expires_at=expires
    )
    record(channel, acting_user, "memory.changed")
    _tell(channel)


@transaction.atomic
def delete_fact(channel: Channel, *, acting_user: User, fact: MemoryFact) -> None:
    removed, _by_model = MemoryFact.objects.filter(channel=channel, pk=fact.pk).delete()
    if removed:
        record(channel, acting_user, "memory.deleted")
        _tell(channel)
        after_commit(forgetting.scrub)


@transaction.atomic
def forget_everybody(channel: Channel, *, acting_user: User) -> None:
    """All she has learned about chatters, and the stream's summary. What is known of the channel stays."""
    summary = forgetting.lock(channel)
    removed, _by_model = MemoryFact.objects.filter(channel=channel).exclude(chatter_id="").delete()
    # Where there is nothing yet, something may be on its way.
    forgetting.begin_now(summary)
    record(channel, acting_user, "memory.emptied", facts=removed)
    _tell(channel)
    after_commit(forgetting.scrub)


@transaction.atomic
def set_remembers(channel: Channel, *, acting_user: User, remembers: bool) -> None:
    """Whether she learns and uses what she has learned, from her next reply on. What is said while it is off is never
    learned, so a new summary begins when it is switched on."""
    summary = forgetting.lock(channel)
    if not Channel.objects.filter(pk=channel.pk).exclude(remembers=remembers).update(remembers=remembers):
        return
    if remembers:
        forgetting.begin_now(summary)
    record(channel, acting_user, "memory.switched", on=remembers)
    after_commit(lambda: push.inbox_now(channel, {"t": "command", "name": "reload"}))


def _tell(channel: Channel) -> None:
    after_commit(lambda: push.inbox_now(channel, {"t": "memory"}))
