"""Tips: read as tip services write them, stored once, and passed on to her run."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from channels_app import chatters, forgetting, retention, tips
from channels_app.actions import Refused
from channels_app.models import AuditEvent, Channel, PaidEvent

KOFI = {
    "verification_token": "8b1f", "message_id": "3a1fac0c-f960-4506-a60e-824979a74e74", "type": "Donation",
    "timestamp": "2026-11-28T13:04:30Z", "is_public": True, "from_name": "Nora", "message": "Good luck!",
    "amount": "3.00", "currency": "EUR", "email": "nora@example.com", "url": "https://ko-fi.example/x",
    "kofi_transaction_id": "0a1faa0c-f960-4506-a60e-824979a74e71", "is_subscription_payment": False,
}  # fmt: skip


def kofi(**fields: Any) -> tips.Tip:
    return tips.read({"data": json.dumps(KOFI | fields)})


@pytest.mark.parametrize(
    ("amount", "currency", "micros", "code", "written"),
    [
        ("5", "", 5_000_000, "USD", "$5"),
        ("4.50", "eur", 4_500_000, "EUR", "€4.50"),
        ("4,5", "EUR", 4_500_000, "EUR", "€4.50"),
        ("$1,234.50", "", 1_234_500_000, "USD", "$1234.50"),
        ("1.234,50 €", "", 1_234_500_000, "EUR", "€1234.50"),
        ("1 500 ₽", "", 1_500_000_000, "RUB", "1500 ₽"),
        ("4.500", "IDR", 4_500_000_000, "IDR", "4500 IDR"),
        ("4.500", "KWD", 4_500_000, "KWD", "4.500 KWD"),
        ("500 руб.", "", 500_000_000, "RUB", "500 ₽"),
        ("R$5,00", "", 5_000_000, "BRL", "5 BRL"),
        ("₩5000", "", 5_000_000_000, "KRW", "5000 KRW"),
        ("5 EUR", "", 5_000_000, "EUR", "€5"),
        ("5", "zł", 5_000_000, "PLN", "5 PLN"),
        ("0.500", "GBP", 500_000, "GBP", "£0.50"),
        (".5", "PLN", 500_000, "PLN", "0.50 PLN"),
    ],
)
def test_amounts_are_read_as_people_write_them(
    amount: str, currency: str, micros: int, code: str, written: str
) -> None:
    tip = tips.made(amount, currency)
    assert (tip.micros, tip.currency, tip.written) == (micros, code, written)


def test_a_number_of_a_program_has_no_thousands_to_guess() -> None:
    assert tips.read({"amount": 4.125}).micros == tips.made(Decimal("4.125"), "").micros == 4_125_000


@pytest.mark.parametrize(
    ("amount", "told"),
    [
        ("", "how much"),
        ("many", "how much"),
        ("-5", "how much"),
        ("NaN", "how much"),
        ("0", "more than nothing"),
        ("0.001", "more than nothing"),
        ("100001", "at most"),
    ],
)
def test_what_is_no_amount_is_refused(amount: str, told: str) -> None:
    with pytest.raises(Refused, match=told):
        tips.made(amount, "EUR")


@pytest.mark.parametrize(
    ("amount", "currency"),
    [("5", "EURO"), ("5", "E"), ("5", "XXL"), ("5", "$$$"), ("5 gold", ""), ("⭐5", ""), ("50 kr", "")],
)
def test_what_is_no_currency_is_refused(amount: str, currency: str) -> None:
    with pytest.raises(tips.WrongTipError, match="currency"):
        tips.made(amount, currency)


@pytest.mark.parametrize(
    "sent",
    [
        {"amount": {"value": 5}}, {"amount": [5]}, {"amount": True}, {"amount": None}, {"amount": float("nan")},
        {"amount": 5, "name": {"first": "Nora"}}, {"amount": 5, "message": ["a"]}, {"amount": 5, "currency": 7},
        {"data": "[" * 100_000}, {"data": json.dumps(KOFI | {"type": ["Donation"], "amount": {}})[:40]},
    ],
)  # fmt: skip
def test_what_a_program_sends_by_mistake_is_told_back(sent: dict[str, Any]) -> None:
    with pytest.raises(tips.WrongTipError):
        tips.read(sent)


def test_empty_fields_are_none() -> None:
    tip = tips.read({"amount": 5, "currency": None, "name": None, "message": None, "id": None, "test": "on"})
    assert (tip.written, tip.name, tip.text, tip.known_as, tip.is_trial) == ("$5", "", "", "", True)


SIGNS_OF_ALL_KINDS = "0123456789.,'-+ €$₽£руб EURJPYWDeéя٣²½\u00a0\u202e\u0000\ud800\n😀"
"""What amounts are made of, and what is none of it: other digits, signs nobody sees, half a letter."""


def some(most: int) -> st.SearchStrategy[str]:
    return st.text(alphabet=SIGNS_OF_ALL_KINDS, max_size=most)


@given(some(60), some(5), some(80), some(700))
@example("1" + "0" * 30, "", "", "")
@example("0." + "0" * 40 + "1", "", "", "")
def test_whatever_is_sent_is_a_tip_or_told_to_be_none(amount: str, currency: str, name: str, text: str) -> None:
    try:
        tip = tips.made(amount, currency, name=name, text=text)
    except Refused:
        return
    assert 0 < tips.worth_cents(tip.micros, tip.currency) <= tips.MOST_DOLLARS * 100
    assert len(tip.name) <= tips.LONGEST_NAME
    assert len(tip.text) <= tips.LONGEST_TEXT
    assert (tip.name + tip.text).isprintable()


def test_ko_fi_is_read_and_what_is_not_public_stays_private() -> None:
    tip = kofi()
    assert (tip.written, tip.name, tip.text, tip.is_trial) == ("€3", "Nora", "Good luck!", False)
    private = kofi(is_public=False)
    assert (private.written, private.name, private.text) == ("€3", "", "")
    assert kofi(kofi_transaction_id="00000000-1111-2222-3333-444444444444").is_trial
    with pytest.raises(tips.NoTipError):
        kofi(type="Shop Order")
    for data in ("", "[]", "{}", "null", '{"type": "Donation"}'):
        with pytest.raises(Refused):
            tips.read({"data": data})


@pytest.mark.django_db
def test_a_tip_is_one_paid_event_however_often_it_is_told(channel: Channel) -> None:
    first = tips.take(channel, kofi(), acting_user=None)
    assert tips.take(channel, kofi(), acting_user=None) == first
    [row] = PaidEvent.objects.filter(channel=channel)
    assert (row.kind, row.state, row.event_id) == ("tip", "waiting", first)
    assert row.payload["tip"] == {"micros": 3_000_000, "currency": "EUR"}
    assert (row.payload["title"], row.payload["text"], row.payload["chatter"]["name"]) == ("€3", "Good luck!", "Nora")
    assert row.payload["amount"] == 348, "about the cents it is worth"
    assert "example.com" not in json.dumps(row.payload)
    tips.take(channel, tips.made("3", "EUR", name="Nora"), acting_user=None)
    tips.take(channel, tips.made("3", "EUR", name="Nora"), acting_user=None)
    assert PaidEvent.objects.count() == 3, "without an id each is another one"
    told = AuditEvent.objects.filter(action="chat.tip_told")
    assert [row.detail["given"] for row in told] == ["€3"] * 3
    assert tips.take(channel, tips.made("3", known_as="\ud800"), acting_user=None).startswith("tip-")


@pytest.mark.django_db
def test_without_a_name_nobody_is_named(channel: Channel) -> None:
    tips.take(channel, tips.made("3", "EUR", text="for the kettle"), acting_user=None)
    assert PaidEvent.objects.get().payload["chatter"] == {"id": "anonymous", "name": "Anonymous"}


@pytest.mark.django_db
def test_who_gave_it_can_be_forgotten_and_the_amount_stays(channel: Channel) -> None:
    tips.take(channel, kofi(), acting_user=None)
    [chatter] = chatters.find(channel, "nora")
    assert chatter.id == "tip-nora"
    forgetting.forget_chatter(channel, chatter.id)
    row = PaidEvent.objects.get()
    assert row.payload.keys() == set(retention.KEPT)
    assert row.payload["tip"] == {"micros": 3_000_000, "currency": "EUR"}
    assert "Nora" not in json.dumps(row.payload)
