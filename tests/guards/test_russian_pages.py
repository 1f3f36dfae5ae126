"""The product as a Russian meets it: every page in Russian, in the language asked for, chosen once and remembered."""

from __future__ import annotations

from typing import Any

import pytest
from django.conf import settings
from django.test import Client, RequestFactory
from django.utils import timezone, translation
from django.views.defaults import server_error

from channels_app import actions
from channels_app.models import Channel, Membership, PaidEvent, Turn
from tests import factories
from tests.reading import left_in_english, texts

HERE: dict[str, Any] = {"REMOTE_ADDR": "127.0.0.1", "HTTP_HOST": "127.0.0.1:8000"}
PEOPLE = ("Alice", "Bob", "Mira", "Splendid!", "how are you?")
"""What people wrote or are called in these tests."""
CARD_WORDS = ("<START>", "{{user}}", "{{char}}", "RE2", "Viewer")
"""What character cards are written with."""
PROGRAM_WORDS = (
    "Stream Deck", "Nightbot", "StreamElements", "API", "?text=", "Ko-fi", "Streamlabs", "DonationAlerts",
    "Streamer.bot", "SAMMI", "Mix It Up", "JSON", "/tip?name=…&amount=…&currency=…&message=…", "/tip", "test=1", "id",
)  # fmt: skip
"""What programs are called, and called with."""


@pytest.fixture
def visitor(db: None) -> Client:
    return Client(headers={"accept-language": "ru-RU,ru;q=0.9,en;q=0.8"}, **HERE)


@pytest.fixture
def broadcaster(visitor: Client, channel: Channel) -> Client:
    visitor.force_login(channel.broadcaster)
    return visitor


def page(client: Client, path: str, *, status: int = 200) -> str:
    answer = client.get(path)
    assert answer.status_code == status
    return answer.content.decode()


def of(channel: Channel, path: str = "") -> str:
    return f"/c/{channel.public_id}/{path}"


@pytest.mark.parametrize("path", ["/", "/sign-in/", "/sign-in/?again=1"])
def test_the_doors_are_russian(visitor: Client, path: str) -> None:
    html = page(visitor, path)
    assert left_in_english(html) == []
    assert '<html lang="ru">' in html


def test_a_door_without_twitch_keys_is_russian_elsewhere_too(visitor: Client) -> None:
    assert left_in_english(visitor.get("/sign-in/", REMOTE_ADDR="192.0.2.7").content.decode()) == []


@pytest.mark.parametrize(
    "path",
    [
        "",
        "obs/",
        "settings/",
        "settings/api/",
        "members/",
        "log/",
        "privacy/",
        "persona/",
        "persona/card/",
        "check/",
        "persona/versions/",
        "persona/expert/",
        "persona/lore/",
        "persona/lore/?entry=new",
        "persona/bench/",
        "persona/report/",
        "billing/",
    ],
)
def test_the_rooms_are_russian(broadcaster: Client, channel: Channel, path: str) -> None:
    own = ("Mira", "A cheerful fox who lives in a radio tower.", channel.login, *CARD_WORDS, *PROGRAM_WORDS, *PEOPLE)
    assert left_in_english(page(broadcaster, of(channel, path)), *own) == []


def test_a_busy_channel_is_russian(broadcaster: Client, channel: Channel) -> None:
    factories.overlay_key(channel, last_seen_at=timezone.now())
    factories.overlay_key(channel, expires_at=timezone.now() + actions.ROTATION_GRACE)
    factories.paid_event(channel)
    timings = {"picked": 5, "first_token": 300, "first_sentence": 400, "first_audio": 500, "playing": 600}
    for outcome in Turn.Outcome:
        factories.turn(
            channel, outcome=outcome, timings_ms=timings, cost_micros=1234, voice="built-in robot voice (espeak-ng)"
        )
    factories.turn(
        channel, outcome=Turn.Outcome.FAILED, reason="llm_stalled: The model fell silent", brain="demo brain"
    )
    factories.turn(channel, outcome=Turn.Outcome.INTERRUPTED, reason="skipped by a moderator", asked="", trigger="raid")
    Channel.objects.filter(pk=channel.pk).update(
        desired_state="running", reauthorise_since=timezone.now(), stream_online=True
    )
    shown = page(broadcaster, of(channel))
    own = ("llm_stalled: The model fell silent", "skipped by a moderator", "Cheer100 hello!", "espeak-ng", *PEOPLE)
    assert left_in_english(shown, *own) == []
    assert "пропустил модератор" in texts(shown)
    assert "Языковая модель замолчала на середине ответа." in texts(shown)
    assert "Рейд" in texts(shown)
    assert "0,0012 $" in " ".join(texts(shown))


