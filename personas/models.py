"""Personas: who she is. A published version never changes; a change is a new version."""

from __future__ import annotations

from typing import Any

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from channels_app.entitlements import entitlements_of
from channels_app.models import Channel, User
from personas.look import channel_look, default_avatar, default_palette

LANGUAGES = [("en", _("English")), ("ru", _("Russian"))]
MOODS = [
    ("neutral", pgettext_lazy("mood", "neutral")),
    ("happy", pgettext_lazy("mood", "happy")),
    ("sad", pgettext_lazy("mood", "sad")),
    ("angry", pgettext_lazy("mood", "angry")),
    ("surprised", pgettext_lazy("mood", "surprised")),
    ("shy", pgettext_lazy("mood", "shy")),
    ("smug", pgettext_lazy("mood", "smug")),
    ("thinking", pgettext_lazy("mood", "thinking")),
]
MODES = [
    ("normal", pgettext_lazy("mode", "Normal")),
    ("chatty", pgettext_lazy("mode", "Chatty")),
    ("shy", pgettext_lazy("mode", "Shy")),
    ("paid-only", pgettext_lazy("mode", "Paid only")),
    ("subs-only", pgettext_lazy("mode", "Subscribers only")),
    ("approve", pgettext_lazy("mode", "Approve first")),
]
EVENTS = [
    ("cheer", _("cheers (bits) and tips")),
    ("sub", _("subscriptions")),
    ("gift", _("gifted subs")),
    ("raid", _("raids")),
    ("follow", _("follows")),
    ("redemption", _("channel point redemptions")),
]


def every_event() -> list[str]:
    return [name for name, _label in EVENTS]


class Persona(models.Model):
    """A character of a channel. `published` is the version she lives by."""

    channel = models.ForeignKey(Channel, on_delete=models.CASCADE, related_name="personas")
    is_active = models.BooleanField(default=True)
    """The one persona of the channel that is on stage."""
    published = models.ForeignKey(
        "PersonaVersion", on_delete=models.SET_NULL, null=True, blank=True, related_name="published_of"
    )
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["channel"], condition=models.Q(is_active=True), name="persona_one_active_per_channel"
            )
        ]

    def __str__(self) -> str:
        return self.published.name if self.published else f"persona {self.pk}"


class PublishedVersionError(Exception):
    """Somebody tried to change a published version."""


class PersonaVersion(models.Model):
    """All that shapes her, frozen once published."""

    channel = models.ForeignKey(Channel, on_delete=models.CASCADE, related_name="persona_versions")
    persona = models.ForeignKey(Persona, on_delete=models.CASCADE, related_name="versions")
    number = models.PositiveIntegerField()
    published_at = models.DateTimeField(null=True, blank=True)
    """None for a draft, which may be changed and is told to nobody."""
    author = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    """Who saved it; nobody where the service did, or where the person has left."""
    restores = models.PositiveIntegerField(null=True, blank=True)
    """The number of the earlier version that was brought back with this one."""

    name = models.CharField(_("name"), max_length=40)
    description = models.TextField(_("who she is"), max_length=12_000, blank=True)
    style = models.TextField(_("how she speaks"), max_length=2000, blank=True)
    language = models.CharField(_("language"), max_length=8, choices=LANGUAGES, default="en")

    mode = models.CharField(
        _("how outgoing she is"), max_length=12, choices=MODES, default="normal", db_default="normal"
    )
    mention = models.BooleanField(_("answer when mentioned"), default=True)
    misspelt = models.BooleanField(_("hear her name misspelt"), default=True, db_default=False)
    """On for new characters; those from before it existed keep hearing exact spellings alone."""
    question = models.BooleanField(_("answer questions to nobody in particular"), default=False, db_default=False)
    first_message = models.BooleanField(_("answer a chatter's first message"), default=False, db_default=False)
    nicknames = models.JSONField(_("nicknames"), default=list, blank=True)
    command = models.CharField(_("chat command"), max_length=24, default="!ai", blank=True)
    every_message = models.BooleanField(_("answer every message"), default=False)
    chance = models.FloatField(
        _("chance of answering other messages"), default=0, validators=[MinValueValidator(0), MaxValueValidator(1)]
    )
    events = models.JSONField(_("events she reacts to"), default=every_event, blank=True)
    cheer_minimum = models.PositiveIntegerField(_("bits from"), default=1)
    cut_in_bits = models.PositiveIntegerField(_("bits that cut in"), default=1000, db_default=1000)
    """From this many bits she ends what she says with its sentence and thanks; 0: never. The same for raiders."""
    cut_in_raiders = models.PositiveIntegerField(_("raiders that cut in"), default=20, db_default=20)
    cooldown = models.FloatField(
        _("pause after a reply, seconds"), default=0, validators=[MinValueValidator(0), MaxValueValidator(600)]
    )
    chatter_cooldown = models.FloatField(
        _("pause for the same chatter, seconds"), default=10, validators=[MinValueValidator(0), MaxValueValidator(3600)]
    )
    replies_per_minute = models.PositiveSmallIntegerField(
        _("replies a minute at most"), default=12, validators=[MinValueValidator(1), MaxValueValidator(60)]
    )

    voice_engine = models.CharField(_("voice"), max_length=20, default="auto")
    voice_name = models.CharField(_("voice name"), max_length=120, blank=True)
    voice_speed = models.FloatField(_("speed"), default=1, validators=[MinValueValidator(0.5), MaxValueValidator(2)])
    voice_pitch = models.FloatField(_("pitch"), default=1, validators=[MinValueValidator(0.5), MaxValueValidator(2)])
    voice_instructions = models.TextField(_("how the voice should sound"), max_length=500, blank=True)
    language_voices = models.JSONField(_("voices for single languages"), default=dict, blank=True)
    """Language to `engine:name`, where she has another voice in it."""
    pronunciation = models.JSONField(_("how words are said"), default=list, blank=True)
    """Rows of word, say, language ("" for any)."""

    mood = models.CharField(_("resting mood"), max_length=12, choices=MOODS, default="neutral")
    palette = models.JSONField(_("colours"), default=default_palette)
    avatar = models.JSONField(_("look"), default=default_avatar)
    """Kind, parts of the drawn character, and her own pictures by slot; see `look.default_avatar`."""
    card = models.JSONField(
        _("character card"), default=dict, db_default=models.Value({}, models.JSONField()), blank=True
    )
    """The imported card whole, as its file says it, for an export without loss. Empty without one."""
    lorebook = models.JSONField(
        _("lorebook"), default=dict, db_default=models.Value({}, models.JSONField()), blank=True
    )
    """A lorebook that was imported by itself (`lorebook_v3`), beside the one inside the card. Empty without one."""
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["-number"]
        constraints = [models.UniqueConstraint(fields=["persona", "number"], name="version_number_once")]

    def __str__(self) -> str:
        return f"{self.name} v{self.number}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        if self.pk and PersonaVersion.objects.filter(pk=self.pk, published_at__isnull=False).exists():
            raise PublishedVersionError(f"{self} is published and never changes; save a new version instead.")
        super().save(*args, **kwargs)

    def publish(self) -> None:
        """Makes this the version she lives by."""
        self.published_at = timezone.now()
        self.save()
        self.persona.published = self
        self.persona.save(update_fields=["published"])
        if self.persona.is_active:
            Channel.objects.filter(pk=self.channel_id).update(
                look=channel_look(self, entitlements_of(self.channel).avatar_kinds)
            )


