"""The channel: the tenant everything else hangs on."""

from __future__ import annotations

import secrets
import string

from django.conf import settings
from django.db import models
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from channels_app.powers import powers_at_first

LEAST_IDLE, MOST_IDLE = 20, 600
"""Seconds of silence after which she may talk by herself."""


def new_public_id() -> str:
    """96 bits, and a letter in front: what begins with a dash would be taken for another option of a command."""
    return secrets.choice(string.ascii_letters) + secrets.token_urlsafe(12)


class DesiredState(models.TextChoices):
    """What the broadcaster wants; the fleet makes it so."""

    STOPPED = "stopped", _("stopped")
    RUNNING = "running", _("running")


class SafetyProfile(models.TextChoices):
    """What the safety rules let pass, beyond what they never do. The names are those of the line."""

    FAMILY = "family", pgettext_lazy("safety profile", "Family")
    STANDARD = "standard", pgettext_lazy("safety profile", "Standard")
    MATURE = "mature", pgettext_lazy("safety profile", "Mature")


MOST_DELAY = 15
"""Seconds a sentence may be held back before it is heard."""
APPROVAL_SECONDS = (10, 600)
"""Shortest time anybody may choose, and longest, for which a written reply waits for a moderator."""


class BadgePlace(models.TextChoices):
    """Where the overlay says that she is an AI."""

    TOP_LEFT = "top-left", pgettext_lazy("badge", "Top left")
    TOP_RIGHT = "top-right", pgettext_lazy("badge", "Top right")
    BOTTOM_LEFT = "bottom-left", pgettext_lazy("badge", "Bottom left")
    BOTTOM_RIGHT = "bottom-right", pgettext_lazy("badge", "Bottom right")
    OFF = "off", pgettext_lazy("badge", "Not shown")


class Channel(models.Model):
    """One broadcaster's channel. `public_id` is the only id that leaves the house."""

    public_id = models.CharField(max_length=24, unique=True, default=new_public_id, editable=False)
    login = models.CharField(max_length=64, unique=True)
    display_name = models.CharField(max_length=80)
    broadcaster = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="own_channels")
    twitch_id = models.CharField(max_length=32, unique=True, null=True, blank=True)
    is_demo = models.BooleanField(default=False)

    desired_state = models.CharField(max_length=10, choices=DesiredState.choices, default=DesiredState.STOPPED)
    suspended_at = models.DateTimeField(null=True, blank=True)
    suspended_reason = models.CharField(max_length=200, blank=True)
    panic_since = models.DateTimeField(null=True, blank=True)
    """Latched silence: nothing is spoken until a moderator lifts it."""
    reauthorise_since = models.DateTimeField(null=True, blank=True)
    """Twitch took the permission back or the token died: the broadcaster must sign in again."""

    stream_online = models.BooleanField(default=False)
    stream_checked_at = models.DateTimeField(null=True, blank=True)

    look = models.JSONField(default=dict, blank=True)
    """Name, resting mood and avatar object of the persona on stage; written by `personas`, read by the overlay."""
    captions = models.BooleanField(default=True)
    caption_style = models.JSONField(default=dict, db_default=models.Value({}, models.JSONField()), blank=True)
    """Chosen look of the captions; read through `channels_app.overlay.caption_style`."""
    mouth_offset_ms = models.SmallIntegerField(default=0)
    """How much later (negative: earlier) the mouth moves in overlays whose URL has no offset of its own."""
    ignored_chatters = models.JSONField(default=list, blank=True)
    safety_profile = models.CharField(
        max_length=10, choices=SafetyProfile.choices, default=SafetyProfile.FAMILY, db_default=SafetyProfile.FAMILY
    )
    banned_words = models.JSONField(default=list, blank=True)
    """What she neither says nor answers, on top of the rules."""
    allowed_words = models.JSONField(default=list, db_default=models.Value([], models.JSONField()), blank=True)
    """What the milder word lists leave alone here; what is never said on any channel, no list allows."""
    delay_seconds = models.PositiveSmallIntegerField(default=0, db_default=0)
    """How long a sentence that could be heard is held back, so that somebody may still take it away."""
    approval_seconds = models.PositiveSmallIntegerField(default=60, db_default=60)
    """How long a reply waits for a moderator in the mode in which each of them is approved first."""
    panic_command = models.CharField(max_length=25, blank=True, default="!panic", db_default="!panic")
    """With this word in chat moderators silence her; empty: no such word."""
    ai_badge = models.CharField(
        max_length=12, choices=BadgePlace.choices, default=BadgePlace.TOP_LEFT, db_default=BadgePlace.TOP_LEFT
    )

    remembers = models.BooleanField(default=True, db_default=True)
    """Whether she learns about chatters and the stream, and uses what she has learned."""
    idle_seconds = models.PositiveSmallIntegerField(default=0, db_default=0)
    """After so many seconds of silence she talks by herself; 0: never."""

    entitlements = models.JSONField(default=dict, db_default=models.Value({}, models.JSONField()), blank=True)
    """What its plan grants; written by `billing`, read through `channels_app.entitlements`. Empty: everything."""

    erase_after = models.DateTimeField(null=True, blank=True)
    """The broadcaster wants it deleted: it is stopped and hidden, and after this moment nothing of it stays."""

    audio_owner = models.CharField(max_length=64, blank=True)
    """Connection id of the one overlay page that plays sound."""
    audio_owner_until = models.DateTimeField(null=True, blank=True)

    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        indexes = [
            models.Index(fields=["desired_state"], name="channel_desired"),
            models.Index(
                fields=["erase_after"], name="channel_erase_after", condition=models.Q(erase_after__isnull=False)
            ),
        ]
        constraints = [
            models.CheckConstraint(condition=~models.Q(twitch_id=""), name="channel_twitch_id_not_empty"),
            models.CheckConstraint(
                condition=models.Q(desired_state__in=DesiredState.values), name="channel_desired_state_known"
            ),
            models.CheckConstraint(
                condition=models.Q(safety_profile__in=SafetyProfile.values), name="channel_safety_profile_known"
            ),
            models.CheckConstraint(condition=models.Q(delay_seconds__lte=MOST_DELAY), name="channel_delay_range"),
            models.CheckConstraint(
                condition=models.Q(approval_seconds__gte=1, approval_seconds__lte=APPROVAL_SECONDS[1]),
                name="channel_approval_range",
            ),
            models.CheckConstraint(condition=models.Q(ai_badge__in=BadgePlace.values), name="channel_badge_known"),
            models.CheckConstraint(
                condition=models.Q(mouth_offset_ms__gte=-200, mouth_offset_ms__lte=300),
                name="channel_mouth_offset_range",
            ),
            models.CheckConstraint(
                condition=models.Q(idle_seconds=0)
                | models.Q(idle_seconds__gte=LEAST_IDLE, idle_seconds__lte=MOST_IDLE),
                name="channel_idle_seconds_range",
            ),
        ]

    def __str__(self) -> str:
        return self.display_name

    @property
    def shown_name(self) -> str:
        """The name on its pages."""
        return gettext("Demo channel") if self.is_demo else self.display_name

    @property
    def is_suspended(self) -> bool:
        return self.suspended_at is not None


