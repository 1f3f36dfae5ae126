"""Money given outside of Twitch, as a tip service or a program of the broadcaster's tells of it.

Twitch says nothing about tips, so whoever received one tells us: over an action URL or the API. It is a paid event as a
cheer is: a row before it travels, and answered in the same lane.
"""

from __future__ import annotations

import hashlib
import json
import re
import time
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from channels_app import paid, push
from channels_app.actions import Refused
from channels_app.models import Channel, PaidEvent

KIND = "tip"
MICROS = 1_000_000
MOST = Decimal(10_000_000)
"""Of any currency, in one tip."""
LONGEST_NAME = 40
LONGEST_TEXT = 500
TRIAL = "typed-"
"""Ids of what was only tried out begin so: answered as if somebody had paid, and counted as no income."""
NOBODY = {"id": "anonymous", "name": "Anonymous"}

WORTH_FROM = date(2025, 10, 1)
WORTH_CENTS: Mapping[str, Decimal] = {
    code: Decimal(cents)
    for code, cents in {
        "USD": "100", "EUR": "116", "GBP": "134", "CHF": "125", "CAD": "72", "AUD": "65", "NZD": "58", "JPY": "0.66",
        "CNY": "14", "HKD": "12.8", "TWD": "3.3", "KRW": "0.07", "SGD": "77", "MYR": "23.7", "THB": "3.1",
        "PHP": "1.7", "IDR": "0.006", "VND": "0.0038", "INR": "1.13", "SEK": "10.6", "NOK": "9.9", "DKK": "15.5",
        "PLN": "27", "CZK": "4.8", "HUF": "0.3", "RON": "22.8", "BGN": "59", "UAH": "2.4", "RUB": "1.24",
        "BYN": "29", "KZT": "0.19", "TRY": "2.4", "ILS": "30", "BRL": "18.6", "MXN": "5.4", "ARS": "0.07",
        "CLP": "0.1", "COP": "0.026", "PEN": "29", "ZAR": "5.8",
    }.items()
}  # fmt: skip
"""US cents for one of each currency, about, as of `WORTH_FROM`: to tell a large tip from a small one, and for what the
page of figures calls "about". What was given stands beside it as it was given."""
_CURRENCIES = """
AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BGN BHD BIF BMD BND BOB BRL BSD BTN BWP BYN BZD CAD CDF
CHF CLP CNY COP CRC CUP CVE CZK DJF DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GNF GTQ GYD HKD
HNL HTG HUF IDR ILS INR IQD IRR ISK JMD JOD JPY KES KGS KHR KMF KPW KRW KWD KYD KZT LAK LBP LKR LRD LSL LYD
MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MYR MZN NAD NGN NIO NOK NPR NZD OMR PAB PEN PGK PHP PKR PLN
PYG QAR RON RSD RUB RWF SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TND TOP TRY
TTD TWD TZS UAH UGX USD UYU UZS VES VND VUV WST XAF XCD XOF XPF YER ZAR ZMW ZWG
"""
CURRENCIES = frozenset(_CURRENCIES.split())
"""Of ISO 4217. Any other three letters would be a word that somebody wants to hear spoken."""
SIGNS = {"$": "USD", "€": "EUR", "£": "GBP", "¥": "JPY", "₽": "RUB", "₴": "UAH", "₸": "KZT", "zł": "PLN"}
WRITTEN = {"USD": "${}", "EUR": "€{}", "GBP": "£{}", "JPY": "¥{}", "RUB": "{} ₽"}
"""How an amount is written for whoever reads it aloud; other currencies by their code."""
_AMOUNT = re.compile(r"[.,]?\d[\d.,'\s]*")
LONGEST_AMOUNT = 40

NAMES = ("name", "from", "from_name", "user", "username")
WORDS = ("message", "text")
KOFI_TIPS = frozenset({"Donation", "Subscription"})
KOFI_TRIAL = "00000000-1111-2222"
"""How the transaction of Ko-fi's own test begins."""


class NoTipError(Exception):
    """A payment that is no tip, such as an order in a shop."""


@dataclass(frozen=True, slots=True)
class Tip:
    """`micros`: millionths of the currency. Without a name nobody is named. `known_as`: the service's own id."""

    micros: int
    currency: str
    name: str = ""
    text: str = ""
    known_as: str = ""
    is_trial: bool = False

    @property
    def written(self) -> str:
        """€4.50, 500 ₽, 20 PLN."""
        units = Decimal(self.micros) / MICROS
        number = str(units.quantize(Decimal(1))) if units == units.to_integral() else f"{units:.2f}"
        return WRITTEN.get(self.currency, "{} " + self.currency).format(number)


