"""Every subscription of many channels through Twitch's limit: how long it takes, what it costs, and who has to wait.

The real reconciler asks a Twitch on loopback that gives the application 800 points a minute, through the real client,
on a clock that runs faster. Others take points, too: who is on air is asked all the time, she writes lines in chat,
channels start, people are looked up, and at some moment another program eats all that is left. In the middle the
gateway is killed and another goes on.

    python benchmarks/subscriptions.py [--channels 10000] [--speed 15] [--json] [--strict]

`points_used` tells whose limit the times are: well below 0.9 the machine was too slow for the clock, not Twitch.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import multiprocessing
import os
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from benchmarks import goals
from benchmarks.subscriptions_parts import CHAT, EPOCH, FIRST_ID, FastClock, gateway, twitch

KINDS = 13
LATE = 100
"""Channels that start one after the other while the others are subscribed."""
POINTS = 800
"""A minute."""
CHAT_LINE_EVERY = 2.0
LOOKED_UP_EVERY = 300.0
LOOKED_UP = 120
"""People looked up in one go, as when operators work through a list."""
LONGEST_MINUTES = 400
BEGINNING = 5.0
"""Seconds after which both gateways have loaded what they need, so that no start is measured on the fast clock."""
FRESH_SECONDS = 30.0
"""The goal for a channel that starts in the middle: three looks of the fast clock."""
AFTER = 20
"""Requests refused at most because another program had taken all points."""


def most(channels: int) -> dict[str, float]:
    """The goals for so many channels: what Twitch's 800 points a minute allow, with a quarter on top for the others."""
    return {
        "chat_minutes": 1.25 * channels / POINTS + 2,
        "all_minutes": 1.25 * (channels + LATE) * KINDS / POINTS + 5,
        "refused_in_steady_state": 0,
        "refused_after_the_bucket_was_eaten": AFTER,
        "repeated_after_restart": 20,
        "overhead": 0.1,
        "longest_urgent_wait_s": 10,
        "longest_wait_of_a_new_channel_s": FRESH_SECONDS,
        "look_cpu_ms": 100,
        "look_on_the_loop_ms": 5,
    }


@dataclass
class Others:
    """Everybody else who uses the application's points; in this process, with a client of its own."""

    helix: Any
    clock: FastClock
    ended: threading.Event = field(default_factory=threading.Event)
    waits: list[float] = field(default_factory=list)
    """Seconds of the fast clock from wanting to write a line in chat until it was there."""
    started: dict[str, float] = field(default_factory=dict)
    """When each late channel was started, by broadcaster id."""
    eaten_at: float = 0.0

    def every(self, seconds: float) -> Iterator[None]:
        while not self.ended.wait(seconds / self.clock.speed):
            yield

    def write_lines(self) -> None:
        for _ in self.every(CHAT_LINE_EVERY):
            wanted = self.clock()
            with self._until_it_works() as once:
                once(lambda: self.helix.write_chat(str(FIRST_ID), str(FIRST_ID), "hello"))
            self.waits.append(self.clock() - wanted)

    @contextlib.contextmanager
    def _until_it_works(self) -> Iterator[Any]:
        from channels_app.twitch.helix import TwitchError

        def once(call: Any) -> None:
            while True:
                try:
                    call()
                    return
                except TwitchError as error:
                    time.sleep(error.retry_after / self.clock.speed)

        yield once

    def look_people_up(self) -> None:
        for _ in self.every(LOOKED_UP_EVERY):
            for _ in range(LOOKED_UP):
                with self._until_it_works() as once:
                    once(lambda: self.helix.people(logins=["c1"]))

    def start_channels(self, channels: int, minutes: float) -> None:
        from channels_app.models import Channel, DesiredState

        for number, _ in zip(range(channels, channels + LATE), self.every(minutes * 60 / LATE), strict=False):
            Channel.objects.filter(twitch_id=str(FIRST_ID + number)).update(desired_state=DesiredState.RUNNING)
            self.started[str(FIRST_ID + number)] = self.clock()

    def eat(self) -> None:
        """All points that are there, and half a minute's more; it asks the server itself, without looking at limits."""
        import httpx2

        self.eaten_at = self.clock()
        token = self.helix.app_token()
        headers = {"Authorization": f"Bearer {token}", "Client-Id": self.helix.client_id}
        with httpx2.Client(headers=headers) as hungry:
            refused = 0
            while refused < POINTS / 16:
                refused += hungry.get(f"{self.helix._api}/eventsub/conduits").status_code == 429


def seed(channels: int) -> None:
    """Broadcasters who allowed everything; all are live, but for the late ones."""
    from datetime import timedelta

    from django.core.management import call_command
    from django.utils import timezone

    from channels_app.models import Channel, DesiredState, TwitchCredential, User
    from channels_app.twitch.scopes import SIGN_IN

    call_command("migrate", verbosity=0)
    numbers = range(channels + LATE)
    until = timezone.now() + timedelta(hours=4)
    users = [User(username=f"u{number}", twitch_id=str(FIRST_ID + number)) for number in numbers]
    User.objects.bulk_create(users, batch_size=1000)
    TwitchCredential.objects.bulk_create(
        [
            TwitchCredential(user=user, access_token="a", refresh_token="r", scopes=list(SIGN_IN), expires_at=until)
            for user in users
        ],
        batch_size=1000,
    )
    Channel.objects.bulk_create(
        [
            Channel(
                broadcaster=user, login=f"c{number}", display_name=f"C{number}", twitch_id=str(FIRST_ID + number),
                desired_state=DesiredState.RUNNING if number < channels else DesiredState.STOPPED,
            )
            for number, user in enumerate(users)
        ],
        batch_size=1000,
    )  # fmt: skip


