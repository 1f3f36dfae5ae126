"""What the Twitch on loopback knows: accounts, tokens, consents, conduits, subscriptions, open sockets."""

from __future__ import annotations

import asyncio
import itertools
import secrets
import time
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

from tests.fakes.twitch_bucket import Bucket, Subscriptions

FREE_OF_SCOPES: frozenset[str] = frozenset()
SCOPES_OF_TYPE: dict[str, frozenset[str]] = {
    "channel.chat.message": frozenset({"user:read:chat", "user:bot", "channel:bot"}),
    "channel.chat.message_delete": frozenset({"user:read:chat", "user:bot", "channel:bot"}),
    "channel.chat.clear_user_messages": frozenset({"user:read:chat", "user:bot", "channel:bot"}),
    "channel.chat.clear": frozenset({"user:read:chat", "user:bot", "channel:bot"}),
    "channel.cheer": frozenset({"bits:read"}),
    "channel.subscribe": frozenset({"channel:read:subscriptions"}),
    "channel.subscription.message": frozenset({"channel:read:subscriptions"}),
    "channel.subscription.gift": frozenset({"channel:read:subscriptions"}),
    "channel.follow": frozenset({"moderator:read:followers"}),
    "channel.channel_points_custom_reward_redemption.add": frozenset({"channel:read:redemptions"}),
    "channel.ban": frozenset({"channel:moderate"}),
    "channel.raid": FREE_OF_SCOPES,
    "stream.online": FREE_OF_SCOPES,
    "stream.offline": FREE_OF_SCOPES,
}


@dataclass
class Account:
    id: str
    login: str
    display_name: str
    email: str | None = None

    def as_user(self) -> dict[str, Any]:
        """Fields `user_*` of an event."""
        return {"user_id": self.id, "user_login": self.login, "user_name": self.display_name}

    def prefixed(self, prefix: str) -> dict[str, Any]:
        return {f"{prefix}_{name}": value for name, value in self.as_user().items()}


@dataclass
class Token:
    value: str
    user_id: str | None
    """None: the application's own token."""
    scopes: tuple[str, ...]
    expires_at: float
    refresh: str = ""


@dataclass
class Call:
    """One request as it was answered."""

    method: str
    path: str
    query: dict[str, str]
    body: dict[str, Any]
    status: int = 0


@dataclass
class Socket:
    """One open EventSub WebSocket."""

    id: str
    ws: web.WebSocketResponse
    transport: asyncio.Transport | None
    silent: bool = False
    """Nothing is sent any more, the connection stays: a TCP stall."""


@dataclass
class Shard:
    id: str
    session_id: str = ""
    status: str = "websocket_disconnected"


@dataclass
class Conduit:
    id: str
    shards: list[Shard]


@dataclass
class Subscription:
    id: str
    type: str
    version: str
    condition: dict[str, str]
    transport: dict[str, str]
    cost: int = 0
    status: str = "enabled"
    created_at: str = "2026-11-01T12:00:00Z"

    @property
    def channel_id(self) -> str:
        return self.condition.get("broadcaster_user_id") or self.condition.get("to_broadcaster_user_id", "")

    def as_data(self) -> dict[str, Any]:
        return {
            "id": self.id, "type": self.type, "version": self.version, "condition": self.condition,
            "transport": self.transport, "cost": self.cost, "status": self.status, "created_at": self.created_at,
        }  # fmt: skip


@dataclass
class Fault:
    """After `after` requests whose path begins so, the next `times` are answered with this status."""

    path: str
    status: int
    times: int
    method: str = ""
    after: int = 0


@dataclass
class World:
    client_id: str
    client_secret: str
    token_life: float
    rotate_refresh: bool
    accounts: dict[str, Account] = field(default_factory=dict)
    """By login."""
    tokens: dict[str, Token] = field(default_factory=dict)
    refresh_tokens: dict[str, Token] = field(default_factory=dict)
    codes: dict[str, tuple[Account, tuple[str, ...], str]] = field(default_factory=dict)
    grants: dict[str, set[str]] = field(default_factory=dict)
    """Scopes each account (by id) gave to the application."""
    conduits: dict[str, Conduit] = field(default_factory=dict)
    subscriptions: Subscriptions = field(default_factory=Subscriptions)
    given_up: set[tuple[str, str]] = field(default_factory=set)
    """Types and versions of subscriptions that exist no more."""
    sockets: dict[str, Socket] = field(default_factory=dict)
    live: dict[str, str] = field(default_factory=dict)
    """Stream id by broadcaster id."""
    calls: list[Call] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    bucket: Bucket | None = None
    """What the application's own token may still ask before 429; None: no limit."""
    chat_lines: list[tuple[str, str]] = field(default_factory=list)
    """(broadcaster id, text) of what an application wrote into chats."""
    chat_drops: bool = False
    """Lines an application writes are taken and not shown."""
    ids: Any = field(default_factory=lambda: itertools.count(501))
    _by_id: dict[str, Account] = field(default_factory=dict)

    def account(self, who: str | Account) -> Account:
        """The account of this login, made when it is new."""
        if isinstance(who, Account):
            return who
        login = who.lower()
        if login not in self.accounts:
            account = self.accounts[login] = Account(str(next(self.ids)), login, who)
            self._by_id[account.id] = account
        return self.accounts[login]

    def by_id(self, user_id: str) -> Account | None:
        known = self._by_id.get(user_id)
        if known is not None and known.id == user_id:
            return known
        return next((account for account in self.accounts.values() if account.id == user_id), None)

    def issue(self, user_id: str | None, scopes: tuple[str, ...]) -> Token:
        token = Token(secrets.token_hex(15), user_id, scopes, time.time() + self.token_life)
        self.tokens[token.value] = token
        if user_id is not None:
            self.grants.setdefault(user_id, set()).update(scopes)
        return token

    def living(self, value: str) -> Token | None:
        token = self.tokens.get(value)
        return token if token is not None and token.expires_at > time.time() else None

    def fault_for(self, method: str, path: str) -> int | None:
        for fault in self.faults:
            if fault.times > 0 and path.startswith(fault.path) and fault.method in ("", method):
                if fault.after > 0:
                    fault.after -= 1
                    continue
                fault.times -= 1
                return fault.status
        return None

    def session_lost(self, session_id: str) -> None:
        self.sockets.pop(session_id, None)
        for conduit in self.conduits.values():
            for shard in conduit.shards:
                if shard.session_id == session_id:
                    shard.status = "websocket_disconnected"