def read(given: Mapping[str, Any]) -> Tip:
    """The tip in the fields of a call, or in what Ko-fi sends. Raises Refused with what is wrong, NoTipError."""
    if "data" in given:
        return _from_kofi(given["data"])
    amount = given.get("amount", "")
    return made(
        amount if isinstance(amount, Decimal) else Decimal(str(amount)) if isinstance(amount, float) else str(amount),
        str(given.get("currency", "")),
        name=next((str(given[key]) for key in NAMES if given.get(key)), ""),
        text=next((str(given[key]) for key in WORDS if given.get(key)), ""),
        known_as=str(given.get("id") or ""),
        is_trial=str(given.get("test", "")).lower() in ("1", "true", "yes"),
    )


def made(
    amount: str | Decimal, currency: str, *, name: str = "", text: str = "", known_as: str = "", is_trial: bool = False
) -> Tip:
    """A tip out of words. A currency that is not named is told by the amount's sign, else it is the US dollar.

    Raises Refused.
    """
    code = currency.strip().upper() or next((SIGNS[sign] for sign in SIGNS if sign in str(amount)), "USD")
    if code not in CURRENCIES:
        raise Refused(_("This is no currency. Write its three letters, such as EUR."))
    return Tip(
        micros=_micros(amount if isinstance(amount, Decimal) else _number(amount)),
        currency=code,
        name=_one_line(name)[:LONGEST_NAME].strip(),
        text=_one_line(text)[:LONGEST_TEXT].strip(),
        known_as=known_as,
        is_trial=is_trial,
    )


def take(channel: Channel, tip: Tip) -> str:
    """Stores the tip and tells her run of it. The same tip told again is the same event. Returns the event's id."""
    event_id = _id_of(tip)
    if PaidEvent.objects.filter(channel=channel, event_id=event_id).exists():
        return event_id
    event = paid.store(channel, {"id": event_id, "chatter": _chatter_of(tip), "at": time.time(), **as_event(tip)})
    transaction.on_commit(lambda: push.inbox_now(channel, {"t": "event", "event": event}), robust=True)
    return event_id


def as_event(tip: Tip) -> dict[str, Any]:
    """What an event says about the tip: `amount` is what it is worth in US cents, which a bit is too; 0: unknown."""
    return {
        "kind": KIND,
        "text": tip.text,
        "amount": max(1, round(worth_cents(tip.micros, tip.currency))) if tip.currency in WORTH_CENTS else 0,
        "title": tip.written,
        "tip": {"micros": tip.micros, "currency": tip.currency},
    }


def worth_cents(micros: int, currency: str) -> Decimal:
    """About so many US cents; 0 for a currency nobody here knows."""
    return Decimal(micros) / MICROS * WORTH_CENTS.get(currency, Decimal(0))


def _id_of(tip: Tip) -> str:
    if tip.is_trial or not tip.known_as:
        return f"{TRIAL if tip.is_trial else ''}tip-{uuid.uuid4().hex}"
    return f"tip-{hashlib.sha256(tip.known_as.encode()).hexdigest()[:32]}"


def _chatter_of(tip: Tip) -> dict[str, str]:
    """Nobody known from chat: anybody may write any name beside money."""
    return {"id": f"tip-{tip.name.lower()}"[:64], "name": tip.name} if tip.name else NOBODY


def _number(amount: str) -> Decimal:
    """4.50, 4,50, $5.00, 1 234,5 ₽."""
    found = _AMOUNT.search(amount[:LONGEST_AMOUNT])
    if found is None or "-" in amount:
        raise Refused(_("Say how much it is, such as amount=5 or amount=4.50."))
    digits = re.sub(r"['\s]", "", found[0]).rstrip(".,").replace(",", ".")
    units, mark, rest = digits.rpartition(".")
    # The last mark parts thousands where three digits follow; the others always do.
    is_whole = not mark or (len(rest) == 3 and units.strip("0") != "")
    return Decimal(units.replace(".", "") + ("" if is_whole else ".") + rest)


def _micros(number: Decimal) -> int:
    micros = int((number * MICROS).to_integral_value(ROUND_HALF_UP)) if number.is_finite() and number <= MOST else 0
    if micros <= 0:
        raise Refused(_("A tip is more than nothing, and %(most)s at most.") % {"most": f"{MOST:,}"})
    return micros


def _from_kofi(data: Any) -> Tip:
    """What Ko-fi posts to a webhook: one field `data` with JSON. What its giver keeps private is not said aloud."""
    try:
        sent = data if isinstance(data, dict) else json.loads(str(data))
        kind, amount = str(sent["type"]), str(sent["amount"])
    except (ValueError, KeyError, TypeError):
        raise Refused(_("This is not what Ko-fi sends.")) from None
    if kind not in KOFI_TIPS:
        raise NoTipError(kind)
    is_public = sent.get("is_public") is True
    return made(
        amount,
        str(sent.get("currency") or ""),
        name=str(sent.get("from_name") or "") if is_public else "",
        text=str(sent.get("message") or "") if is_public else "",
        known_as=str(sent.get("message_id") or sent.get("kofi_transaction_id") or ""),
        is_trial=str(sent.get("kofi_transaction_id") or "").startswith(KOFI_TRIAL),
    )


def _one_line(text: str) -> str:
    return " ".join("".join(letter if letter.isprintable() else " " for letter in text).split())
