"""Invitations to moderate a channel."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q

from channels_app.models.channel import Channel
from channels_app.powers import powers_at_first


class Invitation(models.Model):
    """One person may become a moderator with it, once: whoever has the link, or whoever has the Twitch login."""

    channel = models.ForeignKey(Channel, on_delete=models.CASCADE, related_name="invitations")
    digest = models.CharField(max_length=64, unique=True, null=True, blank=True)
    """HMAC of the link's token, which is shown once; None where it is for a login."""
    login = models.CharField(max_length=64, blank=True)
    """Twitch login of whom it is for; empty for a link."""
    powers = models.JSONField(default=powers_at_first)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField()

    class Meta:
        ordering = ["-created_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["channel", "login"], condition=~Q(login=""), name="invitation_once_per_login"
            ),
            models.CheckConstraint(
                condition=Q(digest__isnull=True) ^ Q(login=""), name="invitation_by_link_or_by_login"
            ),
        ]

    def __str__(self) -> str:
        return f"invitation {self.pk}"
