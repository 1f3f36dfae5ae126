"""What was asked, what was said, and what somebody paid for."""

from __future__ import annotations

import uuid

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from channels_app.models.channel import Channel


class Turn(models.Model):
    """One reply: who asked, what was said, the verdict, how long each stage took, what it cost."""

    class Outcome(models.TextChoices):
        THINKING = "thinking", pgettext_lazy("turn", "thinking")
        SPEAKING = "speaking", pgettext_lazy("turn", "speaking")
        SPOKEN = "spoken", pgettext_lazy("turn", "spoken")
        INTERRUPTED = "interrupted", pgettext_lazy("turn", "interrupted")
        REFUSED = "refused", pgettext_lazy("turn", "refused")
        FAILED = "failed", pgettext_lazy("turn", "failed")

    OPEN = (Outcome.THINKING, Outcome.SPEAKING)
    RUN_ENDED = "the run ended before the turn did"
    """Reason of a turn whose run died; see `words` for its translation."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    channel = models.ForeignKey(Channel, on_delete=models.CASCADE, related_name="turns")
    fence = models.BigIntegerField(default=0)
    persona_name = models.CharField(max_length=80, blank=True)
    persona_version = models.PositiveIntegerField(null=True, blank=True)
    trigger = models.CharField(max_length=32)
    event_id = models.CharField(max_length=128, blank=True)
    chatter_id = models.CharField(max_length=64, blank=True)
    chatter_name = models.CharField(max_length=80, blank=True)
    person = models.BigIntegerField(null=True, blank=True)
    """Who was answered, as a number for counting that holds for one day and leads back to nobody; see `audience`."""
    answered = models.TextField(blank=True, db_default="")
    """Ids of every event and chatter it answers, each between bars: one answer may be one to several."""
    asked = models.TextField(blank=True)
    taken_back = models.BooleanField(default=False, db_default=False)
    """A moderator took what was asked out of the chat: its words are gone, and no conversation builds on it."""
    forgotten = models.BooleanField(default=False, db_default=False)
    """Who was answered wants to be forgotten: all words and names of it are gone, hers too."""
    said = models.TextField(blank=True)
    """What left the safety gate towards the voice."""
    heard = models.TextField(blank=True)
    """The sentences the overlay began to play."""
    outcome = models.CharField(max_length=12, choices=Outcome.choices, default=Outcome.THINKING)
    reason = models.CharField(max_length=200, blank=True)
    verdict = models.JSONField(default=dict, blank=True)
    """{action, rule}: what the safety gate objected to last, in what was asked or in what was to be said."""
    evidence = models.CharField(max_length=200, blank=True, db_default="")
    """The words it objected to, or why nothing could be judged."""
    judged = models.TextField(blank=True, db_default="")
    """The line it objected to, as it was judged: a message, several together, or a sentence of hers."""
    timings_ms = models.JSONField(default=dict, blank=True)
    """Milliseconds from the message's arrival: picked, first_token, first_sentence, first_audio, playing, ended."""
    brain = models.CharField(max_length=120, blank=True)
    voice = models.CharField(max_length=120, blank=True)
    voice_stood_in = models.BooleanField(default=False, db_default=False)
    """Another voice than the persona's spoke some of it: hers failed, or cannot speak the language."""
    prompt_tokens = models.PositiveIntegerField(default=0)
    completion_tokens = models.PositiveIntegerField(default=0)
    characters = models.PositiveIntegerField(default=0)
    cost_micros = models.PositiveBigIntegerField(default=0)
    """Millionths of a US dollar."""
    cost_exact = models.BooleanField(default=False)
    created_at = models.DateTimeField(auto_now_add=True)
    heard_at = models.DateTimeField(null=True, blank=True)
    """When the overlay said it began to play; written by the web process, so a dying worker cannot lose it."""
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-created_at"]
        indexes = [
            models.Index(fields=["channel", "-created_at"], name="turn_channel_created"),
            models.Index(fields=["created_at"], name="turn_created"),
        ]

    def __str__(self) -> str:
        return f"turn {self.id}"

    @property
    def is_orphan(self) -> bool:
        """Whether its run died before it could write down what was said and heard."""
        return self.outcome == self.Outcome.INTERRUPTED and self.reason == self.RUN_ENDED

    @staticmethod
    def barred(*ids: str) -> str:
        """Ids as `answered` holds them."""
        return "".join(f"|{one}|" for one in ids)

    @property
    def answered_ids(self) -> list[str]:
        """Of every event that was answered and of its chatter."""
        return self.answered.strip("|").split("||") if self.answered else []


class PaidEvent(models.Model):
    """Something somebody paid for. A row before it travels; done only when spoken or refused with a reason."""

    class State(models.TextChoices):
        WAITING = "waiting", _("waiting")
        CLAIMED = "claimed", _("being answered")
        SPOKEN = "spoken", _("spoken")
        REFUSED = "refused", _("refused")

    channel = models.ForeignKey(Channel, on_delete=models.CASCADE, related_name="paid_events")
    kind = models.CharField(max_length=16)
    event_id = models.CharField(max_length=128)
    """EventSub message id, or one made here."""
    redemption_id = models.CharField(max_length=64, blank=True)
    reward_id = models.CharField(max_length=64, blank=True)
    payload = models.JSONField()
    """The StreamEvent as plain values."""
    state = models.CharField(max_length=10, choices=State.choices, default=State.WAITING)
    reason = models.CharField(max_length=200, blank=True)
    fence = models.BigIntegerField(default=0)
    """Fence of the run that claimed it."""
    turn = models.ForeignKey(Turn, on_delete=models.SET_NULL, null=True, blank=True, related_name="paid_events")
    received_at = models.DateTimeField(auto_now_add=True)
    done_at = models.DateTimeField(null=True, blank=True)
    settled_at = models.DateTimeField(null=True, blank=True)
    """Twitch knows what became of a redemption of our own reward, or nothing can be told it any more."""
    settled_as = models.CharField(max_length=12, blank=True, default="", db_default="")
    """FULFILLED or CANCELED, which is refunded, as Twitch holds it; empty while and where it is not."""
    settle_after = models.DateTimeField(null=True, blank=True)
    """Not told before: somebody tells it now, or Twitch could not be told."""
    settle_tries = models.PositiveSmallIntegerField(default=0, db_default=0)
    settle_problem = models.CharField(max_length=200, blank=True, default="", db_default="")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["channel", "event_id"], name="paid_event_once"),
            models.CheckConstraint(
                condition=~models.Q(state="refused") | ~models.Q(reason=""), name="paid_event_refused_with_reason"
            ),
        ]
        indexes = [models.Index(fields=["channel", "state"], name="paid_event_channel_state")]

    def __str__(self) -> str:
        return f"{self.kind} {self.state}"
