"""The channel-point reward we made on Twitch: only its maker may fulfil or refund what is redeemed."""

from __future__ import annotations

from django.db import models

from channels_app.models.channel import Channel


class ChannelReward(models.Model):
    """One a channel. It is there for viewers while the channel runs, and paused otherwise."""

    channel = models.OneToOneField(Channel, on_delete=models.CASCADE, related_name="reward")
    twitch_id = models.CharField(max_length=64, blank=True)
    """Empty once Twitch no longer has it."""
    title = models.CharField(max_length=45)
    cost = models.PositiveIntegerField()
    prompt = models.CharField(max_length=200, blank=True)
    cooldown_seconds = models.PositiveIntegerField(default=0)
    paused = models.BooleanField(default=False, db_default=False)
    """As Twitch holds it."""
    problem = models.CharField(max_length=200, blank=True, default="", db_default="")
    created_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return f"{self.title} of {self.channel}"
