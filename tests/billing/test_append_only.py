"""What stands in the ledger stays as it was written: for our own code, and for whoever reaches the database."""

from __future__ import annotations

import pytest
from django.db import DatabaseError, connection, transaction

from billing.ledger import record_usage
from billing.models import UsageRecord, WrittenInInkError
from channels_app.models import Channel


@pytest.fixture
def record(channel: Channel) -> UsageRecord:
    return record_usage(channel, key="turn:1", kind=UsageRecord.Kind.REPLY, cost_micros=70, exact=True)


def test_a_record_is_neither_changed_nor_deleted(record: UsageRecord) -> None:
    record.cost_micros = 1
    with pytest.raises(WrittenInInkError, match="new row"):
        record.save()
    with pytest.raises(WrittenInInkError):
        record.delete()
    with pytest.raises(WrittenInInkError):
        UsageRecord.objects.filter(pk=record.pk).update(cost_micros=1)
    with pytest.raises(WrittenInInkError):
        UsageRecord.objects.all().delete()
    assert UsageRecord.objects.get().cost_micros == 70


def test_the_database_refuses_a_change_too(record: UsageRecord) -> None:
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("UPDATE billing_usagerecord SET cost_micros = 1")
    assert UsageRecord.objects.get().cost_micros == 70


def test_the_ledger_goes_with_its_channel(record: UsageRecord, channel: Channel) -> None:
    channel.delete()
    assert not UsageRecord.objects.exists()


@pytest.mark.parametrize(
    ("exact", "priced", "confidence"),
    [(True, True, "exact"), (False, True, "estimated"), (False, False, "unpriced")],
)
def test_each_record_says_how_well_its_cost_is_known(
    channel: Channel, exact: bool, priced: bool, confidence: str
) -> None:
    row = record_usage(channel, key="turn:1", kind=UsageRecord.Kind.REPLY, exact=exact, priced=priced)
    assert UsageRecord.objects.get(pk=row.pk).confidence == confidence