def test_what_the_rules_blocked_and_what_was_reported_is_russian(broadcaster: Client, channel: Channel) -> None:
    blocked = {"outcome": Turn.Outcome.REFUSED, "said": "", "judged": "сиськи", "evidence": "сиськи"}
    for _ in range(2):
        turn = factories.turn(channel, verdict={"action": "drop", "rule": "lexicon.tier2.sexual"}, **blocked)
    actions.report_wrong(channel, acting_user=channel.broadcaster, turn=turn)
    shown = page(broadcaster, of(channel))
    assert left_in_english(shown, "lexicon.tier2.sexual", *PEOPLE) == []
    assert {"Это ошибка", "отмечено как ошибка"} <= set(texts(shown))


def test_connected_overlays_are_russian(broadcaster: Client, channel: Channel) -> None:
    page = factories.overlay_page(channel, fps=31.0, gaps=2, renderer="Google SwiftShader")
    factories.overlay_page(channel, page.key, obs_version="", visible=False, audible=False, sample_rate=44_100)
    actions.set_mouth_offset(channel, acting_user=None, key=page.key, offset_ms=90)  # type: ignore[arg-type]
    for path in ("", "obs/", "obs/live/"):
        shown = broadcaster.get(of(channel, path)).content.decode()
        assert left_in_english(shown, "Chrome", "Google SwiftShader", "ANGLE (NVIDIA GeForce RTX", *PEOPLE) == []
        assert "2 заминки" in shown


def test_what_stands_in_the_way_is_russian(broadcaster: Client, channel: Channel) -> None:
    Channel.objects.filter(pk=channel.pk).update(panic_since=timezone.now(), suspended_at=timezone.now())
    assert left_in_english(page(broadcaster, of(channel)), *PEOPLE) == []


def test_a_person_without_a_channel_reads_russian(visitor: Client) -> None:
    visitor.force_login(factories.user("Charlie"))
    assert left_in_english(page(visitor, "/home/")) == []


@pytest.mark.parametrize(
    ("path", "values"),
    [
        (
            "persona/",
            {
                "name": "",
                "command": "два слова",
                "cooldown": "-1",
                "voice": "?",
                "colour_hair": "#12",
                "voice_speed": "9",
            },
        ),
        ("settings/stage/", {"mouth_offset_ms": "900", "ignored_chatters": "ы" * 100}),
        ("settings/safety/", {"safety_profile": "?", "banned_words": "ы" * 100, "allowed_words": "пидор"}),
        ("settings/provider/llm/", {"llm-base_url": "нет адреса", "llm-model": ""}),
        ("members/invite/", {"login": "никто"}),
        ("talk/", {"name": "", "kind": "message", "text": ""}),
    ],
)
def test_complaints_about_a_form_are_russian(
    broadcaster: Client, channel: Channel, path: str, values: dict[str, str]
) -> None:
    shown = broadcaster.get(of(channel, path)).context if path == "persona/" else None
    forms = [shown["form"], shown["look"]] if shown else []
    filled = {field.html_name: field.value() for form in forms for field in form}
    answer = broadcaster.post(of(channel, path), filled | values)
    assert answer.status_code == 400
    html = answer.content.decode()
    assert 'role="alert"' in html
    assert left_in_english(html, "A cheerful fox who lives in a radio tower.", *PEOPLE) == []


