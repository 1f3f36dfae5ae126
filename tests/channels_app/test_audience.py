"""People are counted without anybody's being known."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from channels_app import forgetting
from channels_app.audience import number_of
from channels_app.models import Channel, Turn
from tests import factories

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


def test_somebody_is_one_all_day_and_another_one_tomorrow_or_elsewhere() -> None:
    assert number_of(1, "44", NOON) == number_of(1, "44", NOON + timedelta(hours=11))
    others = [number_of(1, "44", NOON + timedelta(days=1)), number_of(2, "44", NOON), number_of(1, "45", NOON)]
    assert len({number_of(1, "44", NOON), *others}) == 4
    assert number_of(1, "", NOON) is None


def test_without_the_sites_key_the_number_cannot_be_worked_out(settings: Any) -> None:
    known = number_of(1, "44", NOON)
    settings.SECRET_KEY = "somebody-elses"
    assert number_of(1, "44", NOON) != known


def test_it_fits_the_database_and_goes_with_who_is_forgotten(channel: Channel) -> None:
    for chatter in range(20):
        factories.turn(channel, chatter_id=str(chatter))
    forgetting.forget_chatter(channel, "7")
    assert Turn.objects.filter(person=None).count() == 1
