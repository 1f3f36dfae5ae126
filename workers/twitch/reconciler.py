"""Twitch sends what running channels need: subscriptions are made, found again and ended, within what it lets us ask.

How far it is stands in rows: another process goes on there. Only the leading gateway runs it.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Callable, Collection, Mapping

from django.db import DatabaseError

from channels_app.twitch import budget
from channels_app.twitch.helix import PAGE, Helix, Page, TwitchError
from workers.fleet.runtime import in_db, in_db_at_last
from workers.twitch import rows, subscriptions
from workers.twitch.pace import Pace, Sleep, afford
from workers.twitch.rows import Known, Odd, Place
from workers.twitch.running import Reached
from workers.twitch.subscriptions import KINDS
from workers.twitch.todo import PATIENT, Step, Task, Todo

log = logging.getLogger(__name__)

HANDS = 3
"""Requests about subscriptions on their way at once: one after the other would be slower than Twitch allows."""
AT_ONCE = 100
"""Channels that begin within one look and are still each somebody's start; more are the site's."""
CHANNELS_AT_ONCE = 40
"""Channels whose missing rows are written in one piece."""
LONGEST_PAUSE = 30.0


class Reconciler:
    """`conduit` tells the conduit in use, "" while there is none. Give it changes with `see`."""

    def __init__(self, helix: Helix, pace: Pace, conduit: Callable[[], str], *, sleep: Sleep = asyncio.sleep) -> None:
        self._helix, self._pace, self._conduit, self._sleep = helix, pace, conduit, sleep
        self._latest: Mapping[str, Reached] = {}
        self._begun = False
        self._has_channels = asyncio.Event()
        self._more, self._to_write = asyncio.Event(), asyncio.Event()
        self._odd_lock, self._write_lock = asyncio.Lock(), asyncio.Lock()
        self._trouble = 0
        self._start(Todo(Known()), {})

    def _start(self, todo: Todo, channels: Mapping[str, Reached]) -> None:
        self.todo = todo
        self._channels = channels
        self._broadcasters = {reached.pk: broadcaster for broadcaster, reached in channels.items()}
        self._listed = asyncio.Event()
        refused = frozenset((pk, kind) for pk, kinds in todo.refused.items() for kind in subscriptions.bits(kinds))
        self._odd = Odd(refused, frozenset())
        self._made: dict[Place, str] = {}
        self._unwritten = {pk: None for pk in self._broadcasters if todo.allowed.get(pk, 0) & ~todo.rows.get(pk, 0)}
        self._to_write.set()

    @property
    def held(self) -> int:
        """Subscriptions that Twitch holds and that stand in rows, as far as we know."""
        return self.todo.count - len(self._made)

    def see(
        self, channels: Mapping[str, Reached], changed: Mapping[str, tuple[Reached | None, Reached | None]]
    ) -> None:
        """All channels that run, and those that changed since."""
        self._latest = channels
        self._has_channels.set()
        if self._begun:
            self._change(channels, changed)

    def _change(
        self, channels: Mapping[str, Reached], changed: Mapping[str, tuple[Reached | None, Reached | None]]
    ) -> None:
        self._channels = channels
        waited_for = len(changed) <= AT_ONCE
        for broadcaster, (before, now) in changed.items():
            if before is not None and (now is None or now.pk != before.pk):
                self._broadcasters.pop(before.pk, None)
                self._allow(before.pk, 0)
            if now is not None:
                self._broadcasters[now.pk] = broadcaster
                self._allow(now.pk, now.allowed, waited_for=waited_for and before is None)

    def _allow(self, channel: int, kinds: int, *, waited_for: bool = False) -> None:
        self.todo.allow(channel, kinds, waited_for=waited_for)
        if kinds & ~self.todo.rows.get(channel, 0):
            self._unwritten[channel] = None
            self._to_write.set()
        self._more.set()

    async def run(self) -> None:
        """Until cancelled. A conduit that is replaced takes its subscriptions with it: all begins anew."""
        await self._has_channels.wait()
        while True:
            while not (conduit := self._conduit()):
                await self._sleep(self._pace.retry)
            channels = self._latest
            # Away from the loop: for ten thousand channels it takes half a second.
            self._start(await in_db_at_last(_all_there_is, channels), channels)
            self._begun = True
            if self._latest is not channels:
                there = channels.keys() | self._latest.keys()
                both = {one: (channels.get(one), self._latest.get(one)) for one in there}
                self._change(self._latest, {one: pair for one, pair in both.items() if pair[0] != pair[1]})
            parts = [self._keep_listing(conduit), self._watch_rows(), self._keep_writing()]
            parts += [self._hand((Step.FRESH,), budget.SOON, conduit)]
            parts += [self._hand(PATIENT, budget.PATIENT, conduit) for _ in range(HANDS)]
            tasks = [asyncio.create_task(part) for part in parts]
            try:
                while self._conduit() == conduit:
                    done, _ = await asyncio.wait(tasks, timeout=self._pace.look, return_when=asyncio.FIRST_COMPLETED)
                    for task in done:
                        task.result()
            finally:
                for task in tasks:
                    task.cancel()
                await asyncio.gather(*tasks, return_exceptions=True)
                self._begun = False
                # Else the next one would ask for them again, and Twitch would say that they exist.
                with contextlib.suppress(DatabaseError):
                    await asyncio.shield(self._write())

    # Asking

    async def _hand(self, steps: tuple[Step, ...], share: float, conduit: str) -> None:
        """Does one thing after the other, leaving this share of the budget to others."""
        while True:
            if steps == PATIENT:
                await self._listed.wait()
            await afford(self._helix.budget, share, self._sleep)
            task = self.todo.next(steps)
            if task is None:
                self._more.clear()
                await self._more.wait()
                continue
            try:
                await self._do(task, conduit)
                self._trouble = 0
            except (TwitchError, DatabaseError) as error:
                log.warning("subscriptions wait: %s", error if isinstance(error, TwitchError) else type(error).__name__)
                self.todo.again(task)
                self._trouble += 1
                pause = min(LONGEST_PAUSE, self._pace.look * 2.0 ** min(self._trouble // HANDS, 10))
                await self._sleep(max(pause, getattr(error, "retry_after", 0.0)))
            finally:
                self.todo.released(task)
                self._more.set()

    async def _do(self, task: Task, conduit: str) -> None:
        match task.step:
            case Step.DROP:
                await self._drop(task.subscription_id)
            case Step.END:
                await self._end(task.channel)
            case Step.NAME:
                await self._name(task.channel, conduit)
            case _:
                await self._subscribe(task.channel, task.kind, conduit)

    async def _subscribe(self, channel: int, number: int, conduit: str) -> None:
        kind, broadcaster, subscription_id = KINDS[number], self._broadcasters.get(channel), ""
        if broadcaster is None:  # stopped a moment ago
            return
        try:
            made = await asyncio.to_thread(
                self._helix.subscribe, conduit, kind.type, kind.version, kind.condition(broadcaster)
            )
            subscription_id = made.id
        except TwitchError as error:
            if error.status != 409:
                if error.status != 429:
                    await self._failed(channel, number, error)
                if error.status in {400, 403}:
                    return
                raise
        self.todo.enable(channel, number)
        self._made[channel, number] = subscription_id
        self._to_write.set()

    async def _failed(self, channel: int, number: int, error: TwitchError) -> None:
        async with self._odd_lock:
            if await in_db(rows.note_failed, (channel, number), error):
                self.todo.refuse(channel, number)
                self._odd = Odd(self._odd.refused | {(channel, number)}, self._odd.nameless)

    async def _drop(self, subscription_id: str) -> None:
        """Ends one that stands in no row; its channel may have started again since the list named it."""
        await self._write()
        if not await in_db(rows.standing, [subscription_id]):
            await asyncio.to_thread(self._helix.unsubscribe, subscription_id)

    async def _end(self, channel: int) -> None:
        """Ends what the channel no longer needs, and forgets each as it is ended: whoever goes on after an interruption
        would take what is gone for what is there."""
        await self._write()
        kinds = self.todo.surplus(channel)
        ids = await in_db(rows.ids_of, channel, kinds)
        nameless = kinds & self.todo.surplus(channel)
        await self._forget(channel, [number for number in subscriptions.bits(nameless) if number not in ids])
        for number, subscription_id in ids.items():
            await afford(self._helix.budget, budget.PATIENT, self._sleep)
            if self.todo.surplus(channel) >> number & 1:
                await asyncio.to_thread(self._helix.unsubscribe, subscription_id)
                await self._forget(channel, [number])

    async def _forget(self, channel: int, numbers: Collection[int]) -> None:
        await in_db(rows.forget, channel, numbers)
        ended = sum(1 << number for number in numbers)
        self.todo.forget(channel, ended)
        allowed = self.todo.allowed.get(channel, 0)
        if allowed & ended:
            # Started again while it was being ended, so somebody waits for it.
            self._allow(channel, allowed, waited_for=True)

    async def _name(self, channel: int, conduit: str) -> None:
        broadcaster = self._broadcasters.get(channel)
        if broadcaster is not None:
            found = await asyncio.to_thread(self._helix.subscriptions_of, conduit, broadcaster)
            places = [(subscriptions.place(each), each) for each in found if each.status == "enabled"]
            ids = {(channel, place[1]): each.id for place, each in places if place and place[0] == broadcaster}
            await in_db(rows.note_found, ids)

    # Twitch's list

    async def _keep_listing(self, conduit: str) -> None:
        while True:
            try:
                await self._list(conduit)
                await self._sleep(self._pace.reconcile)
            except (TwitchError, DatabaseError) as error:
                log.warning(
                    "Twitch's list waits: %s", error if isinstance(error, TwitchError) else type(error).__name__
                )
                self._listed.set()
                await self._sleep(max(self._pace.look, getattr(error, "retry_after", 0.0)))

    async def _list(self, conduit: str) -> None:
        """Goes once through what Twitch has, at leisure; in haste, and before anything is asked for, where it has much
        more than we know of."""
        before, seen, cursor, haste = self.todo.held(), dict[int, int](), "", False
        while True:
            page = await self._page(conduit, cursor)
            if not cursor:
                haste = page.total > self.todo.count + 2 * PAGE
                if not haste:
                    self._listed.set()
            found, useless = self._sorted(page, seen)
            await in_db_at_last(rows.note_found, found)
            for channel, number in found:
                self.todo.enable(channel, number)
            if useless:
                # What stands in a row is ended with its channel, unless that starts again before.
                standing = await in_db_at_last(rows.standing, useless)
                for subscription_id in useless:
                    if subscription_id not in standing:
                        self.todo.drop(subscription_id)
            cursor = page.cursor
            if not cursor:
                break
            if not haste:
                await self._sleep(self._pace.page)
        # Only of what was wanted all the time: nobody looked for the rest.
        held = self.todo.held()
        lost = {pk: gone for pk, kinds in before.items() if (gone := kinds & held.get(pk, 0) & ~seen.get(pk, 0))}
        if lost:
            await self._write()
            await in_db_at_last(rows.note_lost, lost)
        for channel, kinds in lost.items():
            self.todo.lose(channel, kinds)
        self._listed.set()
        self._more.set()

    async def _page(self, conduit: str, cursor: str) -> Page:
        while True:
            await afford(self._helix.budget, budget.STEADY, self._sleep)
            try:
                return await asyncio.to_thread(self._helix.subscription_page, conduit, cursor)
            except TwitchError as error:
                if not cursor or not error.retryable:
                    raise
                log.warning("a page of Twitch's list waits: %s", error)
                await self._sleep(max(self._pace.look, error.retry_after))

    def _sorted(self, page: Page, seen: dict[int, int]) -> tuple[dict[Place, str], list[str]]:
        """Ids of those we want, and of what is switched off, doubled, or wanted by nobody."""
        found: dict[Place, str] = {}
        useless: list[str] = []
        for each in page.found:
            broadcaster, number = subscriptions.place(each) or ("", 0)
            channel = self._channels.get(broadcaster)
            wanted = channel is not None and (channel.allowed & ~self.todo.refused.get(channel.pk, 0)) >> number & 1
            if each.status != "enabled" or channel is None or not wanted or seen.get(channel.pk, 0) >> number & 1:
                useless.append(each.id)
            else:
                seen[channel.pk] = seen.get(channel.pk, 0) | 1 << number
                found[channel.pk, number] = each.id
        return found, useless

    # Rows

    async def _watch_rows(self) -> None:
        """What others write: ends that came to another gateway, new consent, a sign-in after which no id counts."""
        while True:
            try:
                await self.look_at_rows()
            except DatabaseError as error:
                log.warning("subscriptions wait for the database (%s)", type(error).__name__)
            await self._sleep(self._pace.look)

    async def look_at_rows(self) -> None:
        """One look. Raises DatabaseError."""
        async with self._odd_lock:
            odd = await in_db(rows.odd)
            for channel, number in odd.refused - self._odd.refused:
                self.todo.refuse(channel, number)
            for channel, number in self._odd.refused - odd.refused:
                self.todo.pardon(channel, number)
            # Asked once: what Twitch does not name then waits for its list.
            for channel in odd.nameless - self._odd.nameless:
                self.todo.name(channel)
            if odd != self._odd:
                self._more.set()
            self._odd = odd

    async def _keep_writing(self) -> None:
        while True:
            some: list[int] = []
            try:
                await self._write()
                some = [*self._unwritten][:CHANNELS_AT_ONCE]
                # Before anything is awaited: what is allowed meanwhile stands here again and is not lost.
                for channel in some:
                    del self._unwritten[channel]
                places = self.todo.unwritten(some)
                if places:
                    await in_db(rows.want, places)
                    self.todo.written(places)
            except DatabaseError as error:
                self._unwritten = dict.fromkeys([*some, *self._unwritten])
                log.warning("subscriptions wait for the database (%s)", type(error).__name__)
                await self._sleep(self._pace.look)
            if not self._made and not self._unwritten:
                self._to_write.clear()
                await self._to_write.wait()

    async def all_written(self) -> None:
        """Returns when everything that was made by now stands in its row."""
        while True:
            try:
                return await self._write()
            except DatabaseError:
                await self._sleep(self._pace.look)

    async def _write(self) -> None:
        """Writes down what was made. Raises DatabaseError; nothing is lost then."""
        async with self._write_lock:
            if made := dict(self._made):
                await in_db(rows.note_enabled, made)
                for place, subscription_id in made.items():
                    if self._made.get(place) == subscription_id:
                        del self._made[place]


def _all_there_is(channels: Mapping[str, Reached]) -> Todo:
    """What is to be done by the rows as they stand, for these channels and those that run no more."""
    todo = Todo(rows.known())
    for channel in list(todo.rows):
        todo.allow(channel, 0)
    for reached in channels.values():
        todo.allow(reached.pk, reached.allowed)
    return todo
