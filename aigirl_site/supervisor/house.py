"""Keeps the house running: starts the children, says when all answer, restarts what dies, ends everything."""

from __future__ import annotations

import http.client
import signal
import time
from collections.abc import Callable
from types import FrameType

from aigirl_site.env import ROOT
from aigirl_site.supervisor import tether, valkey
from aigirl_site.supervisor.children import Child, say
from aigirl_site.supervisor.ground import Obstacle
from aigirl_site.supervisor.nursery import Nursery
from aigirl_site.supervisor.plan import Plan, environment

LOOK_SECONDS = 0.1
DRAIN_SECONDS = 20.0
"""Children that have not ended by then are killed; a worker's own drain takes 10 s at most."""


class House:
    """All processes of one machine. `workers_live` and `expire` are the fleet's: who lives, and who is known dead."""

    def __init__(self, plan: Plan, *, workers_live: Callable[[list[str]], bool], expire: Callable[[str], None]) -> None:
        self.plan = plan
        self.children: list[Child] = []
        self._workers_live = workers_live
        self._expire = expire
        self._ending = False
        self._nursery = Nursery(environment(plan.env), ROOT) if tether.LINUX else None

    def open_redis(self) -> None:
        """The embedded server comes first: everything else needs it. Raises Obstacle when there is none."""
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, self._end)
        if self._nursery:
            # It loads while the database is prepared.
            self._nursery.open()
        try:
            redis = self.plan.redis()
        except valkey.NoServerError as error:
            raise Obstacle(str(error)) from error
        if redis is not None:
            valkey.prepare(self.plan.env.redis_socket)
            self._start(redis)
        elif not valkey.answers(self.plan.env.redis_url, timeout=3):
            raise Obstacle("The Redis named in REDIS_URL does not answer; start it, or unset REDIS_URL.")

    def open(self) -> None:
        """Starts everything else, all at once."""
        if self.plan.env.embeds_redis and not valkey.wait(self.plan.env.redis_url):
            raise Obstacle(f"The embedded Redis did not start; its log is {self.children[0].log_path}")
        while self._nursery and not self._ending and not self._nursery.settles(LOOK_SECONDS):
            pass
        for child in self.plan.children(self._nursery):
            if not self._ending:
                self._start(child)

    def stay(self, *, when_ready: Callable[[], None]) -> None:
        """Looks after the children until somebody asks to end. `when_ready` is called once, when all answer."""
        ready = False
        while not self._ending:
            for child in self.children:
                child.look(self._bury)
            if not ready and self._all_answer():
                ready = True
                when_ready()
            time.sleep(LOOK_SECONDS)
        say("stopping")

    def close(self) -> None:
        """Lets the workers drain, ends everything, kills what does not end in time. Redis goes last."""
        until = time.monotonic() + DRAIN_SECONDS
        if self._nursery:
            self._nursery.close()
        redis = [child for child in self.children if child.name == "redis"]
        others = [child for child in reversed(self.children) if child.name != "redis"]
        # Once more and somebody means it.
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, self._kill)
        for group in (others, redis):
            for child in group:
                child.ask_to_end()
            while any(child.runs for child in group) and time.monotonic() < until:
                time.sleep(LOOK_SECONDS / 2)
            for child in group:
                child.kill_group()
                if child.process is not None:
                    child.process.wait()

    def _start(self, child: Child) -> None:
        child.start()
        self.children.append(child)

    def _bury(self, child: Child) -> None:
        if child.name == "redis":
            valkey.prepare(self.plan.env.redis_socket)
        if child.worker:
            self._expire(child.worker)

    def _all_answer(self) -> bool:
        if not all(child.runs for child in self.children):
            return False
        plan = self.plan
        return answers(plan.address, plan.port, plan.env.site_host) and self._workers_live(plan.worker_names)

    def _end(self, _number: int, _frame: FrameType | None) -> None:
        self._ending = True

    def _kill(self, _number: int, _frame: FrameType | None) -> None:
        for child in self.children:
            child.kill_group()


def answers(address: str, port: int, host: str) -> bool:
    """Whether the site at this address says that it is ready, asked under the name it is known by."""
    connection = http.client.HTTPConnection(address, port, timeout=2)
    try:
        connection.request("GET", "/health/ready", headers={"Host": host, "X-Forwarded-Proto": "https"})
        return connection.getresponse().status == 200
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def tell_ready(site_url: str, overlay_url: str) -> None:
    """The two lines other programs wait for."""
    say(f"ready {site_url}")
    say(f"overlay {overlay_url}")
