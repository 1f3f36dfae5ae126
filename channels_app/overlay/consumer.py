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

from channels_app import push
from channels_app.models import Channel, OverlayKey, OverlayPresence, User
from channels_app.overlay import opus, protocol
from channels_app.overlay import presence as presences
from channels_app.overlay.auth import key_for, lives
from channels_app.overlay.caption_style import style_of
from channels_app.overlay.errands import Errands
from channels_app.overlay.heard import mark_heard
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
    voice: opus.OpusVoice | None = None
    """For a page that takes Opus; None where the sound goes as it comes."""
    rest_timer: asyncio.TimerHandle | None = None
    rest_task: asyncio.Task[None] | None = None
    repeats_left = opus.MOST_REPEATED
    """Seconds of sound that may be coded for this page again."""
    repeated_at = 0.0
    hello_timer: asyncio.TimerHandle | None = None
    tokens: float = protocol.MESSAGE_BURST
    refilled_at: float = 0.0

    async def connect(self) -> None:
        self.refilled_at = time.monotonic()
        await self.accept()
        loop = asyncio.get_running_loop()
        self.hello_timer = loop.call_later(protocol.HELLO_SECONDS, lambda: loop.create_task(self._no_hello()))

    async def _no_hello(self) -> None:
        if self.presence is None:
            await self.close(code=protocol.CLOSE_NO_HELLO)

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """A page that goes away while a frame is sent to it ends this by an exception: it has left all the same, and
        must not keep the sound."""
        try:
            await super().__call__(scope, receive, send)
        finally:
            await self._leave()

    async def _leave(self) -> None:
        for waiting in (self.hello_timer, self.rest_timer, self.rest_task, self.errands):
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
                await self._to_inbox("missing", utt=int(message.number("utt")), seq=int(message.number("seq")))

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
            await self.close(code=protocol.CLOSE_TOO_MANY)
        elif self.errands and kind in {"websocket.receive", "overlay.control"}:
            try:
                self.errands.add(message)
            except asyncio.QueueFull:
                await self.close(code=protocol.CLOSE_TOO_MANY)
        else:
            if self.errands and kind == "websocket.disconnect":
                await self.errands.finish()
            await super().dispatch(message)

    async def _failed(self, error: Exception) -> None:
        """As an error in any consumer would, this ends the connection; the page comes back by itself."""
        log.error("an overlay's socket failed", exc_info=error)
        await self.close(code=protocol.CLOSE_FAILED)

    # Joining

    async def _hello(self, message: protocol.Incoming) -> None:
        public_id = self.scope["url_route"]["kwargs"]["public_id"]
        found = await database_sync_to_async(self._admit)(public_id, message)
        if isinstance(found, str):
            await self._send({"t": "bye", "reason": found})
            await self.close(code=protocol.CLOSE_FORBIDDEN if found == "suspended" else protocol.CLOSE_NO_KEY)
            return
        if found is None:
            await self.close(code=protocol.CLOSE_TOO_MANY)
            return
        self.channel, self.presence = found
        self.group = push.overlay_group(self.channel.public_id)
        await self.channel_layer.group_add(self.group, self.channel_name)
        if not await self._may_stay():
            return
        await self._refresh()
        if message.encodings[:1] == [protocol.OPUS] and await asyncio.to_thread(opus.can_encode):
            self.voice = opus.OpusVoice()
        welcome = {"t": "welcome", "build": build_id(), "connection": self.presence.connection, "fence": self.fence}
        self.told = self._config()
        await self._send(welcome | self.told)
        self.errands = Errands(super().dispatch, self._failed)
        await self._to_inbox("overlay", had=message.had)
        await push.dashboard(self.channel.public_id, {"t": "overlay"})

    async def _may_stay(self) -> bool:
        """Sends the page away when its key is over: rotated long enough ago, or revoked while no word reached us."""
        if self.presence is None or await database_sync_to_async(lives)(self.presence.key_id):
            return True
        await self._send({"t": "bye", "reason": "revoked"})
        await self.close(code=protocol.CLOSE_NO_KEY)
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
        heard = event in {"playing", "ended"} and await database_sync_to_async(mark_heard)(self.channel, turn)
        if heard and event == "playing":
            await push.dashboard(self.channel.public_id, {"t": "turn", "id": turn})
        await self._to_inbox(
            "ack",
            event=event,
            utt=int(message.number("utt")),
            turn=turn,
            position_ms=message.number("position_ms"),
        )

    async def _stats(self, message: protocol.Incoming) -> None:
        if self.presence is None or self.channel is None:
            return
        if not await self._may_stay():
            return
        await self._report(protocol.stats_in(message))

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
        if self.voice and message["fence"] > self.fence:
            self.voice.clear()
        self.fence = message["fence"]
        if message.get("only") not in (None, self.presence.connection):
            return
        await self._let_rest_go()
        if self.voice and message.get("only") and not self._may_be_coded_again(message["frames"]):
            for frame in self._pcm_instead(self.voice, "it asked for too many repetitions"):
                await self._pass_on(frame)
        for frame in message["frames"]:
            if self.silenced and (isinstance(frame, bytes) or frame["t"] in protocol.SPEECH):
                continue
            if self.voice is None:
                await self._pass_on(frame)
                continue
            for coded in self._coded(self.voice, frame):
                await self._pass_on(coded)
            # A repetition is minutes of sound: others have their turn between its parts.
            await asyncio.sleep(0)
        self._await_more()

    def _coded(self, voice: opus.OpusVoice, frame: opus.Frame) -> list[opus.Frame]:
        """The frame as this page takes it; PCM from here on when the encoder fails."""
        try:
            return voice.take(frame)
        except opus.CodingError as error:
            return self._pcm_instead(voice, error, frame)

    def _pcm_instead(self, voice: opus.OpusVoice, reason: object, frame: opus.Frame | None = None) -> list[opus.Frame]:
        """From here on the page gets PCM: what tells it so, and the frame."""
        log.warning("an overlay gets PCM instead of Opus: %s", reason)
        self.voice = None
        return voice.as_pcm(frame)

    def _may_be_coded_again(self, frames: list[opus.Frame]) -> bool:
        """Repetitions cost the processor what they cost the page nothing: a page that asks without end gets PCM."""
        now = time.monotonic()
        self.repeats_left = min(opus.MOST_REPEATED, self.repeats_left + now - self.repeated_at)
        self.repeated_at = now
        self.repeats_left -= sum(len(frame) for frame in frames if isinstance(frame, bytes)) / 2 / protocol.RATE
        return self.repeats_left > 0

    async def _let_rest_go(self) -> None:
        """A part has come: the rest waits for no timer, and what is on its way goes before the part."""
        if self.rest_timer:
            self.rest_timer.cancel()
            self.rest_timer = None
        if self.rest_task:
            await self.rest_task
            self.rest_task = None

    def _await_more(self) -> None:
        """Sees to it that nothing is held back for a part that does not come."""
        if self.voice and self.voice.holds:
            loop = asyncio.get_running_loop()
            self.rest_timer = loop.call_later(opus.HELD_SECONDS, self._begin_rest)

    def _begin_rest(self) -> None:
        self.rest_task = asyncio.create_task(self._send_rest())

    async def _send_rest(self) -> None:
        voice = self.voice
        if voice is None:
            return
        try:
            rest = voice.rest()
        except opus.CodingError as error:
            rest = self._pcm_instead(voice, error)
        # A page that leaves meanwhile is told to the consumer by its socket.
        with contextlib.suppress(OSError):
            for frame in rest:
                await self._pass_on(frame)

    async def _pass_on(self, frame: opus.Frame) -> None:
        if isinstance(frame, bytes):
            await self.send(bytes_data=frame)
        else:
            await self._send({**frame, "fence": self.fence})

    async def overlay_silence(self, message: dict[str, Any]) -> None:
        """Panic: this very process cuts the sound, whatever the run does."""
        if self.presence is None:
            return
        self.silenced = True
        self.silences += 1
        if self.voice:
            self.voice.clear()
        await self._send({"t": "interrupt", "fence": self.fence, "utt": None})
        await self._send({"t": "state", "fence": self.fence, "name": "muted"})

    async def overlay_control(self, message: dict[str, Any]) -> None:
        """Word from the house: keys revoked, channel suspended, settings changed, another audio owner, a test."""
        body = message["body"]
        if self.presence is None:
            return
        match body["t"]:
            case "revoked" if self.presence.key_id in body["keys"]:
                await self._send({"t": "bye", "reason": "revoked"})
                await self.close(code=protocol.CLOSE_NO_KEY)
            case "suspended":
                await self._send({"t": "bye", "reason": "suspended"})
                await self.close(code=protocol.CLOSE_FORBIDDEN)
            case "owner":
                owns = body["connection"] == self.presence.connection
                if owns != self.owns_audio:
                    self.owns_audio, self.told = owns, {**self.told, "audio": owns}
                    await self._send({"t": "audio_owner", "audio": owns})
            case "test" if not self.silenced:
                await self._send({"t": "calibrate", "count": body["count"], "every_ms": protocol.TEST_EVERY_MS})
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
                    await self._send({"t": "config"} | changed)

    async def _send(self, frame: dict[str, Any]) -> None:
        await self.send(text_data=json.dumps(frame, ensure_ascii=False, separators=(",", ":")))
