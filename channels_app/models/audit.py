"""Who did what to a channel."""

from __future__ import annotations

from django.conf import settings
from django.db import models

from channels_app.models.channel import Channel


class AuditEvent(models.Model):
    """Append-only; written by the actions, in the same transaction as the change."""

    channel = models.ForeignKey(Channel, on_delete=models.CASCADE, related_name="audit_events")
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    """None: the house itself."""
    action = models.CharField(max_length=60)
    detail = models.JSONField(default=dict, blank=True)
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["-at"]
        indexes = [models.Index(fields=["channel", "-at"], name="audit_channel_at")]

    def __str__(self) -> str:
        return self.action
