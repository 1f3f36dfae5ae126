"""The whole service in a data directory of its own, and an overlay page's side of the socket."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import re
import secrets
import socket
import subprocess
import sys
import threading
import time
import uuid
from collections.abc import AsyncIterator
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import websockets
from channels_redis.pubsub import RedisPubSubChannelLayer
from websockets.exceptions import ConnectionClosed
from websockets.typing import Origin

ROOT = Path(__file__).resolve().parent.parent
READY_SECONDS = 180
LIFT_LIMITS = """
from channels_app.models import Channel
from personas.models import PersonaVersion
channel = Channel.objects.get(login="demo")
PersonaVersion.objects.filter(channel=channel).update(chatter_cooldown=0, cooldown=0, replies_per_minute=60)
from channels_app import push
push.inbox_now(channel, {"t": "command", "name": "reload"})
"""

OPEN_CHANNELS = """
from channels_app import actions
from channels_app.models import Channel, User
from personas.actions import create_default_persona
from personas.models import PersonaVersion
for number in range({first}, {first} + {count}):
    user = User.objects.create(username=f"many{number}", display_name=f"Many {number}")
    channel = actions.open_channel(user, login=f"many{number}", display_name=f"Many {number}", twitch_id=None)
    create_default_persona(channel, "en")
    PersonaVersion.objects.filter(channel=channel).update(chatter_cooldown=0, cooldown=0, replies_per_minute=60)
    print(actions.new_overlay_url(channel, acting_user=None))
    actions.start(channel, acting_user=None)
"""

LISTEN = """
import contextlib, io, json, sys, traceback
from django.db import close_old_connections
for line in sys.stdin:
    said = io.StringIO()
    try:
        with contextlib.redirect_stdout(said):
            exec(json.loads(line), {})
        answer = {"said": said.getvalue()}
    except Exception:
        answer = {"failed": traceback.format_exc()}
    close_old_connections()
    print(json.dumps(answer), flush=True)
