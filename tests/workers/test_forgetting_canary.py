"""What a chatter wrote goes everywhere it goes; after `!forgetme` not a byte of it is in any table or file."""

from __future__ import annotations

import asyncio
import json
import random
import string
import subprocess
import sys
from collections.abc import Callable
from typing import Any

import pytest
from asgiref.sync import sync_to_async
from django.apps import apps
from django.conf import settings
from django.test import Client

from channels_app import actions, forgetting, talk
from channels_app.models import Channel, MemoryFact, PaidEvent, StreamSummary, Turn
from tests.clock import until
from tests.fakes.provider import ProviderServer
from tests.live import live
from tests.workers.memory_room import notes, remembering
from workers.fleet.runtime import close_db_threads
from workers.pipeline.admission import Admission
from workers.pipeline.values import Chatter, EventKind, StreamEvent

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("built_front_end")]


@pytest.fixture
def canary() -> str:
    """Letters, so that no rule of the gate takes it for a number."""
    return "qx" + "".join(random.SystemRandom().choices(string.ascii_lowercase, k=12))


def tables_with(word: str) -> set[str]:
    """Every table of the database that has a row with this word in it."""
    return {
        model._meta.db_table
        for model in apps.get_models(include_auto_created=True)
        for row in model._base_manager.values_list()
        if any(_holds(value, word) for value in row)
    }


SEARCH = """
import pathlib, sys
word = sys.argv[2].encode()
for path in pathlib.Path(sys.argv[1]).rglob("*"):
    if path.is_file() and word in path.read_bytes().lower():
        print(path)
"""


def files_with(word: str) -> list[str]:
    """Every file of the data directory that has it."""
    # By another process: POSIX locks are a process's, and closing any descriptor of a file drops them all. SQLite would
    # go on without its locks ("How To Corrupt An SQLite Database File", 2.2).
    search = [sys.executable, "-c", SEARCH, str(settings.ENV.DATA_DIR), word]
    return subprocess.run(search, check=True, capture_output=True, text=True).stdout.splitlines()


def _holds(value: Any, word: str) -> bool:
    if isinstance(value, bytes | memoryview):
        return word.encode() in bytes(value).lower()
    return word in json.dumps(value, default=str, ensure_ascii=False).lower()


def export(channel: Channel) -> str:
    client = Client(REMOTE_ADDR="127.0.0.1", HTTP_HOST="127.0.0.1:8000")
    client.force_login(channel.broadcaster)
    return client.get(f"/c/{channel.public_id}/memory/file/").content.decode()


async def test_a_word_of_a_chatter_is_nowhere_once_they_are_forgotten(
    stage: Channel, provider: ProviderServer, settings: Any, canary: str, empty_cache: Callable[[], None], backend: str
) -> None:
    settings.ENV = settings.ENV.model_copy(update={"EMBEDDINGS_BASE_URL": provider.base_url})
    noted = notes(f"The talk was about the cat {canary}.", [(1, f"Has a cat named {canary}")])
    provider.answer = lambda body: noted if "response_format" in body else f"Hi {canary}! Lovely cat, that {canary}."
    asked = sync_to_async(talk.say_as)
    async with live(stage) as channel:
        await asked(stage, canary.title(), f"!ai my cat is named {canary}")
        await channel.settled(1, seconds=40)
        memory = await remembering(stage)
        await memory.look()
        fact = await MemoryFact.objects.aget(channel=stage)
        assert canary in fact.text
        assert fact.vector
        # It comes up when the same chatter writes again.
        again = StreamEvent("m", EventKind.MESSAGE, Chatter(f"typed-{canary}", canary), "guess what he did", 0.0)
        told = await memory.recall(Admission((again,)))
        assert canary in str(told.chatter)
        await asked(stage, canary.title(), "!ai guess what he did")
        await channel.settled(2, seconds=40)
        # It is paid for, it is blocked and reported as wrongly blocked, and she says it to somebody else.
        await asked(stage, canary.title(), f"Cheer100 for {canary}", "cheer", 100)
        await channel.settled(3, seconds=40)
        await asked(stage, canary.title(), f"!ai my phone is 212-555-0188, {canary}")
        await channel.settled(4, seconds=40)
        blocked = await Turn.objects.aget(channel=stage, outcome="refused")
        await sync_to_async(actions.report_wrong)(stage, acting_user=stage.broadcaster, turn=blocked)
        await asked(stage, "Boris", "!ai whom do you like?")
        await channel.settled(5, seconds=40)
        await until(lambda: PaidEvent.objects.filter(channel=stage, state="spoken").aexists())
        tables = await sync_to_async(tables_with)(canary)
        assert tables >= {
            "channels_app_turn",
            "channels_app_memoryfact",
            "channels_app_streamsummary",
            "channels_app_paidevent",
            "channels_app_safetycase",
        }
        assert canary in await sync_to_async(export)(stage)
        if backend == "sqlite":
            assert await asyncio.to_thread(files_with, canary)

        await asked(stage, canary.title(), "!forgetme")

        async def nowhere() -> bool:
            return not await sync_to_async(tables_with)(canary)

        await until(nowhere, seconds=20)
        assert (await channel.settled(6, seconds=40))[-1].heard == "Done. I have forgotten you."
        assert canary not in await sync_to_async(export)(stage)
        # A later answer knows nothing of it either, and a new summary is made of what is left.
        provider.answer = lambda body: notes("Boris asked whom she likes.") if "response_format" in body else "You!"
        await asked(stage, canary.title(), "!ai who am I?")
        turns = await channel.settled(7, seconds=40)
        last = json.dumps(provider.requests_to("/chat/completions")[-1].body["messages"][:-1]).lower()
        assert canary not in last
        await (await remembering(stage)).look()
        assert (await StreamSummary.objects.aget(channel=stage)).text == "Boris asked whom she likes."
    assert turns[-1].outcome == "spoken"
    # Whoever writes again has a name again, until it is asked for once more.
    await sync_to_async(empty_cache)()
    await asked(stage, canary.title(), "!forgetme")
    close_db_threads()
    await sync_to_async(forgetting.scrub)()
    assert await sync_to_async(tables_with)(canary) == set()
    assert await asyncio.to_thread(files_with, canary) == []
