"""What many tasks send at once leaves together, in order, and nobody is told that it left when it did not."""

from __future__ import annotations

import asyncio
import secrets
from typing import Any

import pytest
from channels.layers import get_channel_layer
from django.conf import settings
from redis.asyncio import Redis

from channels_app.layer import MOST_AT_ONCE, ChannelLayer


async def listening(layer: Any, group: str) -> str:
    name: str = await layer.new_channel()
    await layer.group_add(group, name)
    return name


async def test_what_is_sent_at_once_arrives_in_order_in_a_few_writes(monkeypatch: pytest.MonkeyPatch) -> None:
    layer: Any = get_channel_layer()
    assert isinstance(layer, ChannelLayer)
    name = await listening(layer, "crowd")
    shard = layer._get_layer()._shards[0]
    sizes: list[int] = []
    send = shard._send

    async def watched(batch: Any) -> Any:
        sizes.append(len(batch))
        return await send(batch)

    monkeypatch.setattr(shard, "_send", watched)
    count = 2 * MOST_AT_ONCE + 10
    async with asyncio.timeout(10):
        await asyncio.gather(*(layer.group_send("crowd", {"type": "x", "number": n}) for n in range(count)))
        assert [(await layer.receive(name))["number"] for _ in range(count)] == list(range(count))
    assert sizes == [MOST_AT_ONCE, MOST_AT_ONCE, 10]


async def test_a_redis_that_is_away_is_told_to_everybody_who_sent(monkeypatch: pytest.MonkeyPatch) -> None:
    layer = ChannelLayer(hosts=["redis://127.0.0.1:9"], prefix="away")
    sent = await asyncio.gather(*(layer.group_send("x", {"type": "x"}) for _ in range(3)), return_exceptions=True)
    assert [type(failure).__name__ for failure in sent] == ["ConnectionError"] * 3


async def test_who_was_cancelled_before_sends_nothing() -> None:
    layer: Any = get_channel_layer()
    name = await listening(layer, "cut")
    cut = asyncio.create_task(layer.group_send("cut", {"type": "x", "number": 1}))
    await asyncio.sleep(0)
    cut.cancel()
    await asyncio.wait({cut})
    async with asyncio.timeout(10):
        await layer.group_send("cut", {"type": "x", "number": 2})
        assert (await layer.receive(name))["number"] == 2


async def test_what_redis_refuses_of_a_write_is_told_to_who_sent_it_and_to_nobody_else() -> None:
    address = settings.ENV.redis_url
    name, word = f"limited-{secrets.token_hex(4)}", secrets.token_hex(8)
    async with Redis.from_url(address) as redis:
        await redis.acl_setuser(name, enabled=True, passwords=[f"+{word}"], commands=["+@all"], channels=["allowed*"])
        host = {"address": address, "username": name, "password": word}
        shard: Any = ChannelLayer(hosts=[host])._get_layer()._shards[0]
        sent = [shard.publish(channel, b"x") for channel in ("allowed 1", "forbidden", "allowed 2")]
        try:
            failures = await asyncio.gather(*sent, return_exceptions=True)
        finally:
            await shard.flush()
            await redis.acl_deluser(name)
    assert [type(failure).__name__ for failure in failures] == ["NoneType", "NoPermissionError", "NoneType"]