class Membership(models.Model):
    """Who may do what in a channel."""

    class Role(models.TextChoices):
        OWNER = "owner", _("owner")
        MODERATOR = "moderator", _("moderator")

    channel = models.ForeignKey(Channel, on_delete=models.CASCADE, related_name="memberships")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="memberships")
    role = models.CharField(max_length=10, choices=Role.choices)
    powers = models.JSONField(default=powers_at_first, db_default=models.Value(powers_at_first(), models.JSONField()))
    """Of a moderator, see `channels_app.powers`; an owner has all. Read through `dashboard.access.powers_of`."""
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["channel", "user"], name="membership_once"),
            models.CheckConstraint(condition=models.Q(role__in=["owner", "moderator"]), name="membership_role_known"),
        ]

    def __str__(self) -> str:
        return f"{self.user} in {self.channel} ({self.role})"


class EventSubSubscription(models.Model):
    """One EventSub subscription we want for a channel, and how Twitch answered."""

    class State(models.TextChoices):
        WANTED = "wanted", _("wanted")
        ENABLED = "enabled", _("enabled")
        REFUSED = "refused", _("refused")

    channel = models.ForeignKey(Channel, on_delete=models.CASCADE, related_name="subscriptions")
    type = models.CharField(max_length=80)
    twitch_id = models.CharField(max_length=64, blank=True)
    state = models.CharField(max_length=10, choices=State.choices, default=State.WANTED)
    problem = models.CharField(max_length=200, blank=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["channel", "type"], name="subscription_once_per_type")]
        # Refused ones, and enabled ones whose id is not known, are looked for every few seconds.
        indexes = [models.Index(fields=["state", "twitch_id"], name="subscription_state")]

    def __str__(self) -> str:
        return f"{self.type} for {self.channel}: {self.state}"
