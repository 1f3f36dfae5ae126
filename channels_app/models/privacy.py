"""What people agreed to, what they take along, and what must be kept of them when they are gone."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from channels_app.models.channel import Channel


class SitePage(models.Model):
    """A text of the site in one language, such as its terms. Operators edit it in the admin."""

    class Slug(models.TextChoices):
        TERMS = "terms", _("terms of use")
        PRIVACY = "privacy", _("privacy notice")

    slug = models.CharField(max_length=20, choices=Slug.choices)
    language = models.CharField(max_length=8, choices=settings.LANGUAGES)
    title = models.CharField(max_length=120)
    body = models.TextField()
    """Plain text with a little Markdown, see `channels_app.site_text`."""
    version = models.PositiveIntegerField(
        default=1, help_text=_("Raise it when people have to agree anew. Mended spelling needs no new version.")
    )
    published = models.BooleanField(default=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["slug", "language"], name="site_page_once_per_language")]

    def __str__(self) -> str:
        return f"{self.slug} ({self.language})"


class Consent(models.Model):
    """Somebody agreed to the terms and the privacy notice. Append-only: a newer version is a new row."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="consents")
    version = models.CharField(max_length=40)
    """As `channels_app.terms.current_version` told it then."""
    language = models.CharField(max_length=8)
    """In which it was read."""
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "version"], name="consent_once_per_version")]

    def __str__(self) -> str:
        return f"{self.user_id} agreed to {self.version}"


class DataExport(models.Model):
    """A channel's data as one zip file, made by a worker. The file lies under `name` in the data directory."""

    class State(models.TextChoices):
        WAITING = "waiting", _("waiting")
        RUNNING = "running", _("being made")
        READY = "ready", _("ready")
        FAILED = "failed", _("failed")

    channel = models.ForeignKey(Channel, on_delete=models.CASCADE, related_name="exports")
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    language = models.CharField(max_length=8, default="en")
    """Of the explanations in it."""
    state = models.CharField(max_length=10, choices=State.choices, default=State.WAITING)
    done = models.PositiveIntegerField(default=0)
    total = models.PositiveIntegerField(default=0)
    """Kinds of data that are in the file, and that there are."""
    name = models.CharField(max_length=40, blank=True)
    size = models.PositiveBigIntegerField(default=0)
    """Bytes."""
    asked_at = models.DateTimeField(auto_now_add=True)
    begun_at = models.DateTimeField(null=True, blank=True)
    ready_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-asked_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["channel"],
                condition=models.Q(state__in=["waiting", "running"]),
                name="export_one_at_a_time",
            )
        ]

    def __str__(self) -> str:
        return f"export {self.pk}: {self.state}"

    @property
    def is_open(self) -> bool:
        return self.state in (self.State.WAITING, self.State.RUNNING)


class KeptRecord(models.Model):
    """What the law wants kept of a channel that is gone, without anything that tells whose it was."""

    origin = models.CharField(max_length=32)
    """A digest that nobody can lead back once the channel is gone: the same is kept once."""
    kind = models.CharField(max_length=80)
    """Label of the model it was."""
    content = models.JSONField()
    reason = models.CharField(max_length=200)
    kept_at = models.DateTimeField(auto_now_add=True)
    keep_until = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["origin", "kind"], name="kept_record_once")]

    def __str__(self) -> str:
        return f"{self.kind} until {self.keep_until:%Y-%m-%d}"
