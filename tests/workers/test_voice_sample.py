"""The listen button: a line in the voice and with the words as they stand in the form."""

from __future__ import annotations

import io
import wave

import pytest
from django.test import Client
from django.urls import reverse

from tests import factories

pytestmark = pytest.mark.django_db(transaction=True)


def listen(text: str, **fields: str) -> tuple[int, float, str]:
    """Status, seconds of sound, message."""
    broadcaster = factories.user()
    channel = factories.channel(broadcaster)
    client = Client()
    client.force_login(broadcaster)
    values = {"text": text, "engine": "espeak", "language": "en"} | fields
    response = client.post(reverse("voice_sample", args=[channel.public_id]), values)
    if response.status_code != 200:
        return response.status_code, 0.0, response.json()["message"]
    with wave.open(io.BytesIO(response.content)) as sound:
        return 200, sound.getnframes() / sound.getframerate(), ""


def test_unsaved_words_are_heard() -> None:
    _, short, _ = listen("xQc")
    status, long, _ = listen("xQc", pronunciation="xQc = a very long way of saying this short name")
    assert status == 200
    assert long > short + 1


def test_a_wrong_line_is_explained_instead_of_played() -> None:
    status, _, message = listen("xQc", pronunciation="xQc")
    assert status == 400
    assert message.startswith("Line 1:")


def test_words_that_would_say_something_forbidden_are_not_played() -> None:
    status, _, message = listen("hello", pronunciation="hello = kill yourself")
    assert status == 400
    assert "safety rules" in message