def test_messages_after_a_deed_are_russian(broadcaster: Client, channel: Channel) -> None:
    broadcaster.post(of(channel, "settings/stage/"), {"mouth_offset_ms": "20"})
    assert "Сохранено." in texts(page(broadcaster, of(channel, "settings/")))


def test_the_api_complains_in_russian(broadcaster: Client, channel: Channel, bob: Any) -> None:
    refused = broadcaster.post(f"/api/v1/c/{channel.public_id}/talk/", {"name": "", "kind": "message"}).json()
    assert refused["message"] == "Некоторые поля заполнены неверно."
    assert refused["fields"]["name"] == ["Обязательное поле."]
    broadcaster.force_login(bob)
    assert Membership.objects.get(user=bob).role == Membership.Role.MODERATOR
    forbidden = broadcaster.post(f"/api/v1/c/{channel.public_id}/start/")
    assert (forbidden.status_code, forbidden.json()["message"]) == (403, "Владелец канала не дал вам такого права.")


def test_paid_kinds_have_russian_names(broadcaster: Client, channel: Channel) -> None:
    for kind in ("cheer", "sub", "gift", "redemption"):
        factories.paid_event(channel, kind=kind, state=PaidEvent.State.WAITING)
    shown = texts(page(broadcaster, of(channel)))
    assert {"Битсы 100", "Подписка 100", "Подарочные подписки 100", "Награда за баллы 100"} <= set(shown)


# What went wrong


def test_a_wrong_address_is_told_in_russian(visitor: Client) -> None:
    html = page(visitor, "/nowhere/", status=404)
    assert left_in_english(html) == []
    assert "Здесь ничего нет" in texts(html)


def test_a_closed_room_is_told_in_russian(broadcaster: Client, channel: Channel, bob: Any) -> None:
    broadcaster.force_login(bob)
    html = page(broadcaster, of(channel, "persona/"), status=403)
    assert left_in_english(html, "Alice") == []
    assert "Вам сюда нельзя" in texts(html)


def test_a_form_without_its_token_is_told_in_russian(db: None) -> None:
    client = Client(enforce_csrf_checks=True, headers={"accept-language": "ru"}, **HERE)
    html = client.post("/sign-out/").content.decode()
    assert left_in_english(html) == []
    assert "Страница устарела" in texts(html)


def test_a_fault_of_ours_is_told_in_russian_without_anything_else_working() -> None:
    with translation.override("ru"):
        assert left_in_english(server_error(RequestFactory().get("/")).content.decode()) == []


# The choice


def test_english_is_for_everybody_else(db: None) -> None:
    for languages in ("", "de", "en-GB,ru;q=0.5"):
        client = Client(headers={"accept-language": languages}, **HERE)
        assert '<html lang="en">' in page(client, "/")


def test_one_button_on_every_page_changes_the_language_for_good(broadcaster: Client, channel: Channel) -> None:
    html = page(broadcaster, of(channel, "settings/"))
    assert '<button class="quiet" name="language" value="en" lang="en">English</button>' in html
    answer = broadcaster.post("/i18n/setlang/", {"language": "en", "next": of(channel, "settings/")})
    assert (answer.status_code, answer["Location"]) == (302, of(channel, "settings/"))
    cookie = answer.cookies[settings.LANGUAGE_COOKIE_NAME]
    assert cookie["max-age"] >= 300 * 24 * 3600
    assert cookie["samesite"] == "Lax"
    html = page(broadcaster, of(channel, "settings/"))
    assert '<html lang="en">' in html
    assert "Русский" in texts(html)


def test_the_button_leads_back_with_the_question_that_was_asked(visitor: Client) -> None:
    assert 'name="next" value="/sign-in/?again=1&amp;next=/home/"' in page(visitor, "/sign-in/?again=1&next=/home/")


def test_the_overlay_speaks_the_language_of_who_looks_at_it(visitor: Client, channel: Channel) -> None:
    html = page(visitor, f"/o/{channel.public_id}?preview=1")
    assert '<html lang="ru"' in html
    assert 'data-sound-label="Включить звук"' in html
