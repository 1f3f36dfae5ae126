"""Lines that the safety rules blocked and a member says they should not have."""

from __future__ import annotations

from django.conf import settings
from django.db import models

from channels_app.models.channel import Channel, SafetyProfile
from channels_app.models.turn import Turn


class SafetyCase(models.Model):
    """One such line, without the name of whoever wrote it; operators make a test of the rules out of it."""

    channel = models.ForeignKey(Channel, on_delete=models.CASCADE, related_name="safety_cases")
    turn = models.OneToOneField(Turn, on_delete=models.SET_NULL, null=True, related_name="safety_case")
    line = models.TextField()
    """As it was judged."""
    whose = models.TextField(blank=True, db_default="")
    """Digests of who and what the line came from, each between bars: it is erased on their word, and names nobody."""
    rule = models.CharField(max_length=80)
    evidence = models.CharField(max_length=200, blank=True)
    profile = models.CharField(max_length=10, choices=SafetyProfile.choices)
    """The channel's when it was reported."""
    reported_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    reported_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["-reported_at"]

    def __str__(self) -> str:
        return self.rule
