"""What many runs may have missed, looked up for all of them at once."""

from __future__ import annotations

from typing import Any

import pytest
from django.utils import timezone

from channels_app.models import PaidEvent
from channels_app.queries import PRESENCE_LIFE
from tests import factories
from workers import records
from workers.records import Surroundings

pytestmark = pytest.mark.django_db


def test_each_run_sees_its_own_channel_and_the_database_is_asked_three_times(
    django_assert_num_queries: Any,
) -> None:
    watched, silenced, paid, done, bare = (factories.channel() for _ in range(5))
    for _ in range(2):
        factories.overlay_page(watched)
    type(silenced).objects.filter(pk=silenced.pk).update(panic_since=timezone.now())
    factories.paid_event(paid)
    factories.paid_event(done, state=PaidEvent.State.SPOKEN)
    runs = [(channel.pk, 1) for channel in (watched, silenced, paid, done, bare)]
    with django_assert_num_queries(3):
        seen = records.look_around(runs)
    assert [seen[run] for run in runs] == [
        Surroundings(audience=2, panic=False),
        Surroundings(audience=0, panic=True),
        Surroundings(audience=0, panic=False, has_paid=True),
        Surroundings(audience=0, panic=False),
        Surroundings(audience=0, panic=False),
    ]
    for pk, _fence in runs:
        alone = records.surroundings(pk)
        assert (alone.audience, alone.panic) == (seen[pk, 1].audience, seen[pk, 1].panic)


def test_a_page_that_went_silent_is_no_audience() -> None:
    channel = factories.channel()
    page = factories.overlay_page(channel)
    type(page).objects.update(seen_at=timezone.now() - PRESENCE_LIFE)
    assert records.look_around([(channel.pk, 1)])[channel.pk, 1].audience == 0
