"""`manage.py fleet`: the fleet in a terminal and for scripts."""

from __future__ import annotations

import io
import json
import re
from datetime import timedelta
from typing import Any

import pytest
from django.core.management import call_command
from django.db import OperationalError, connection
from django.utils import timezone

from channels_app.models import Channel, DesiredState
from tests import factories
from tests.workers.fleet import sample
from workers.fleet import terminal
from workers.fleet.figures import Figures

pytestmark = pytest.mark.django_db


def fleet(*options: str) -> tuple[int, str]:
    """Exit code and what was printed."""
    out = io.StringIO()
    try:
        call_command("fleet", *options, stdout=out, no_color="--force-color" not in options)
    except SystemExit as end:
        return int(end.code or 0), out.getvalue()
    return 0, out.getvalue()


def told(*options: str) -> Any:
    return json.loads(fleet("--json", *options)[1])


def test_it_shows_each_worker_and_ends_well_where_all_is_live() -> None:
    sample.ticked()
    since = timezone.now().timestamp() - 3700
    worker = sample.worker("live1@one", figures=Figures.from_row(sample.TOLD.as_row() | {"since": since}))
    sample.run(worker, restarts=2)
    code, text = fleet()
    lines = [" ".join(line.split()) for line in text.splitlines()]
    assert code == 0
    assert "channel 1 1 0 0 2" in lines
    told = next(line for line in lines if line.startswith("live1@one one living 1/500"))
    assert told.endswith("1 h 1 min 0.4 ms 12.0 ms 312 MB 9 7 3 2 7 2")
    assert "dropped stale 5, lane full 2" in lines
    assert lines[-1] == "All that is wanted is live."


def test_columns_stand_under_each_other() -> None:
    sample.worker("live1@one")
    sample.worker("live10@a-host-with-a-long-name", capacity=5)
    lines = fleet()[1].splitlines()
    at = next(number for number, line in enumerate(lines) if line.startswith("worker "))
    head, *rows = lines[at : at + 3]
    assert len({len(line) for line in (head, *rows)}) == 1
    assert {line.index("living") for line in rows} == {head.index("state")}


def test_without_a_live_worker_it_ends_with_1_and_says_how_to_start_one() -> None:
    sample.ticked()
    sample.worker("live1@one", left=-20)
    code, text = fleet()
    assert code == 1
    assert "No live worker: start one with ./start.sh" in text
    assert "dead" in text


def test_a_worker_that_is_cut_off_from_redis_ends_it_with_1_and_is_named() -> None:
    sample.ticked()
    sample.worker("live1@one")
    sample.worker("live2@two", cut_off=True, host="two")
    code, text = fleet("--force-color")
    assert code == 1
    assert "\x1b[31;1mcut off\x1b[0m" in text
    assert "live2@two does not reach Redis and gets no runs: look at the network of two." in text
    assert [worker["life"] for worker in told()["workers"]] == ["living", "cut_off"]


def test_a_wanted_channel_that_is_not_live_for_long_ends_it_with_1() -> None:
    sample.ticked()
    sample.worker("live1@one")
    run = sample.run(waiting_since=sample.ago(5))
    assert run.channel
    assert fleet()[0] == 0, "it is just being started"
    again = timezone.now() + timedelta(seconds=60)
    type(run).objects.update(waiting_since=sample.ago(70), failures=1, not_before=again, last_error="ValueError: no")
    code, text = fleet()
    assert code == 1
    assert "1 wanted run is not live for more than 10 s." in text
    assert re.search(rf"{run.channel.login}  1 min  ended too soon, again in \d\d s: ValueError: no\n", text)


def test_scripts_get_one_object() -> None:
    sample.ticked()
    worker = sample.worker("live1@one")
    sample.run(worker)
    factories.turn(factories.channel(), timings_ms={"picked": 0, "first_token": 400, "playing": 1000})
    found = told()
    assert found["workers"][0]["figures"]["memory"] == 312_000_000
    assert (found["workers"][0]["life"], found["workers"][0]["runs"]) == ("living", 1)
    assert found["runs"]["channel"] == {"wanted": 1, "live": 1, "waiting": 0, "failing": 0, "restarts": 0}
    assert found["stages"]["first_sound"] == {"p50_ms": 1000, "p95_ms": 1000}
    assert (found["dropped"], found["complaints"]) == ({"stale": 5, "lane_full": 2}, [])


def test_one_channel_tells_who_carries_it_out() -> None:
    sample.ticked()
    channel = factories.channel(desired_state=DesiredState.RUNNING)
    sample.run(sample.worker("live1@one"), of=channel, fence=6, started_at=sample.ago(130))
    code, text = fleet("--channel", channel.login.upper())
    facts = dict(line.split(maxsplit=1) for line in text.splitlines())
    assert code == 0
    assert (facts["state"], facts["owner"], facts["fence"], facts["since"]) == ("live", "live1@one", "6", "2 min")
    assert facts["inbox"] == "not known", "another channel's is deeper"
    assert told("--channel", channel.public_id)["fence"] == 6


def test_one_channel_that_ought_to_be_live_and_is_not_ends_it_with_1() -> None:
    sample.ticked()
    channel = factories.channel(desired_state=DesiredState.RUNNING)
    sample.run(of=channel, waiting_since=sample.ago(65))
    code, text = fleet("--channel", channel.login)
    assert (code, "wanted and not live" in text, "1 min, no live worker" in text) == (1, True, True)
    Channel.objects.update(desired_state=DesiredState.STOPPED)
    code, text = fleet("--channel", channel.login)
    assert (code, "not wanted" in text) == (0, True)


def test_a_channel_that_is_not_there_is_named() -> None:
    with pytest.raises(SystemExit, match="There is no channel 'nobody'"):
        call_command("fleet", "--channel", "nobody")


def test_a_database_that_is_away_is_told_in_a_sentence() -> None:
    def away(*_: Any) -> Any:
        raise OperationalError("could not connect")

    with connection.execute_wrapper(away), pytest.raises(SystemExit, match=r"does not answer \(OperationalError\)"):
        call_command("fleet")


def test_colour_is_for_terminals_alone() -> None:
    sample.worker("live1@one")
    assert "\x1b[" not in fleet()[1]
    painted = fleet("--force-color")[1]
    assert "\x1b[32;1mliving\x1b[0m" in painted


@pytest.mark.parametrize(
    ("seconds", "said"),
    [(0, "0 s"), (59.9, "59 s"), (60, "1 min"), (3660, "1 h 1 min"), (90_000, "1 d 1 h")],
)
def test_times_are_told_as_people_read_them(seconds: float, said: str) -> None:
    assert terminal.span(seconds) == said
