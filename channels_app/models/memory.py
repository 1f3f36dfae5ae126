"""What she keeps of a channel and its chatters beyond the day: facts, the stream's summary, who wants none of it."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q

from channels_app.models.channel import Channel

FACT_LENGTH = 120
FACTS_PER_CHATTER = 12
FACTS_PER_CHANNEL = 40


class MemoryFact(models.Model):
    """One sentence about a chatter, or with an empty `chatter_id` about the channel."""

    channel = models.ForeignKey(Channel, on_delete=models.CASCADE, related_name="memory_facts")
    chatter_id = models.CharField(max_length=64, blank=True)
    """Names change; the id is whose it is."""
    chatter_name = models.CharField(max_length=80, blank=True)
    """As it was when the fact was last touched, for people to search by."""
    text = models.CharField(max_length=FACT_LENGTH)
    source_id = models.CharField(max_length=128, blank=True)
    """The message it was learned from; empty where a member wrote it."""
    written_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    """The member who wrote or changed it; None where she learned it."""
    vector = models.BinaryField(null=True, blank=True)
    """Its embedding: unit length, float16, little endian."""
    vector_model = models.CharField(max_length=120, blank=True)
    learned_at = models.DateTimeField()
    expires_at = models.DateTimeField(null=True, blank=True)
    """None: kept until somebody deletes it."""

    class Meta:
        ordering = ["-learned_at", "-pk"]
        constraints = [
            models.UniqueConstraint(fields=["channel", "chatter_id", "text"], name="memory_fact_once"),
            models.CheckConstraint(condition=~Q(text=""), name="memory_fact_not_empty"),
        ]

    def __str__(self) -> str:
        return f"memory {self.pk}"


class StreamSummary(models.Model):
    """What the stream has been about so far, and how far it has been read. One row a channel, and the lock of its
    memory: whoever learns and whoever erases takes it first."""

    channel = models.OneToOneField(Channel, on_delete=models.CASCADE, related_name="stream_summary")
    text = models.TextField(blank=True)
    covers = models.TextField(blank=True)
    """Ids of every event and chatter it was made from, each between bars, as in `Turn.answered`."""
    begun_at = models.DateTimeField(null=True, blank=True)
    """When the oldest turn in it was; it is not kept longer than chat is."""
    made_at = models.DateTimeField(null=True, blank=True)
    read_until = models.DateTimeField(null=True, blank=True)
    """Turns up to here are in the summary, or will be in none."""
    learned_until = models.DateTimeField(null=True, blank=True)
    """Turns up to here make no facts any more, though a summary that is made anew reads them again."""

    def __str__(self) -> str:
        return f"summary of {self.channel_id}"


class MemoryOptOut(models.Model):
    """A chatter who wants nothing remembered. Kept as a digest, so that the wish outlives the forgetting."""

    channel = models.ForeignKey(Channel, on_delete=models.CASCADE, related_name="memory_opt_outs")
    digest = models.CharField(max_length=32)
    since = models.DateTimeField(auto_now_add=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    """When it was taken back. What was said before is not learned all the same, so it stays as long as chat does."""

    class Meta:
        constraints = [models.UniqueConstraint(fields=["channel", "digest"], name="memory_opt_out_once")]

    def __str__(self) -> str:
        return f"opt-out {self.pk}"
