"""Writes to a channel's own pictures. A file on disk and its row come and go together."""

from __future__ import annotations

import re
from functools import partial
from typing import Any

from django.db import transaction
from django.db.models import Sum
from django.utils.translation import gettext as _

from channels_app.actions import Refused, after_commit, record
from channels_app.models import Channel, User
from personas.look import MOOD_SLOTS
from personas.models import AvatarPicture
from personas.snapshot import persona_of
from personas.uploads import limits, picture, store


def add_picture(channel: Channel, *, acting_user: User | None, data: bytes, label: str = "") -> AvatarPicture:
    """Keeps the picture; the row there is when the channel has it already.

    Raises PictureRefused for what is no good picture and Refused when the channel's shelf is full.
    """
    _refuse_full_shelf(channel, 0)
    # Outside the transaction: redrawing takes its time, and the database has one writer.
    kept = picture.accept(data)
    name = store.name_for(channel, kept)
    with transaction.atomic():
        Channel.objects.select_for_update().get(pk=channel.pk)
        found = AvatarPicture.objects.filter(channel=channel, name=name).first()
        if found is not None:
            return found
        _refuse_full_shelf(channel, len(kept.content))
        store.write(name, kept.content)
        row = AvatarPicture.objects.create(
            channel=channel,
            name=name,
            label=_clean_label(label),
            width=kept.width,
            height=kept.height,
            frames=kept.frames,
            size=len(kept.content),
        )
        record(channel, acting_user, "picture.added", name=name)
    return row


@transaction.atomic
def remove_picture(channel: Channel, *, acting_user: User | None, name: str) -> bool:
    """Deletes row and file. False when there is none; raises Refused while she wears it."""
    row = AvatarPicture.objects.filter(channel=channel, name=name).first()
    if row is None:
        return False
    if name in worn_pictures(channel):
        raise Refused(_("She wears this picture now. Choose another one in its place, save, and then delete it."))
    row.delete()
    record(channel, acting_user, "picture.removed", name=name)
    return True


def worn_pictures(channel: Channel) -> set[str]:
    """Names the published version shows or keeps ready."""
    persona = persona_of(channel)
    if persona is None or persona.published is None:
        return set()
    return set((persona.published.avatar.get("own") or {}).get("pictures", {}).values())


def forget_file(instance: AvatarPicture, **_kwargs: Any) -> None:
    """The file goes with its row, whatever deletes the row: a person, an operator, the end of the channel."""
    after_commit(partial(store.remove, instance.name))


def guessed_slot(label: str) -> str:
    """The slot a file's name speaks of, such as "happy talking.png" or "sad blink.png"; "" when it says nothing."""
    words = set(re.findall(r"[a-zа-яё]+", label.lower()))
    talking = words & {"talk", "talking", "open", "speak", "speaking", "mouth", "говорит", "рот"}
    half = words & {"half", "mid", "полуоткрыт"}
    blinking = words & {"blink", "blinking", "моргает"}
    face = "half" if half else "blink" if blinking else "talk" if talking else ""
    for mood in MOOD_SLOTS:
        if mood in words:
            return f"{mood}_{face}" if face else mood
    if words & {"offline", "sleep", "sleeping", "спит"}:
        return "offline"
    if face:
        return face
    return "idle" if words & {"idle", "closed", "quiet", "silent", "neutral", "base", "молчит"} else ""


def _refuse_full_shelf(channel: Channel, more: int) -> None:
    shelf = AvatarPicture.objects.filter(channel=channel)
    if shelf.count() >= limits.MAX_PICTURES:
        raise Refused(
            _("You have %(count)s pictures, which is the most. Delete some first.") % {"count": limits.MAX_PICTURES}
        )
    taken = shelf.aggregate(taken=Sum("size"))["taken"] or 0
    if taken + more > limits.MAX_CHANNEL_BYTES:
        raise Refused(
            _("Your pictures take %(megabytes)s MB together, which is the most. Delete some first.")
            % {"megabytes": limits.MAX_CHANNEL_BYTES // (1024 * 1024)}
        )


def _clean_label(label: str) -> str:
    """The file's name without folders and control characters."""
    name = re.split(r"[\\/]", label)[-1]
    return "".join(letter for letter in name if letter.isprintable())[:60]
