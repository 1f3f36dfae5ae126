"""The overlay's WebSocket: checks the key, hands on the run's frames, takes the page's acks."""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import time
from collections.abc import Mapping
from typing import Any

from channels.db import database_sync_to_async
from channels.generic.websocket import AsyncWebsocketConsumer
from django.db import DatabaseError

from channels_app import push
from channels_app.models import Channel, OverlayKey, OverlayPresence, User
from channels_app.overlay import opus, protocol
from channels_app.overlay import presence as presences
from channels_app.overlay.auth import key_for, lives
from channels_app.overlay.caption_style import style_of
from channels_app.overlay.errands import Errands
from channels_app.overlay.heard import Announced, mark_heard
from channels_app.overlay.outbox import Frame
from channels_app.overlay.sender import Sender
from channels_app.queries import channel_for, mouth_offset
from channels_app.templatetags.vite import build_id

log = logging.getLogger(__name__)


class OverlayConsumer(AsyncWebsocketConsumer):
    """One page. Every frame it forwards carries the fence of the run that made it; older fences are dropped."""

    channel: Channel | None = None
    presence: OverlayPresence | None = None
    group: str = ""
    told: Mapping[str, Any] = {}
    """The settings the page knows."""
    fence: int = 0
    owns_audio: bool = False
    silenced: bool = False
    silences: int = 0
    """Words of panic that came: a row that was read before one of them knows nothing of it."""
    errands: Errands | None = None
    """From the welcome on: what the page says, and settings that changed."""
    mouth_offset_ms: int = 0
    dropped = drops = 0
    """Frames the page says it threw away, and utterances it was too slow for."""
    serving: asyncio.Task[None] | None = None
    page_lost = False
    page_error: Exception | None = None
    hello_timer: asyncio.TimerHandle | None = None
    tokens: float = protocol.MESSAGE_BURST
    refilled_at: float = 0.0

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.announced = Announced()
        self.page = Sender(self._transmit, self._close, self._page_is_lost)

    async def connect(self) -> None:
        self.refilled_at = time.monotonic()
        await self.accept()
        loop = asyncio.get_running_loop()
        self.hello_timer = loop.call_later(protocol.HELLO_SECONDS, lambda: loop.create_task(self._no_hello()))

    async def _no_hello(self) -> None:
        if self.presence is None:
            self.page.close(protocol.CLOSE_NO_HELLO)

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """A page that goes away while a frame is sent to it, or takes nothing any more, ends this: it has left all the
        same, and must not keep the sound."""
        self.serving = asyncio.current_task()
        try:
            await super().__call__(scope, receive, send)
        except asyncio.CancelledError:
            if not self.page_lost or self.serving is None:
                raise
            self.serving.uncancel()
            if self.page_error:
                raise self.page_error from None
        finally:
            await self._leave()

    def _page_is_lost(self, error: Exception | None) -> None:
        self.page_lost, self.page_error = True, error
        if self.serving:
            self.serving.cancel()

    async def _leave(self) -> None:
        self.page.stop()
        for waiting in (self.hello_timer, self.errands):
            if waiting:
                waiting.cancel()
        if self.presence is not None and self.channel is not None:
            await database_sync_to_async(presences.leave)(self.presence)
            await push.inbox(self.channel.public_id, {"t": "overlay"})
            await push.dashboard(self.channel.public_id, {"t": "overlay"})
        if self.group:
            await self.channel_layer.group_discard(self.group, self.channel_name)

    async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None) -> None:
        try:
            message = protocol.parse(text_data or "")
        except protocol.ProtocolError as error:
            log.info("overlay sent a frame that was dropped: %s", error)
            return
        if self.presence is None:
            if message.type == "hello":
                await self._hello(message)
            return
        match message.type:
            case "ack":
                await self._ack(message)
            case "stats":
                await self._stats(message)
            case "visibility":
                await self._report({"visible": message.flag("visible"), "active": message.flag("active")})
            case "missing":
                seq = None if message.body.get("seq") is None else int(message.number("seq"))
                await self._to_inbox("missing", utt=int(message.number("utt")), seq=seq)

    def _may_speak_again(self) -> bool:
        """Token bucket of the protocol: 10 messages a second, bursts of 30."""
        now = time.monotonic()
        self.tokens = min(protocol.MESSAGE_BURST, self.tokens + (now - self.refilled_at) * protocol.MESSAGES_PER_SECOND)
        self.refilled_at = now
        self.tokens -= 1
        return self.tokens >= 0

    async def dispatch(self, message: dict[str, Any]) -> None:
        """As in every consumer, but what needs no database goes straight through and in its order: all else asks by the
        one thread that all pages share, and silence would wait for a database that has stopped."""
        kind = message["type"]
        if kind == "overlay.frames":
            await self.overlay_frames(message)
        elif kind == "overlay.silence":
            await self.overlay_silence(message)
        elif kind == "overlay.control" and message["body"]["t"] != "config":
            await self.overlay_control(message)
        elif kind == "websocket.receive" and not self._may_speak_again():
            self.page.close(protocol.CLOSE_TOO_MANY)
        elif self.errands and kind in {"websocket.receive", "overlay.control"}:
            try:
                self.errands.add(message)
            except asyncio.QueueFull:
                self.page.close(protocol.CLOSE_TOO_MANY)
        else:
            if self.errands and kind == "websocket.disconnect":
                await self.errands.finish()
            await super().dispatch(message)

    async def _failed(self, error: Exception) -> None:
        """As an error in any consumer would, this ends the connection; the page comes back by itself."""
        log.error("an overlay's socket failed", exc_info=error)
        self.page.close(protocol.CLOSE_FAILED)

    # Joining

    async def _hello(self, message: protocol.Incoming) -> None:
        public_id = self.scope["url_route"]["kwargs"]["public_id"]
        found = await database_sync_to_async(self._admit)(public_id, message)
        if isinstance(found, str):
            code = protocol.CLOSE_FORBIDDEN if found == "suspended" else protocol.CLOSE_NO_KEY
            self.page.close(code, {"t": "bye", "reason": found})
            return
        if found is None:
            self.page.close(protocol.CLOSE_TOO_MANY)
            return
        self.channel, self.presence = found
        self.group = push.overlay_group(self.channel.public_id)
        await self.channel_layer.group_add(self.group, self.channel_name)
        if not await self._may_stay():
            return
        await self._refresh()
        if message.encodings[:1] == [protocol.OPUS] and await asyncio.to_thread(opus.can_encode):
            self.page.coding.use_opus()
        welcome = {"t": "welcome", "build": build_id(), "connection": self.presence.connection, "fence": self.fence}
        self.told = self._config()
        self._tell(welcome | self.told)
        self.errands = Errands(super().dispatch, self._failed)
        await self._to_inbox("overlay", had=message.had)
        await push.dashboard(self.channel.public_id, {"t": "overlay"})

    async def _may_stay(self) -> bool:
        """Sends the page away when its key is over: rotated long enough ago, or revoked while no word reached us."""
        if self.presence is None or await database_sync_to_async(lives)(self.presence.key_id):
            return True
        self.page.close(protocol.CLOSE_NO_KEY, {"t": "bye", "reason": "revoked"})
        return False

    def _admit(self, public_id: str, message: protocol.Incoming) -> tuple[Channel, OverlayPresence] | str | None:
        """The channel and this page's presence; a reason for `bye`; None when the key has too many sockets."""
        channel: Channel | None
        key: OverlayKey | None = None
        if message.flag("preview") and not message.text("key"):
            user = self.scope.get("user")
            try:
                channel = channel_for(user, public_id) if isinstance(user, User) else None
            except Channel.DoesNotExist:
                channel = None
        else:
            channel = Channel.objects.filter(public_id=public_id).first()
            key = key_for(channel, message.text("key")) if channel else None
            channel = channel if key else None
        if channel is None:
            return "bad_key"
        if channel.is_suspended:
            return "suspended"
        try:
            place = presences.Place(
                obs_version=message.text("obs", 32),
                program_version=message.text("program", 32),
                engine=message.text("engine"),
                renderer=message.text("renderer"),
            )
            return channel, presences.join(
                channel, key, place, ip=(self.scope.get("client") or [None])[0], was=message.text("was", 64)
            )
        except presences.TooManySocketsError:
            return None

    async def _refresh(self) -> None:
        """The channel row anew: settings, the audio owner, the panic latch; and the offset of this page's own URL."""
        channel = self.channel
        if channel is None or self.presence is None:
            return
        silences = self.silences
        await channel.arefresh_from_db()
        self.mouth_offset_ms = await database_sync_to_async(mouth_offset)(channel, self.presence.key_id)
        self.owns_audio = channel.audio_owner == self.presence.connection
        if silences == self.silences:
            self.silenced = channel.panic_since is not None

    def _config(self) -> dict[str, Any]:
        channel = self.channel
        if channel is None:
            return {}
        look = channel.look or {}
        return {
            "audio": self.owns_audio,
            "name": look.get("name", ""),
            "avatar": look.get("avatar", {"kind": "svg"}),
            "captions": style_of(channel),
            "badge": {"place": channel.ai_badge, "text": "ИИ" if look.get("language") == "ru" else "AI"},
            "mouth_offset_ms": self.mouth_offset_ms,
            "state": "muted" if self.silenced else "idle" if channel.desired_state == "running" else "offline",
            "mood": look.get("mood", "neutral"),
        }

    # What the page says

    async def _ack(self, message: protocol.Incoming) -> None:
        """Only the audio owner's word counts: the others play along in silence."""
        if not self.owns_audio or self.channel is None:
            return
        event, turn = message.text("event"), message.text("turn", 36)
        # First of all: where the database is away, the run is the only one that can still remember it.
        await self._to_inbox(
            "ack",
            event=event,
            utt=int(message.number("utt")),
            turn=turn,
            position_ms=message.number("position_ms"),
        )
        words = self.announced.until(turn, message.number("position_ms"), event)
        if words or event in {"playing", "ended"}:
            await self._write_down(event, turn, words)

    async def _write_down(self, event: str, turn: str, words: str) -> None:
        """So much of the turn was heard: its run may be dead."""
        if self.channel is None:
            return
        try:
            before = await database_sync_to_async(mark_heard)(self.channel, turn, words)
        except DatabaseError as error:
            # Not the connection's end: the page would not say it again.
            log.warning("what was heard is not written down (%s)", type(error).__name__)
            return
        if before and (event == "playing" or before.is_orphan):
            await push.dashboard(self.channel.public_id, {"t": "turn", "id": turn})
        if before and before.is_orphan:
            await self._to_inbox("heard")

    async def _stats(self, message: protocol.Incoming) -> None:
        if self.presence is None or self.channel is None:
            return
        if not await self._may_stay():
            return
        stats = protocol.stats_in(message)
        self.dropped = stats["dropped"]
        await self._report(stats | {"dropped": self.dropped + self.drops})

    async def _report(self, values: dict[str, Any]) -> None:
        if self.presence is None or self.channel is None:
            return
        if await database_sync_to_async(presences.report)(self.presence, values):
            await push.dashboard(self.channel.public_id, {"t": "overlay"})

    async def _to_inbox(self, kind: str, **body: Any) -> None:
        if self.channel is not None and self.presence is not None:
            await push.inbox(
                self.channel.public_id, {"t": kind, "fence": self.fence, "connection": self.presence.connection} | body
            )

    # What the run says

    async def overlay_frames(self, message: dict[str, Any]) -> None:
        """Frames of a run: `fence`, `frames` (dicts and bytes), `only` (a connection, for repeats)."""
        if self.presence is None or message["fence"] < self.fence:
            return
        self.fence = message["fence"]
        only = message.get("only")
        if only not in (None, self.presence.connection):
            return
        if only:
            self.page.coding.note_repetition(message["frames"])
        for frame in message["frames"]:
            if isinstance(frame, bytes):
                if not self.silenced:
                    self._tell(frame)
                continue
            self.announced.note(frame)
            if frame["t"] == "interrupt":
                self._hush(frame["utt"])
            elif not self.silenced or frame["t"] not in protocol.SPEECH:
                self._tell({**frame, "fence": self.fence})

    async def overlay_silence(self, message: dict[str, Any]) -> None:
        """Panic: this very process cuts the sound, whatever the run does."""
        if self.presence is None:
            return
        self.silenced = True
        self.silences += 1
        self._hush(None, {"t": "state", "fence": self.fence, "name": "muted"})

    def _hush(self, utterance: int | None, *words: dict[str, Any]) -> None:
        """Silence goes before everything that waits for the page."""
        key = None if utterance is None else (self.fence, utterance)
        self.page.cut({"t": "interrupt", "fence": self.fence, "utt": utterance}, *words, key=key)

    def _tell(self, frame: Frame) -> None:
        """Puts it in the page's way; what is dropped for it is told to the run and to whoever looks."""
        dropped = self.page.add(frame)
        if not dropped:
            return
        self.drops += len(dropped)
        for _fence, utterance in dropped:
            log.warning("an overlay is too slow and is not told the rest of utterance %d", utterance)
        if self.errands:
            numbers = [utterance for fence, utterance in dropped if fence == self.fence]
            with contextlib.suppress(asyncio.QueueFull):
                self.errands.add({"type": "overlay.dropped", "utts": numbers})

    async def overlay_dropped(self, message: dict[str, Any]) -> None:
        """The page was too slow for these utterances. Where it is the one that is heard, nobody hears them."""
        if self.owns_audio:
            await self._to_inbox("dropped", utts=message["utts"])
        await self._report({"dropped": self.dropped + self.drops})

    async def overlay_control(self, message: dict[str, Any]) -> None:
        """Word from the house: keys revoked, channel suspended, settings changed, another audio owner, a test."""
        body = message["body"]
        if self.presence is None:
            return
        match body["t"]:
            case "revoked" if self.presence.key_id in body["keys"]:
                self.page.close(protocol.CLOSE_NO_KEY, {"t": "bye", "reason": "revoked"})
            case "suspended":
                self.page.close(protocol.CLOSE_FORBIDDEN, {"t": "bye", "reason": "suspended"})
            case "owner":
                owns = body["connection"] == self.presence.connection
                if owns != self.owns_audio:
                    self.owns_audio, self.told = owns, {**self.told, "audio": owns}
                    self._tell({"t": "audio_owner", "audio": owns})
            case "test" if not self.silenced:
                self._tell({"t": "calibrate", "count": body["count"], "every_ms": protocol.TEST_EVERY_MS})
            case "config":
                was_silenced = self.silenced
                await self._refresh()
                before, self.told = self.told, self._config()
                changed = {name: value for name, value in self.told.items() if before.get(name) != value}
                # Her present state is the run's to tell; the row only knows whether she is wanted.
                changed.pop("state", None)
                if was_silenced != self.silenced:
                    changed["state"] = self.told["state"]
                if changed:
                    self._tell({"t": "config"} | changed)

    async def _transmit(self, frame: Frame) -> None:
        if isinstance(frame, bytes):
            await self.send(bytes_data=frame)
        else:
            await self.send(text_data=json.dumps(frame, ensure_ascii=False, separators=(",", ":")))

    async def _close(self, code: int) -> None:
        await self.close(code=code)
