"""The ledger says what the provider bills, to within a hundredth, and a day costs what the page promises."""

from __future__ import annotations

import pytest
from asgiref.sync import sync_to_async
from django.db.models import Sum

from benchmarks.cost import MOST, figures
from benchmarks.spending import Stream, replay
from billing.ledger import record_usage
from billing.models import UsageRecord
from channels_app.models import Channel

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.mark.parametrize("judged", [False, True], ids=["", "with a judge"])
async def test_the_ledger_of_half_an_hour_is_the_providers_bill(channel: Channel, judged: bool) -> None:
    spent = await replay(Stream(minutes=30, replies_per_minute=4, interrupted=0.1, judged=judged))
    assert spent.interrupted >= 5, "replies that are cut off in the middle count too"

    def write() -> int:
        for number, usage in enumerate(spent.usages):
            record_usage(
                channel,
                key=f"turn:{number}",
                kind=UsageRecord.Kind.REPLY,
                prompt_tokens=usage.prompt_tokens,
                completion_tokens=usage.completion_tokens,
                cost_micros=usage.cost_micros,
                exact=usage.exact,
            )
        total = UsageRecord.objects.filter(channel=channel).aggregate(total=Sum("cost_micros"))
        return int(total["total"])

    ledger = await sync_to_async(write)()
    assert ledger == pytest.approx(spent.till.micros, rel=0.01)
    assert not all(usage.exact for usage in spent.usages)
    found = figures(Stream(), spent)
    assert found["cached_share"] > 0.5, "the persona is read from the provider's cache"
    assert found["usd_per_reply"] * 4 * 60 * 6 <= MOST["usd_per_day"]