class CardDraft(models.Model):
    """A card or lorebook somebody has brought and not published yet. One waits at a time."""

    channel = models.OneToOneField(Channel, on_delete=models.CASCADE, related_name="card_draft")
    document = models.JSONField()
    carrier = models.CharField(max_length=5)
    two_cards = models.BooleanField(default=False)
    """The file held two cards that tell different things."""
    hints = models.JSONField(default=list)
    """Words the safety rules would have somebody look at."""
    picture = models.CharField(max_length=40, blank=True, default="", db_default="")
    """The card's own picture as it was drawn anew; empty where it has none, or it is not wanted."""
    created_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return f"card for {self.channel_id}"


class AvatarPicture(models.Model):
    """One picture a broadcaster has brought, as it was drawn anew. The file lies under `name` in the media folder."""

    channel = models.ForeignKey(Channel, on_delete=models.CASCADE, related_name="avatar_pictures")
    name = models.CharField(max_length=40)
    label = models.CharField(max_length=60, blank=True)
    """What the file was called on the broadcaster's machine."""
    width = models.PositiveIntegerField()
    height = models.PositiveIntegerField()
    frames = models.PositiveSmallIntegerField(default=1)
    size = models.PositiveIntegerField()
    """Bytes."""
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["created_at", "pk"]
        constraints = [models.UniqueConstraint(fields=["channel", "name"], name="avatar_picture_once_per_channel")]

    def __str__(self) -> str:
        return self.label or self.name


class VersionReport(models.Model):
    """What a check of a version found before it goes live. A version keeps its newest."""

    class State(models.TextChoices):
        WAITING = "waiting", _("waiting")
        RUNNING = "running", _("running")
        DONE = "done", _("done")
        INCOMPLETE = "incomplete", _("incomplete")
        CANCELLED = "cancelled", _("cancelled")

    channel = models.ForeignKey(Channel, on_delete=models.CASCADE, related_name="version_reports")
    version = models.ForeignKey(PersonaVersion, on_delete=models.CASCADE, related_name="reports")
    digest = models.CharField(max_length=64)
    """Of the texts that were checked: a draft that was changed since is not the one the report tells of."""
    state = models.CharField(max_length=10, choices=State.choices, default=State.WAITING)
    asked_by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    publishes = models.BooleanField(default=False)
    """The version goes live by itself as soon as it passes."""
    instead_of = models.PositiveBigIntegerField(null=True, blank=True)
    """The version that was live when the check was asked for: where another is by now, nothing goes live by itself."""
    brain = models.CharField(max_length=120, blank=True)
    done = models.PositiveSmallIntegerField(default=0)
    total = models.PositiveSmallIntegerField(default=0)
    """Lines she was asked, and lines there are."""
    lines = models.JSONField(default=list)
    """What she was asked and what she said, line by line; see `workers.rehearsal.judge.Judged.as_row`."""
    checks = models.JSONField(default=list)
    """One object a check: name, level (ok, soft, hard) and figures."""
    problem = models.CharField(max_length=300, blank=True)
    """Why it is incomplete."""
    cost_micros = models.PositiveBigIntegerField(default=0)
    begun_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["-pk"]

    def __str__(self) -> str:
        return f"report of {self.version_id}: {self.state}"

    @property
    def is_open(self) -> bool:
        return self.state in (self.State.WAITING, self.State.RUNNING)

    def named(self, level: str) -> list[str]:
        """Names of the checks with this level."""
        return [check["name"] for check in self.checks if check["level"] == level]
