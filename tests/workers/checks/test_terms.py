"""What a mind and a voice cost, and how long they can be had, is said for every kind of provider."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import translation

from channels_app.models import User
from channels_app.outbound import is_near
from tests.reading import has_english
from tests.workers.checks.conftest import SetUp
from workers.brain import catalogue
from workers.checks import providers
from workers.checks.finding import Found, Status
from workers.checks.surroundings import Surroundings, collect
from workers.checks.terms import cost_of_answer, cost_of_speech, ending_of_model, ending_of_voice
from workers.pipeline.values import Usage
from workers.records import Provider
from workers.voice.openai_speech import SpeechConfig

OPENAI, ELSEWHERE, HERE = "https://api.openai.com/v1", "https://voices.example.com/v1", "http://127.0.0.1:8880/v1"
LAST = date(2027, 1, 14)
"""Of gpt-4o-mini at OpenAI."""


def provider(base_url: str, model: str) -> Provider:
    return Provider(base_url, model, "", "key")


def noon(day: date) -> float:
    return datetime(day.year, day.month, day.day, 12, tzinfo=UTC).timestamp()


@pytest.mark.parametrize(
    ("base_url", "model", "told"),
    [
        (OPENAI, "tts-1-hd", "$0.00018 for this sentence, $0.030 for 1,000 characters (OpenAI price list, 2026-11)"),
        (
            OPENAI,
            "gpt-4o-mini-tts",
            "≈ $0.00009 for this sentence, $0.015 for 1,000 characters "
            "(OpenAI model page: about $0.015 a minute of 1,000 characters, 2026-11)",
        ),
        (OPENAI, "a-new-one", "price unknown: see the price page of api.openai.com"),
        (ELSEWHERE, "tts-1", "price unknown: see the price page of voices.example.com"),
        (HERE, "tts-1", "free: your own server"),
        ("http://192.168.1.20:8880/v1", "kokoro", "free: your own server"),
        ("https://piper.example.com", "piper", "free: your own server"),
    ],
)
def test_what_a_voice_costs(base_url: str, model: str, told: str) -> None:
    speech = SpeechConfig(base_url, "key", model, is_own=is_near(base_url))
    assert cost_of_speech(speech, "Ready.") == told


def test_a_price_that_is_set_here_is_told_as_that() -> None:
    speech = SpeechConfig(ELSEWHERE, "key", "a-new-one", price=0.02)
    told = "$0.00012 for this sentence, $0.020 for 1,000 characters (set by whoever runs this site)"
    assert cost_of_speech(speech, "Ready.") == told


@pytest.mark.parametrize(
    ("base_url", "usage", "told"),
    [
        (OPENAI, Usage(cost_micros=1234, exact=True), "$0.00123 for this answer"),
        (OPENAI, Usage(cost_micros=1234), "≈ $0.00123 for this answer"),
        (ELSEWHERE, Usage(), "price unknown: see the price page of voices.example.com"),
        (HERE, Usage(), "free: your own server"),
    ],
)
def test_what_an_answer_costs(base_url: str, usage: Usage, told: str) -> None:
    assert cost_of_answer(provider(base_url, "gpt-6-luna"), usage) == told


@pytest.mark.parametrize(
    ("days_left", "expected"),
    [(61, None), (60, Status.WARN), (1, Status.WARN), (0, Status.FAULT), (-400, Status.FAULT)],
)
def test_the_end_of_a_model_is_told_two_months_ahead(days_left: int, expected: Status | None) -> None:
    ending = ending_of_model(provider(OPENAI, "gpt-4o-mini"), noon(LAST - timedelta(days=days_left)))
    assert (ending and ending.status) == expected
    if ending:
        assert "gpt-4o-mini" in ending.what
        assert "Jan. 14, 2027" in ending.what
        assert "gpt-6-luna" in ending.mend


def test_a_model_without_an_end_and_the_same_name_elsewhere_are_left_alone() -> None:
    assert ending_of_model(provider(OPENAI, "gpt-6-luna"), noon(LAST)) is None
    assert ending_of_model(provider(ELSEWHERE, "gpt-4o-mini"), noon(LAST)) is None
    assert ending_of_voice(provider(HERE, "tts-1"), noon(LAST)) is None


def test_the_model_offered_in_its_place_lasts() -> None:
    for host, name in (("api.openai.com", "gpt-6-luna"), ("models.example.com", "")):
        assert catalogue.lasting(host, LAST) == name


@pytest.mark.django_db
@pytest.mark.parametrize("check", [providers.llm, providers.speech])
def test_the_check_warns_before_it_asks(check: Callable[[Surroundings], Found], set_up: SetUp) -> None:
    set_up.configure(LLM_BASE_URL=OPENAI, LLM_MODEL="gpt-4o", SPEECH_BASE_URL=OPENAI, SPEECH_MODEL="tts-1")
    around = collect(set_up.channel, now=lambda: noon(date(2027, 1, 5)))
    with translation.override("ru"):
        first = next(check(around))
    assert first.status is Status.WARN
    assert "2027" in first.what
    assert not has_english(f"{first.what} {first.mend}", "gpt-4o")


@pytest.mark.django_db
def test_prices_stand_beside_the_figures(set_up: SetUp) -> None:
    details = {finding.id: finding.detail for finding in set_up.findings()}
    assert details["llm"].endswith(", free: your own server")
    assert details["speech"].endswith(", free: your own server")


@pytest.mark.django_db
def test_the_page_shows_them_too(set_up: SetUp, client: Client, alice: User) -> None:
    client.force_login(alice)
    page = client.post(reverse("check_setup", args=[set_up.channel.public_id]))
    assert page.content.decode().count("free: your own server") == 2
