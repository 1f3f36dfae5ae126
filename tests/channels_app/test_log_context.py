"""Every line says what it is about, for people and for machines."""

from __future__ import annotations

import asyncio
import io
import json
import logging
from collections.abc import Iterator

import pytest
from django.test import Client

from channels_app import log_context
from channels_app.redaction import SecretFilter


@pytest.fixture
def lines() -> Iterator[io.StringIO]:
    """What a logger of its own writes as JSON, through the filters of the product."""
    written = io.StringIO()
    handler = logging.StreamHandler(written)
    handler.setFormatter(log_context.JsonLines())
    handler.addFilter(SecretFilter())
    handler.addFilter(log_context.AboutFilter())
    logger = logging.getLogger("tests.lines")
    logger.addHandler(handler)
    yield written
    logger.removeHandler(handler)


async def test_tasks_keep_their_own_ids_and_hand_them_down(lines: io.StringIO) -> None:
    log = logging.getLogger("tests.lines")

    async def turn(name: str) -> None:
        log_context.about(turn=name)
        await asyncio.sleep(0)
        await asyncio.create_task(asyncio.to_thread(log.warning, "spoken"))

    async def channel() -> None:
        log_context.about(channel="c1")
        await asyncio.gather(turn("t1"), turn("t2"))
        log.warning("over")

    await asyncio.create_task(channel())
    found = [json.loads(line) for line in lines.getvalue().splitlines()]
    assert {(line["channel"], line.get("turn"), line["message"]) for line in found} == {
        ("c1", "t1", "spoken"), ("c1", "t2", "spoken"), ("c1", None, "over"),
    }  # fmt: skip


def test_an_exception_is_one_line_without_secrets(lines: io.StringIO) -> None:
    try:
        raise ValueError("Bearer abcdefghijklmnop")
    except ValueError:
        logging.getLogger("tests.lines").exception("it broke")
    (line,) = map(json.loads, lines.getvalue().splitlines())
    assert (line["level"], line["message"]) == ("ERROR", "it broke")
    assert "ValueError" in line["exception"]
    assert "abcdefghijklmnop" not in lines.getvalue()


@pytest.mark.django_db
def test_an_answer_names_its_request_as_the_proxy_did_or_anew(client: Client) -> None:
    assert client.get("/health/live", headers={"X-Request-ID": "proxy-12345"})["X-Request-ID"] == "proxy-12345"
    first, second = (client.get("/health/live", headers={"X-Request-ID": "a b\tc"})["X-Request-ID"] for _ in range(2))
    assert first != second
    assert len(first) == 32
