"""What programs come in with: personal access tokens, and URLs that do one thing."""

from __future__ import annotations

from django.db import models

from channels_app.models.channel import Membership


class ApiToken(models.Model):
    """A person's key to one channel, as an HMAC. It hangs on the membership: who leaves takes every token along."""

    membership = models.ForeignKey(Membership, on_delete=models.CASCADE, related_name="api_tokens")
    name = models.CharField(max_length=60)
    scopes = models.JSONField(default=list)
    """Values of `channels_app.api.scopes.Scope`. What the role does not allow counts for nothing."""
    prefix = models.CharField(max_length=12)
    """How the token begins, so that its owner can tell two apart."""
    digest = models.CharField(max_length=64, unique=True)
    created_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField(null=True, blank=True)
    """None: never."""
    revoked_at = models.DateTimeField(null=True, blank=True)
    used_at = models.DateTimeField(null=True, blank=True)
    """Exact to a minute."""

    class Meta:
        ordering = ["-created_at"]

    def __str__(self) -> str:
        return f"{self.prefix}…"


class ActionURL(models.Model):
    """The secret part of an address that does what is chosen here, as an HMAC. Whoever has the URL can do just that."""

    membership = models.ForeignKey(Membership, on_delete=models.CASCADE, related_name="action_urls")
    name = models.CharField(max_length=60)
    actions = models.JSONField(default=list)
    """Names of `channels_app.api.action_urls.ACTIONS`."""
    text = models.CharField(max_length=500, blank=True)
    """What `say` says; empty: what comes with the call."""
    by_get = models.BooleanField(default=False)
    """A GET does it too. Chat programs know nothing else, but whatever looks at a link sends one."""
    digest = models.CharField(max_length=64, unique=True)
    hint = models.CharField(max_length=4)
    """Last characters of the key, so that its owner can tell two URLs apart."""
    created_at = models.DateTimeField(auto_now_add=True)
    revoked_at = models.DateTimeField(null=True, blank=True)
    used_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-created_at"]

    def __str__(self) -> str:
        return f"action URL …{self.hint}"