@contextlib.contextmanager
def part(target: Any, *arguments: Any) -> Iterator[tuple[Any, Connection]]:
    """A process of its own and the pipe to it."""
    spawn = multiprocessing.get_context("spawn")
    ours, theirs = spawn.Pipe()
    process = spawn.Process(target=target, args=(theirs, *arguments), daemon=True)
    process.start()
    try:
        yield process, ours
    finally:
        process.kill()
        process.join()


def ask(pipe: Connection, what: str) -> Any:
    pipe.send(what)
    return pipe.recv()


def measure(directory: Path, channels: int, speed: float) -> dict[str, Any]:
    clock = FastClock(speed, time.monotonic())
    with part(twitch, clock, channels + LATE) as (_, far):
        environment = far.recv() | {
            "AIGIRL_ENV_FILE": "", "DATA_DIR": str(directory), "REDIS_URL": "redis://127.0.0.1:9",
            "DJANGO_SETTINGS_MODULE": "aigirl_site.settings",
        }  # fmt: skip
        os.environ.update(environment)
        import django

        django.setup()
        from channels_app.twitch.helix import Helix

        seed(channels)
        helix = Helix(
            environment["TWITCH_CLIENT_ID"], environment["TWITCH_CLIENT_SECRET"], environment["TWITCH_API_URL"],
            environment["TWITCH_AUTH_URL"], clock=clock,
        )  # fmt: skip
        others = Others(helix, clock)
        wanted = (channels + LATE) * KINDS
        work = (others.write_lines, others.look_people_up, lambda: others.start_channels(channels, wanted / POINTS))
        threads = [threading.Thread(target=each, daemon=True) for each in work]
        with part(gateway, clock, environment) as (process, first), part(gateway, clock, environment) as (_, near):
            time.sleep(BEGINNING)
            began = clock()
            for thread in threads:
                thread.start()
            first.send("go")
            wait_for(far, wanted // 2, clock)
            process.kill()
            killed = clock()
            # Another worker lives already; the seconds until the lease is over are not what is measured here.
            near.send("go")
            wait_for(far, wanted * 3 // 4, clock)
            before = ask(far, "figures")
            others.eat()
            wait_for(far, wanted, clock)
            ended, figures = clock(), ask(far, "figures")
            looks = ask(near, "measure")
        others.ended.set()
        for thread in threads:
            thread.join()
        far.send("end")
    figures = told(figures, before, others, began=began, ended=ended, killed=killed, channels=channels, speed=speed)
    return {**figures, **looks}


def wait_for(far: Connection, count: int, clock: FastClock) -> None:
    while ask(far, "count") < count:
        if clock() - EPOCH > LONGEST_MINUTES * 60:
            raise RuntimeError(f"Twitch holds {ask(far, 'count')} of {count} subscriptions.")
        time.sleep(0.2)


def told(
    figures: dict[str, Any], before: dict[str, Any], others: Others, *,
    began: float, ended: float, killed: float, channels: int, speed: float,
) -> dict[str, Any]:  # fmt: skip
    made, calls = figures["made"], figures["calls"]
    late = set(others.started)
    first = [at for (kind, who), at in made.items() if kind == CHAT and who not in late]
    fresh = [made[CHAT, who] - at for who, at in others.started.items()]
    needed = (channels + LATE) * KINDS
    asked = count(calls, "POST", "/eventsub/subscriptions")
    listed = count(calls, "GET", "/eventsub/subscriptions")
    return {
        "channels": channels,
        "speed": speed,
        "chat_minutes": round((max(first) - began) / 60, 1),
        "all_minutes": round((max(made.values()) - began) / 60, 1),
        "points_used": round(figures["taken"] / (POINTS * (1 + (ended - began) / 60)), 3),
        "restarted_after_minutes": round((killed - began) / 60, 1),
        "subscriptions": figures["held"],
        "needed": needed,
        "asked": asked,
        "listed": listed,
        "overhead": round((asked + listed - needed) / needed, 4),
        "on_air_asked": count(calls, "GET", "/streams"),
        "chat_lines": len(others.waits),
        "refused_in_steady_state": count(before["calls"], status=429),
        "refused_after_the_bucket_was_eaten": refused_of_ours(calls) - refused_of_ours(before["calls"]),
        "repeated_after_restart": count(calls, "POST", status=409),
        "longest_urgent_wait_s": round(max(others.waits), 1),
        "longest_wait_of_a_new_channel_s": round(max(fresh), 1),
        "cores": os.cpu_count(),
        "load": round(os.getloadavg()[0], 1),
    }


def refused_of_ours(calls: Mapping[tuple[str, str, int], int]) -> int:
    """Requests over the limit, without those of the program that ate the bucket."""
    return count(calls, status=429) - count(calls, "GET", "/eventsub/conduits", 429)


def count(calls: Mapping[tuple[str, str, int], int], method: str = "", path: str = "", status: int = 0) -> int:
    return sum(
        number
        for (how, where, answer), number in calls.items()
        if method in ("", how) and path in ("", where) and status in (0, answer)
    )


def show(result: Mapping[str, Any]) -> None:
    for name, value in result.items():
        if name != "missed":
            print(f"{name:36}{value}")
    print(goals.told(result["missed"]))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--channels", type=int, default=10_000)
    parser.add_argument("--speed", type=float, default=15.0, help="how much faster than time the clock runs")
    parser.add_argument("--json", action="store_true")
    goals.add_strict(parser)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as directory:
        result = measure(Path(directory), options.channels, options.speed)
    result |= {"missed": goals.missed(result, most=most(options.channels))}
    print(json.dumps(result)) if options.json else show(result)
    goals.end(result["missed"], strict=options.strict)


if __name__ == "__main__":
    main()