"""
"""Runs one piece of Python after the other; each comes as a line of JSON and is answered with one."""

NAMES = {
    "nursery": "supervisor.nursery",
    "espeak": "espeak_child",
    "valkey": "valkey-server",
    "web": "uvicorn",
    "control worker": "control1@",
    "beat": "beat",
    "live workers": "celery",
}
"""Name of a process -> what in its command line tells it, the first that fits."""


def name_of(pid: int) -> str:
    """Raises OSError for a process that is gone."""
    words = Path(f"/proc/{pid}/cmdline").read_text().split("\0")
    return next((name for name, sign in NAMES.items() if any(sign in word for word in words)), "supervisor")


def free_port() -> int:
    """Below those that systems give out for connections: one of them might take it before the service does."""
    while True:
        port = 20_000 + secrets.randbelow(10_000)
        with socket.socket() as probe, contextlib.suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port


class Service:
    """`manage.py up` as a child process with its own settings; Django of this process shares them."""

    def __init__(
        self,
        data: Path,
        *,
        provider: str = "",
        quiet: bool = False,
        extra: dict[str, str] | None = None,
        workers: int | None = None,
    ) -> None:
        self.port = free_port()
        self.overlay_url = ""
        self._data = data
        self._layer: Any = None
        self._quiet = quiet
        self._workers = [] if workers is None else ["--workers", str(workers)]
        self._shell: subprocess.Popen[str] | None = None
        environment = {
            "AIGIRL_ENV_FILE": "",
            "DATA_DIR": str(data),
            "SITE_URL": f"http://127.0.0.1:{self.port}",
            "DATABASE_URL": "",
            "REDIS_URL": "",
            "REDIS_PREFIX": "aigirl",
        }
        if provider:
            environment |= {
                "LLM_BASE_URL": provider,
                "LLM_API_KEY": "simulated",
                "LLM_MODEL": "gpt-6-luna",
                "SPEECH_BASE_URL": provider,
                "SPEECH_API_KEY": "simulated",
                "SPEECH_MODEL": "local-voice",
            }
        self.environment = environment | (extra or {})

    def __enter__(self) -> Self:
        self._process = subprocess.Popen(
            [sys.executable, "manage.py", "up", "--port", str(self.port), *self._workers],
            cwd=ROOT,
            env=os.environ | self.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        told = threading.Event()
        said: list[str] = []
        threading.Thread(target=self._read, args=(told, said), daemon=True).start()
        in_time = told.wait(READY_SECONDS)
        if not in_time or self._process.poll() is not None:
            self._process.terminate()
            what = "ended" if in_time else f"was not ready within {READY_SECONDS} s"
            raise RuntimeError(f"The service {what}. It said: {''.join(said[-20:])}")
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._shell:
            self._shell.kill()
            self._shell.communicate()
            self._shell = None
        self._process.terminate()
        try:
            self._process.wait(30)
        except subprocess.TimeoutExpired:
            self._process.kill()

    def restart(self) -> None:
        """Every process ends and starts again; page and URL stay."""
        self.__exit__(None, None, None)
        self.__enter__()

    @property
    def pid(self) -> int:
        return self._process.pid

    def cpu_seconds(self) -> float:
        """CPU time of all its processes so far (Linux)."""
        return sum(self.cpu_by_process().values())

    def cpu_by_process(self) -> dict[str, float]:
        """CPU seconds of its processes so far, by name (Linux)."""
        used: dict[str, float] = {}
        for pid, fields in self._processes().items():
            with contextlib.suppress(OSError):
                name = name_of(pid)
                ticks = int(fields[11]) + int(fields[12])
                used[name] = used.get(name, 0.0) + ticks / os.sysconf("SC_CLK_TCK")
        return used

    def memory_kb(self) -> dict[str, int]:
        """Memory of its processes by name, without the program files they share with others (Linux). What forks have in
        common is counted for each of them."""
        taken: dict[str, int] = {}
        for pid in self._processes():
            with contextlib.suppress(OSError):
                name = name_of(pid)
                rollup = Path(f"/proc/{pid}/smaps_rollup").read_text()
                found = re.search(r"^Anonymous:\s+(\d+) kB", rollup, re.MULTILINE)
                taken[name] = taken.get(name, 0) + (int(found[1]) if found else 0)
        return taken

    def held(self) -> dict[str, dict[str, int]]:
        """Open files and threads of its processes by name (Linux)."""
        found: dict[str, dict[str, int]] = {}
        for pid in self._processes():
            with contextlib.suppress(OSError):
                mine = found.setdefault(name_of(pid), {"files": 0, "threads": 0})
                mine["files"] += sum(1 for _ in Path(f"/proc/{pid}/fd").iterdir())
                mine["threads"] += sum(1 for _ in Path(f"/proc/{pid}/task").iterdir())
        return found

    def pids(self, name: str) -> list[int]:
        """Ids of its processes of this name (Linux)."""
        found = []
        for pid in self._processes():
            with contextlib.suppress(OSError):
                if name_of(pid) == name:
                    found.append(pid)
        return found

    def _processes(self) -> dict[int, list[str]]:
        """Its processes by id: what stands behind the name in /proc/ID/stat."""
        stats: dict[int, list[str]] = {}
        for stat in Path("/proc").glob("[0-9]*/stat"):
            with contextlib.suppress(OSError):
                stats[int(stat.parent.name)] = stat.read_text().rpartition(")")[2].split()
        family = {self.pid}
        for _ in range(4):
            family |= {pid for pid, fields in stats.items() if int(fields[1]) in family}
        return {pid: fields for pid, fields in stats.items() if pid in family}

    def _read(self, told: threading.Event, said: list[str]) -> None:
        """Its output, as long as it runs. `told` is set when it is ready, and when it ends without ever being so."""
        for line in self._process.stdout or ():
            if not told.is_set() and not line.startswith("overlay "):
                said.append(line)
            if not self._quiet:
                print(line.rstrip(), file=sys.stderr)
            if line.startswith("overlay "):
                self.overlay_url = line.split(" ", 1)[1].strip()
                told.set()
        self._process.wait()
        told.set()

    def manage(self, *arguments: str) -> str:
        """One `manage.py` command with the service's settings; its output."""
        done = subprocess.run(
            [sys.executable, "manage.py", *arguments],
            cwd=ROOT,
            env=os.environ | self.environment,
            check=True,
            capture_output=True,
            text=True,
        )
        return done.stdout

    def shell(self, code: str) -> str:
        """Runs Python inside the service's Django; what it printed. Raises RuntimeError with its traceback.

        One process serves all calls: Django takes a second or two to begin.
        """
        if self._shell is None:
            self._shell = subprocess.Popen(
                [sys.executable, "manage.py", "shell", "-v", "0", "-c", LISTEN],
                cwd=ROOT,
                env=os.environ | self.environment,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                text=True,
            )
        assert self._shell.stdin
        assert self._shell.stdout
        print(json.dumps(code), file=self._shell.stdin, flush=True)
        line = self._shell.stdout.readline()
        answer: dict[str, str] = json.loads(line) if line else {"failed": "The shell has ended."}
        if "failed" in answer:
            raise RuntimeError(answer["failed"])
        return answer["said"].strip()

    def lift_limits(self) -> None:
        """Limits that protect a real chat would only measure themselves here."""
        self.shell(LIFT_LIMITS)

    def open_channels(self, count: int, first: int = 0) -> list[str]:
        """More channels, wanted live, without limits; their overlay URLs. `first`: how many were opened before."""
        return self.shell(OPEN_CHANNELS.replace("{count}", str(count)).replace("{first}", str(first))).split()

    @property
    def logs(self) -> list[Path]:
        """Log files of all its processes."""
        return sorted(self._data.rglob("*.log*"))

    async def say(self, name: str, text: str, channel: str = "") -> str:
        """One chat message straight into the inbox, as the gateway puts it there. Returns its id.

        `channel`: public id of another channel than the demo's.
        """
        event_id = uuid.uuid4().hex
        event = {
            "id": event_id,
            "kind": "message",
            "chatter": {"id": name.lower(), "name": name},
            "text": text,
            "at": time.time(),
        }
        await self.send(
            f"inbox.{channel or public_id(self.overlay_url)}",
            {"type": "inbox.message", "body": {"t": "event", "event": event}},
        )
        return event_id

    async def send(self, group: str, message: dict[str, Any]) -> None:
        """One message into a group of the service's channel layer."""
        if self._layer is None:
            url = self.environment["REDIS_URL"] or f"unix://{self._data / 'run' / 'valkey.sock'}"
            self._layer = RedisPubSubChannelLayer(hosts=[url], prefix="aigirl")
        await self._layer.group_send(group, message)

    @contextlib.asynccontextmanager
    async def overlay(self, overlay_url: str = "", kind: type[Overlay] | None = None) -> AsyncIterator[Overlay]:
        """A connected overlay that owns the audio: the demo channel's, or another's. `kind`: another page's side."""
        page = overlay_url or self.overlay_url
        key = page.partition("#k=")[2]
        url = f"ws://127.0.0.1:{self.port}/ws/overlay/{public_id(page)}/"
        async with websockets.connect(url, origin=Origin(f"http://127.0.0.1:{self.port}"), max_size=None) as socket_:
            overlay = (kind or Overlay)(socket_)
            await overlay.send(t="hello", key=key, preview=False, obs="", build="", engine="benchmark")
            tasks = [asyncio.create_task(overlay.read()), asyncio.create_task(overlay.keep_telling())]
            await overlay.wait_for("state")
            yield overlay
            for task in tasks:
                task.cancel()


