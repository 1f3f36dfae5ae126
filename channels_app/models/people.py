"""People who sign in."""

from __future__ import annotations

from django.contrib.auth.models import AbstractUser
from django.db import models


class User(AbstractUser):
    """A person: signs in with Twitch; only operators have a password. The e-mail may be missing."""

    twitch_id = models.CharField(max_length=32, unique=True, null=True, blank=True)
    display_name = models.CharField(max_length=80, blank=True)
    avatar_url = models.URLField(blank=True)

    class Meta(AbstractUser.Meta):
        constraints = [
            # Not null and not empty: two people without a Twitch account must not share "".
            models.CheckConstraint(condition=~models.Q(twitch_id=""), name="user_twitch_id_not_empty"),
        ]

    def __str__(self) -> str:
        return self.display_name or self.username
