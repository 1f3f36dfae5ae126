"""A whole Twitch on loopback: sign-in, Helix and EventSub, in a thread of its own. Needs no test framework.

    with FakeTwitch() as twitch:
        alice = twitch.account("Alice")
        twitch.consent_as("Alice")                   # the next person at the consent page
        os.environ.update(twitch.environment())      # before the product starts
        twitch.say("Alice", "Dora", "hello there")

Methods return when the frame has left. Every request is kept in `calls`.
"""

from __future__ import annotations

import asyncio
import secrets
import threading
import time
from collections.abc import Callable, Coroutine, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from email.utils import formatdate
from types import TracebackType
from typing import Any, Self, TypeVar

from aiohttp import web

from tests.fakes import twitch_events as events
from tests.fakes.twitch_helix import Helix
from tests.fakes.twitch_oauth import OAuth
from tests.fakes.twitch_points import Points, Redemption
from tests.fakes.twitch_sockets import EventSub
from tests.fakes.twitch_world import Account, Call, Fault, Subscription, World

__all__ = ["Account", "Call", "FakeTwitch", "Subscription"]

T = TypeVar("T")
Who = str | Account
STALE = 11 * 60.0
"""Seconds; ten minutes is what a receiver may still believe."""


class FakeTwitch:
    """`keepalive` and `grace` (an unused socket is closed with 4003) are seconds."""

    def __init__(
        self,
        *,
        client_id: str = "client-of-the-tests",
        client_secret: str = "secret-of-the-tests",
        token_life: float = 4 * 3600,
        rotate_refresh: bool = True,
        keepalive: float = 10.0,
        grace: float = 10.0,
    ) -> None:
        self.world = World(client_id, client_secret, token_life, rotate_refresh)
        self.oauth = OAuth(self.world)
        self.helix = Helix(self.world)
        self.eventsub = EventSub(self.world, keepalive=keepalive, grace=grace)
        self.port = 0
        self.now: Callable[[], float] = time.time  # what its answers are dated with
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._serve, name="fake-twitch", daemon=True)
        self._ready = threading.Event()
        self._runner: web.AppRunner | None = None
        self._held: dict[str, asyncio.Event] = {}

    def __enter__(self) -> Self:
        self._thread.start()
        if not self._ready.wait(10):
            raise RuntimeError("The Twitch on loopback did not start.")
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._run(self._close())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(5)
        self._loop.close()

    def _serve(self) -> None:
        asyncio.set_event_loop(self._loop)
        self._loop.run_until_complete(self._open())
        self._ready.set()
        self._loop.run_forever()

    async def _open(self) -> None:
        app = web.Application(middlewares=[self._recorded])
        app.add_routes([*self.oauth.routes(), *self.helix.routes(), *self.eventsub.routes()])
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.2)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", 0)
        await site.start()
        self.port = self._runner.addresses[0][1]
        self.eventsub.url = self.eventsub_url

    async def _close(self) -> None:
        await self.eventsub.drop()
        if self._runner is not None:
            await self._runner.cleanup()

    def _run(self, work: Coroutine[Any, Any, T]) -> T:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(10)

    @web.middleware
    async def _recorded(self, request: web.Request, handler: Any) -> web.StreamResponse:
        body: dict[str, Any] = {}
        if request.body_exists:
            is_json = request.content_type == "application/json"
            body = dict(await request.json() if is_json else await request.post())
        call = Call(request.method, request.path, dict(request.query), body)
        self.world.calls.append(call)
        if request.path in self._held:
            await self._held[request.path].wait()
        fault = self.world.fault_for(request.method, request.path)
        try:
            response = self._faulty(fault) if fault else await handler(request)
        except web.HTTPException as redirect:
            call.status = redirect.status
            raise
        call.status = response.status
        if not response.prepared:
            response.headers["Date"] = formatdate(self.now(), usegmt=True)
        return response

    def _faulty(self, status: int) -> web.Response:
        headers = {"Ratelimit-Reset": str(int(time.time() + self.helix.reset_after))}
        return web.json_response({"status": status, "message": "fault"}, status=status, headers=headers)

    # -- where it is and what it saw

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def eventsub_url(self) -> str:
        return f"ws://127.0.0.1:{self.port}/ws"

    def environment(self) -> dict[str, str]:
        """The settings that make the product talk to this Twitch."""
        return {
            "TWITCH_CLIENT_ID": self.world.client_id,
            "TWITCH_CLIENT_SECRET": self.world.client_secret,
            "TWITCH_API_URL": f"{self.url}/helix",
            "TWITCH_AUTH_URL": f"{self.url}/oauth2",
            "TWITCH_EVENTSUB_URL": self.eventsub_url,
        }

    @property
    def points(self) -> Points:
        return self.helix.points

    @property
    def calls(self) -> list[Call]:
        return list(self.world.calls)

    def called(self, method: str, path: str) -> list[Call]:
        return [call for call in self.calls if call.method == method and call.path.endswith(path)]

    @property
    def subscriptions(self) -> list[Subscription]:
        return list(self.world.subscriptions.values())

    @property
    def sockets_open(self) -> int:
        return len(self.world.sockets)

    @property
    def shards_enabled(self) -> int:
        return sum(shard.status == "enabled" for c in self.world.conduits.values() for shard in c.shards)

    # -- people and consent

    def account(self, who: Who, *, email: str | None = None) -> Account:
        account = self.world.account(who)
        account.email = email or account.email
        return account

    def consent_as(self, who: Who) -> None:
        """Who sits at the consent page from now on, and agrees."""
        self.oauth.consenting, self.oauth.deny = self.world.account(who).login, False

    def deny_consent(self) -> None:
        self.oauth.deny = True

    def grant(self, who: Who, scopes: Sequence[str]) -> tuple[str, str]:
        """Consent without a browser: (access token, refresh token)."""
        token = self.world.issue(self.world.account(who).id, tuple(scopes))
        token.refresh = secrets.token_hex(25)
        self.world.refresh_tokens[token.refresh] = token
        return token.value, token.refresh

    def expire_tokens(self, who: Who | None = None) -> None:
        """Access tokens end now (everybody's and the application's without a name); refresh tokens live on."""
        wanted = self.world.account(who).id if who else None
        for token in self.world.tokens.values():
            if who is None or token.user_id == wanted:
                token.expires_at = time.time() - 1

    def kill_refresh_tokens(self, who: Who) -> None:
        account = self.world.account(who)
        for value, token in list(self.world.refresh_tokens.items()):
            if token.user_id == account.id:
                del self.world.refresh_tokens[value]

    def revoke(self, who: Who, reason: str = "authorization_revoked") -> None:
        """The broadcaster disconnects the application."""
        account = self.world.account(who)
        self.world.grants.pop(account.id, None)
        for token in list(self.world.tokens.values()):
            if token.user_id == account.id:
                del self.world.tokens[token.value]
        self.kill_refresh_tokens(account)
        for subscription in self.subscriptions:
            if subscription.channel_id == account.id:
                self._run(self.eventsub.revoke(subscription, reason))

    def end_subscription(self, kind: str, reason: str) -> None:
        """Twitch ends every subscription of this type by itself, and makes none of this version any more."""
        for subscription in self.subscriptions:
            if subscription.type == kind:
                self.world.given_up.add((kind, subscription.version))
                self._run(self.eventsub.revoke(subscription, reason))

    # -- faults

    def fail_next(self, path: str, status: int, *, times: int = 1, method: str = "", after: int = 0) -> None:
        """The next requests whose path begins so, or those after so many, are answered with this status."""
        self.world.faults.append(Fault(path, status, times, method, after))

    @contextmanager
    def holding(self, path: str) -> Iterator[None]:
        """Requests to this path get no answer before the block ends."""
        self._held[path] = asyncio.Event()
        try:
            yield
        finally:
            self._loop.call_soon_threadsafe(self._held.pop(path).set)

    def forget_subscriptions(self) -> None:
        self.world.subscriptions.clear()

    def drop_socket(self) -> int:
        """Breaks every TCP connection of EventSub."""
        return self._run(self.eventsub.drop())

    def close_sockets(self, code: int) -> int:
        return self._run(self.eventsub.drop(code=code))

    @contextmanager
    def through(self, shard: int) -> Iterator[None]:
        """Whatever happens in the block is told to this shard."""
        self.eventsub.through = str(shard)
        try:
            yield
        finally:
            self.eventsub.through = ""

    def stall_sockets(self) -> None:
        """Present sockets stay open and say nothing more."""
        for socket in list(self.world.sockets.values()):
            socket.silent = True

    def refuse_sockets(self, refuse: bool = True) -> None:
        self.eventsub.refusing = refuse

    def ask_to_reconnect(self, *, url: str = "") -> None:
        self._run(self.eventsub.ask_to_reconnect(url=url))

    def send_duplicate(self) -> None:
        """The last notification once more, with the same message id."""
        self._run(self.eventsub.deliver(*self.eventsub.sent[-1]))

    def send_stale(self, channel: Who, chatter: Who, text: str) -> str:
        """A line that was written eleven minutes ago."""
        return self.say(channel, chatter, text, age=STALE)

    # -- what happens in a channel

    def tell(self, kind: str, channel: Who, body: dict[str, Any]) -> int:
        """A notification with a body of one's own (see `twitch_events`); how many frames left."""
        return self._tell(kind, self.account(channel), body)

    def _tell(self, kind: str, channel: Account, body: dict[str, Any], *, age: float = 0.0) -> int:
        return self._run(self.eventsub.notify(kind, channel.id, body, age=age))

    def say(
        self, channel: Who, chatter: Who, text: str, *, badges: Sequence[str] = (), reply_to: Who | None = None,
        bits: int = 0, reward_id: str | None = None, source: Who | None = None, age: float = 0.0,
    ) -> str:  # fmt: skip
        """A chat line; its message id."""
        where, message_id = self.account(channel), secrets.token_hex(16)
        body = events.chat_message(
            where, self.account(chatter), text, message_id, self.world.accounts, badges=badges,
            reply_to=self.account(reply_to) if reply_to else None, bits=bits, reward_id=reward_id,
            source=self.account(source) if source else None,
        )  # fmt: skip
        self._tell("channel.chat.message", where, body, age=age)
        return message_id

    def delete_message(self, channel: Who, chatter: Who, message_id: str) -> None:
        where = self.account(channel)
        body = events.message_delete(where, self.account(chatter), message_id)
        self._tell("channel.chat.message_delete", where, body)

    def timeout(self, channel: Who, chatter: Who, seconds: int | None = 600) -> None:
        where, whom = self.account(channel), self.account(chatter)
        self._tell("channel.ban", where, events.ban(where, whom, seconds=seconds))
        self._tell("channel.chat.clear_user_messages", where, events.clear_user_messages(where, whom))

    def ban(self, channel: Who, chatter: Who) -> None:
        self.timeout(channel, chatter, None)

    def clear_chat(self, channel: Who) -> None:
        where = self.account(channel)
        self._tell("channel.chat.clear", where, where.prefixed("broadcaster"))

    def cheer(self, channel: Who, chatter: Who, bits: int, text: str = "") -> str:
        """Bits with a line, as Twitch tells it: a chat message and a cheer. The message id."""
        where, line = self.account(channel), f"Cheer{bits} {text}".strip()
        message_id = self.say(where, chatter, line, bits=bits)
        self._tell("channel.cheer", where, events.cheer(where, self.account(chatter), bits, line))
        return message_id

    def sub(self, channel: Who, chatter: Who, tier: str = "1000") -> None:
        where = self.account(channel)
        self._tell("channel.subscribe", where, events.subscribe(where, self.account(chatter), tier))

    def resub(self, channel: Who, chatter: Who, text: str, *, months: int = 3, tier: str = "1000") -> None:
        where = self.account(channel)
        body = events.subscription_message(where, self.account(chatter), tier, text, months)
        self._tell("channel.subscription.message", where, body)

    def gift(self, channel: Who, chatter: Who | None, total: int = 1, tier: str = "1000") -> None:
        """Gifted subs (None: an anonymous giver): one gift, and a sub for each who got one."""
        where = self.account(channel)
        giver = self.account(chatter) if chatter else None
        self._tell("channel.subscription.gift", where, events.subscription_gift(where, giver, tier, total))
        for number in range(total):
            lucky = self.account(f"Lucky{number}")
            self._tell("channel.subscribe", where, events.subscribe(where, lucky, tier, gift=True))

    def raid(self, channel: Who, raider: Who, viewers: int) -> None:
        where = self.account(channel)
        self._tell("channel.raid", where, events.raid(where, self.account(raider), viewers))

    def follow(self, channel: Who, chatter: Who) -> None:
        where = self.account(channel)
        self._tell("channel.follow", where, events.follow(where, self.account(chatter)))

    def redeem(
        self, channel: Who, chatter: Who, title: str, text: str = "", *, cost: int = 500, tell: bool = True
    ) -> str:
        """A channel-points redemption, with its chat line when it has a text. The redemption's id."""
        where, who, redemption = self.account(channel), self.account(chatter), secrets.token_hex(12)
        known = next((each for each in self.points.rewards.values() if each.title == title), None)
        reward = known.id if known else f"reward-{title}"
        if known:
            redeemed_at = datetime.fromtimestamp(self.now(), UTC).isoformat()
            made = Redemption(redemption, known, who.as_user(), text, redeemed_at)
            self.points.redemptions[redemption] = made
        if not tell:
            return redemption
        if text:
            self.say(where, who, text, reward_id=reward)
        body = events.redemption(where, who, redemption, title=title, reward_id=reward, text=text, cost=cost)
        self._tell("channel.channel_points_custom_reward_redemption.add", where, body)
        return redemption

    def go_live(self, channel: Who, *, tell: bool = True) -> None:
        where = self.account(channel)
        self.world.live[where.id] = stream = secrets.token_hex(6)
        if tell:
            self._tell("stream.online", where, events.stream_online(where, stream))

    def go_offline(self, channel: Who, *, tell: bool = True) -> None:
        where = self.account(channel)
        stream = self.world.live.pop(where.id, "")
        if tell:
            self._tell("stream.offline", where, events.stream_offline(where, stream))