def public_id(overlay_url: str) -> str:
    return overlay_url.partition("#")[0].rsplit("/", 1)[1]


class Overlay:
    """The page's side of the protocol, without a page: takes frames, acks at once."""

    def __init__(self, connection: Any) -> None:
        self._socket = connection
        self._frames: asyncio.Queue[Any] = asyncio.Queue()
        self.state = ""

    async def send(self, **message: Any) -> None:
        await self._socket.send(json.dumps(message))

    async def keep_telling(self) -> None:
        """A page that says nothing for long counts as gone."""
        with contextlib.suppress(ConnectionClosed):
            while True:
                await self.send(t="stats", audible=True, fps=60, underruns=0, gaps=0, dropped=0, mouth_lag_ms=0)
                await asyncio.sleep(10)

    async def read(self) -> None:
        """Until the connection ends; whoever waits for a frame that never comes says so."""
        with contextlib.suppress(ConnectionClosed):
            await self._read()

    async def _read(self) -> None:
        async for frame in self._socket:
            self._frames.put_nowait(frame if isinstance(frame, bytes) else json.loads(frame))

    async def next(self) -> Any:
        frame = await asyncio.wait_for(self._frames.get(), 30)
        if not isinstance(frame, bytes) and frame["t"] == "state":
            self.state = frame["name"]
        return frame

    async def wait_for(self, kind: str) -> Any:
        while True:
            frame = await self.next()
            if not isinstance(frame, bytes) and frame["t"] == kind:
                return frame

    async def idle(self) -> None:
        while self.state != "idle":
            await self.next()

    async def until_end(self) -> AsyncIterator[Any]:
        """Frames of one utterance, acked as if it were heard at once."""
        begin = await self.wait_for("speech.begin")
        playing = False
        while True:
            frame = await self.next()
            yield frame
            word = {"utt": begin["utt"], "turn": begin["turn"]}
            if isinstance(frame, bytes) and not playing:
                playing = True
                await self.send(t="ack", event="playing", position_ms=0, **word)
            if not isinstance(frame, bytes) and frame["t"] == "speech.end":
                await self.send(t="ack", event="ended", position_ms=frame["samples"] / 24, **word)
                return
