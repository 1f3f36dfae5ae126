"""What a broadcaster is asked to allow. A token has only what was asked, so every sign-in asks for all of it."""

from __future__ import annotations

CHAT = ("user:read:chat", "user:bot", "channel:bot")
"""Reads chat and its deletions through the conduit. Nothing works without these."""
WRITE = ("user:write:chat", "user:bot")
"""Lets her answer in chat who asks there what she is or remembers. Without them she says it aloud."""
SIGN_IN = (
    *CHAT,
    "user:write:chat",
    "bits:read",
    "channel:read:subscriptions",
    "moderator:read:followers",
    "channel:read:redemptions",
)
REWARDS = "channel:manage:redemptions"
"""Makes the reward with which viewers talk to her, and fulfils or refunds it. Asked only of who wants such a reward."""
