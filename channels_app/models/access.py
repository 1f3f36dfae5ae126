"""Keys and tokens: Twitch, providers, overlays; and which overlays are connected."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from channels_app.fields import EncryptedTextField
from channels_app.models.channel import Channel

MOST_OFFSET_MS = 500
"""Half of what lies between two beeps of the test: more could not be told apart from less."""


class TwitchCredential(models.Model):
    """A person's Twitch tokens. Refreshed only by whoever claimed the row, in `channels_app.twitch.tokens`."""

    class State(models.TextChoices):
        OK = "ok", _("working")
        RECONNECT = "reconnect", _("must sign in again")

    user = models.OneToOneField(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="twitch_credential")
    access_token = EncryptedTextField()
    refresh_token = EncryptedTextField(blank=True)
    scopes = models.JSONField(default=list)
    expires_at = models.DateTimeField()
    validated_at = models.DateTimeField(null=True, blank=True)
    refreshed_at = models.DateTimeField(null=True, blank=True)
    refreshing_until = models.DateTimeField(null=True, blank=True)
    """Somebody asks Twitch for a new pair; nobody else may, until then. Also the mark of who it is."""
    state = models.CharField(max_length=10, choices=State.choices, default=State.OK)
    problem = models.CharField(max_length=200, blank=True)

    def __str__(self) -> str:
        return f"Twitch credential of {self.user}"


class ProviderAccess(models.Model):
    """A channel's own provider in place of the platform's: endpoint, model and key."""

    class Kind(models.TextChoices):
        LLM = "llm", _("language model")
        SPEECH = "speech", _("voice")
        MODERATION = "moderation", _("moderation")
        JUDGE = "judge", _("judge")

    channel = models.ForeignKey(Channel, on_delete=models.CASCADE, related_name="providers")
    kind = models.CharField(max_length=10, choices=Kind.choices)
    base_url = models.URLField()
    model = models.CharField(max_length=120)
    voice = models.CharField(max_length=120, blank=True)
    api_key = EncryptedTextField(blank=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["channel", "kind"], name="provider_once_per_kind")]

    def __str__(self) -> str:
        return f"{self.kind} of {self.channel}"


class OverlayKey(models.Model):
    """The secret part of an overlay URL, as an HMAC. The plain key is shown once, when it is made."""

    channel = models.ForeignKey(Channel, on_delete=models.CASCADE, related_name="overlay_keys")
    digest = models.CharField(max_length=64, unique=True)
    hint = models.CharField(max_length=4)
    """Last characters of the key, so that its owner can tell two URLs apart."""
    created_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField(null=True, blank=True)
    """Set by rotation: the old key works a little longer."""
    revoked_at = models.DateTimeField(null=True, blank=True)
    last_seen_at = models.DateTimeField(null=True, blank=True)
    last_seen_ip = models.GenericIPAddressField(null=True, blank=True)
    mouth_offset_ms = models.SmallIntegerField(null=True, blank=True)
    """How much later the mouth moves where this URL is open; None for the channel's own offset."""

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(mouth_offset_ms__gte=-MOST_OFFSET_MS, mouth_offset_ms__lte=MOST_OFFSET_MS),
                name="overlay_key_mouth_offset_range",
            ),
        ]

    def __str__(self) -> str:
        return f"overlay key …{self.hint} of {self.channel}"


class PanicKey(models.Model):
    """The secret part of a panic URL, as an HMAC. Whoever has the URL can silence her, and nothing else."""

    channel = models.ForeignKey(Channel, on_delete=models.CASCADE, related_name="panic_keys")
    digest = models.CharField(max_length=64, unique=True)
    hint = models.CharField(max_length=4)
    """Last characters of the key, so that its owner can tell two URLs apart."""
    created_at = models.DateTimeField(auto_now_add=True)
    revoked_at = models.DateTimeField(null=True, blank=True)
    used_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["channel"], condition=models.Q(revoked_at__isnull=True), name="panic_key_one_living"
            )
        ]

    def __str__(self) -> str:
        return f"panic key …{self.hint} of {self.channel}"


class OverlayPresence(models.Model):
    """One connected overlay page; kept alive by its reports."""

    channel = models.ForeignKey(Channel, on_delete=models.CASCADE, related_name="overlays")
    connection = models.CharField(max_length=64, unique=True)
    key = models.ForeignKey(OverlayKey, on_delete=models.CASCADE, null=True, related_name="presences")
    """None for the dashboard's preview, which is signed in by session."""
    is_preview = models.BooleanField(default=False)
    obs_version = models.CharField(max_length=32, blank=True)
    """Of the browser plug-in, which counts for itself; empty outside OBS."""
    program_version = models.CharField(max_length=32, blank=True, default="", db_default="")
    """Of OBS itself, where its browser tells."""
    engine = models.CharField(max_length=120, blank=True)
    renderer = models.CharField(max_length=120, blank=True, default="", db_default="")
    """What draws the page, by WebGL: "none" where there is none, empty while the page has not said."""
    connected_at = models.DateTimeField(auto_now_add=True)
    seen_at = models.DateTimeField()
    audible = models.BooleanField(default=False)
    visible = models.BooleanField(default=True)
    active = models.BooleanField(default=True, db_default=True)
    """Whether the source is in the scene that is on air, where OBS tells."""
    sample_rate = models.PositiveIntegerField(null=True, blank=True)
    """Of the page's sound, Hz; 0 without a sound device, None while the page has not said."""
    worklet = models.BooleanField(default=False, db_default=False)
    """Whether sound is made on a thread of its own."""
    width = models.PositiveIntegerField(default=0, db_default=0)
    height = models.PositiveIntegerField(default=0, db_default=0)
    fps = models.FloatField(null=True, blank=True)
    mouth_lag_ms = models.FloatField(null=True, blank=True)
    underruns = models.PositiveIntegerField(default=0)
    gaps = models.PositiveIntegerField(default=0)
    dropped = models.PositiveIntegerField(default=0)

    class Meta:
        indexes = [models.Index(fields=["channel", "seen_at"], name="presence_channel_seen")]

    def __str__(self) -> str:
        return f"overlay of {self.channel}"
