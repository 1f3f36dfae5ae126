"""The fleet on the operators' home page: who lives, who is dead, what waits and why, and who may see it."""

from __future__ import annotations

import html
import re
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from aigirl_site.operators import fleet
from channels_app.models import Channel, DesiredState, Turn
from tests import factories
from tests.workers.fleet import sample
from workers.fleet.figures import Figures

pytestmark = pytest.mark.django_db


def shown(client: Client, page: str = "operators_fleet") -> str:
    """The page as it is read, without its markup."""
    text = client.get(reverse(page)).content.decode()
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", text)).split())


def total(label: str) -> tuple[object, bool]:
    """A figure above the table, and whether it asks for attention."""
    found = {each["label"]: each for each in fleet.part(timezone.now())["fleet"]["totals"]}
    return found[label]["value"], found[label]["is_bad"]


def test_a_worker_is_shown_with_what_it_carries_and_how_it_is(admin_client: Client) -> None:
    deepest = factories.channel(desired_state=DesiredState.RUNNING)
    told = sample.TOLD.as_row() | {"inbox_at": deepest.public_id, "since": timezone.now().timestamp() - 7300}
    worker = sample.worker("live1@one", figures=Figures.from_row(told))
    sample.run(worker, of=deepest)
    for page in ("admin:index", "operators_fleet"):
        text = shown(admin_client, page)
        assert "live1@one process 7 lives lease for" in text
        assert "1 / 500 0.4 ms at worst 12 ms 297.5 MB 520 threads, 900 tasks, 140 files" in text
        assert f"9 7 in the deepest ({deepest.login}) 7 waited too long 5, too many others waited 2" in text
        assert "2 lost its lease: 1 2 hours, 1 minute" in text


def test_a_dead_worker_is_shown_as_dead_and_says_nothing_more(admin_client: Client) -> None:
    sample.run(sample.worker("live1@one", left=-40))
    text = shown(admin_client)
    assert re.search(r"dead lease ran out 4\d s ago 0 / 500 – – – –", text)
    assert "520 threads" not in text
    assert total("Messages in inboxes") == (0, False)
    assert total("Chat lines dropped") == (0, False)


def test_a_worker_that_is_cut_off_from_redis_asks_for_attention_and_has_no_room(admin_client: Client) -> None:
    sample.worker("live1@one", capacity=4)
    assert total("Live workers") == (1, False)
    sample.worker("live2@one", capacity=500, cut_off=True)
    text = shown(admin_client)
    assert "live2@one process 7 cut off from Redis lease for" in text
    assert "room for 4 more runs" in text
    assert total("Live workers") == (2, True)


def test_without_a_worker_it_says_how_to_start_one(admin_client: Client) -> None:
    text = shown(admin_client)
    assert "No live worker. Channels cannot be live: start one with ./start.sh or manage.py serve live" in text
    assert total("Live workers") == (0, True)
    sample.worker("control@one", kind="control", capacity=0)
    assert "No live worker." in shown(admin_client), "control carries out nothing"
    sample.worker("live1@one")
    assert "No live worker." not in shown(admin_client)


def test_what_waits_says_why(admin_client: Client) -> None:
    sample.worker("live1@one")
    again = timezone.now() + timedelta(seconds=9)
    run = sample.run(waiting_since=sample.ago(31), failures=2, not_before=again, last_error="ValueError: <no> voice")
    assert run.channel
    text = shown(admin_client)
    assert re.search(
        rf"{run.channel.login} 3\d s ended too soon, again in \d s, 2 failures ValueError: <no> voice", text
    )
    assert total("Runs that wait") == (1, True)


def test_a_fleet_nobody_looks_after_asks_for_attention(admin_client: Client) -> None:
    sample.never_ticked()
    assert total("Last tick") == ("–", True)
    sample.ticked()
    said, is_bad = total("Last tick")
    assert (bool(re.fullmatch(r"\d s ago", str(said))), is_bad) == (True, False)


def test_the_stages_of_the_last_minutes_and_the_first_sounds_of_the_hour_are_there(
    admin_client: Client, channel: Channel
) -> None:
    assert "Nothing was spoken in the last five minutes." in shown(admin_client)
    for playing in (900, 1000, 1600):
        factories.turn(channel, timings_ms={"picked": 0, "first_token": 400, "playing": playing})
    old = factories.turn(channel, timings_ms={"picked": 0, "first_token": 400, "playing": 3200})
    Turn.objects.filter(pk=old.pk).update(created_at=sample.ago(40 * 60))
    text = shown(admin_client)
    assert "all of it, to the first sound 3 1.00 s 1.60 s" in text
    bars = fleet.sounds(timezone.now())
    assert [(bar["turns"], bar["p95_height"]) for bar in bars if bar["turns"]] == [(1, 100.0), (3, 50.0)]
    assert bars[-1]["turns"] == 3


def test_only_operators_see_it(client: Client, channel: Channel) -> None:
    address = reverse("operators_fleet")
    assert client.get(address).status_code == 302
    client.force_login(channel.broadcaster)
    answer = client.get(address)
    assert (answer.status_code, answer.headers["Location"].partition("?")[0]) == (302, reverse("admin:login"))


def test_the_page_asks_for_it_anew(admin_client: Client) -> None:
    text = admin_client.get(reverse("admin:index")).content.decode()
    assert f'id="part-fleet" data-fresh="{reverse("operators_fleet")}"' in text
    again = admin_client.get(reverse("operators_fleet"))
    assert 'id="part-fleet"' in again.content.decode()
    assert "no-store" in again.headers["Cache-Control"]
