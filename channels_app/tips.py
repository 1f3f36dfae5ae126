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
from channels_app.actions import Refused, record
from channels_app.models import Channel, PaidEvent, User

KIND = "tip"
MICROS = 1_000_000
MOST_DOLLARS = 100_000
"""What one tip may be worth, about."""
LONGEST_NAME = 40
LONGEST_TEXT = 500
TRIAL = "typed-"
"""Ids of what was only tried out begin so: answered as if somebody had paid, and counted as no income."""
CHATTER = "tip-"
"""Ids of those who gave begin so. They are nobody known from chat: anybody may write any name beside money."""
ANONYMOUS = "anonymous"
NOBODY = {"id": ANONYMOUS, "name": "Anonymous"}

WORTH_FROM = date(2025, 10, 1)
WORTH_CENTS: Mapping[str, Decimal] = {
    code: Decimal(cents)
    for code, cents in {
        "USD": "100", "EUR": "116", "GBP": "134", "CHF": "125", "CAD": "72", "AUD": "65", "NZD": "58", "JPY": "0.66",
        "CNY": "14", "HKD": "12.8", "TWD": "3.3", "KRW": "0.07", "SGD": "77", "MYR": "23.7", "THB": "3.1",
        "PHP": "1.7", "IDR": "0.006", "VND": "0.0038", "INR": "1.13", "PKR": "0.35", "BDT": "0.82", "LKR": "0.33",
        "SEK": "10.6", "NOK": "9.9", "DKK": "15.5", "ISK": "0.82", "PLN": "27", "CZK": "4.8", "HUF": "0.3",
        "RON": "22.8", "BGN": "59", "RSD": "1", "MDL": "5.9", "UAH": "2.4", "RUB": "1.24", "BYN": "29", "KZT": "0.19",
        "KGS": "1.14", "UZS": "0.0083", "AMD": "0.26", "AZN": "58.8", "GEL": "36.8", "TRY": "2.4", "ILS": "30",
        "AED": "27.2", "SAR": "26.7", "QAR": "27.5", "KWD": "326", "BHD": "265", "OMR": "260", "JOD": "141",
        "TND": "34", "MAD": "10.9", "EGP": "2.1", "NGN": "0.068", "KES": "0.77", "ZAR": "5.8", "BRL": "18.6",
        "MXN": "5.4", "ARS": "0.07", "CLP": "0.1", "COP": "0.026", "PEN": "29", "UYU": "2.5", "BOB": "14.5",
        "CRC": "0.2", "GTQ": "13", "DOP": "1.6", "PYG": "0.014",
    }.items()
}  # fmt: skip
"""US cents for one of each currency that is taken, about, as of `WORTH_FROM`: to tell a large tip from a small one, and
for what the page of figures calls "about". What was given stands beside it as it was given."""
THOUSANDTHS = frozenset({"BHD", "JOD", "KWD", "OMR", "TND"})
"""Currencies of three decimals, in which 4.500 is no thousands."""
SIGNS = {
    "CA$": "CAD", "C$": "CAD", "A$": "AUD", "AU$": "AUD", "NZ$": "NZD", "HK$": "HKD", "S$": "SGD", "MX$": "MXN",
    "R$": "BRL", "US$": "USD", "$": "USD", "€": "EUR", "£": "GBP", "¥": "JPY", "₽": "RUB", "руб": "RUB", "р": "RUB",
    "₴": "UAH", "грн": "UAH", "₸": "KZT", "тг": "KZT", "zł": "PLN", "Kč": "CZK", "₩": "KRW", "₹": "INR", "₺": "TRY",
    "₫": "VND", "₱": "PHP", "฿": "THB", "₪": "ILS", "Ft": "HUF", "лв": "BGN", "₾": "GEL",
}  # fmt: skip
"""What may stand beside an amount in place of a currency of its own."""
WRITTEN = {"USD": "${}", "EUR": "€{}", "GBP": "£{}", "JPY": "¥{}", "RUB": "{} ₽"}
"""How an amount is written for whoever reads it aloud; other currencies by their code."""
_AMOUNT = re.compile(r"[.,]?\d[\d.,'\s]*")
LONGEST_AMOUNT = 40

NAMES = ("name", "from", "from_name", "user", "username")
WORDS = ("message", "text")
YES = frozenset({"1", "1.0", "true", "yes", "on"})
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
        number = str(int(units)) if units == units.to_integral() else f"{units:.{_decimals(self.currency)}f}"
        return WRITTEN.get(self.currency, "{} " + self.currency).format(number)


class WrongTipError(Refused):
    """What was sent is no tip; `field` says where."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(message)
        self.field = field


def read(given: Mapping[str, Any]) -> Tip:
    """The tip in the fields of a call, or in what Ko-fi sends. Raises WrongTipError, NoTipError."""
    if "data" in given:
        return _from_kofi(given["data"])
    return made(
        _amount(given),
        plain(given, "currency"),
        name=next((text for key in NAMES if (text := plain(given, key))), ""),
        text=next((text for key in WORDS if (text := plain(given, key))), ""),
        known_as=plain(given, "id"),
        is_trial=str(given.get("test", "")).lower() in YES,
    )


def plain(given: Mapping[str, Any], field: str) -> str:
    """A field as text; "" where there is none. Raises WrongTipError for what is neither text nor a number."""
    value = given.get(field)
    if value is None:
        return ""
    if isinstance(value, bool) or not isinstance(value, str | int | float | Decimal):
        raise WrongTipError(field, _("“%(field)s” has to be a text or a number.") % {"field": field})
    return str(value)


def _amount(given: Mapping[str, Any]) -> str | Decimal:
    """A number of a program is one: there are no thousands to guess in it."""
    text = plain(given, "amount")
    return text if not text or isinstance(given["amount"], str) else Decimal(text)


def made(
    amount: str | Decimal, currency: str = "", *, name: str = "", text: str = "", known_as: str = "",
    is_trial: bool = False,
) -> Tip:  # fmt: skip
    """A tip out of words. A currency that is not named is told by what stands beside the amount; a bare number is US
    dollars. Raises WrongTipError."""
    code = _currency(currency or _beside(amount))
    number = amount if isinstance(amount, Decimal) else _number(amount, code)
    return Tip(
        micros=_micros(number, code),
        currency=code,
        name=_one_line(name)[:LONGEST_NAME].strip(),
        text=_one_line(text)[:LONGEST_TEXT].strip(),
        known_as=known_as,
        is_trial=is_trial,
    )


@transaction.atomic
def take(channel: Channel, tip: Tip, *, acting_user: User | None) -> str:
    """Stores the tip and tells her run of it. The same tip told again is the same event. Returns the event's id."""
    event_id = _id_of(tip)
    if PaidEvent.objects.filter(channel=channel, event_id=event_id).exists():
        return event_id
    event = paid.store(channel, {"id": event_id, "chatter": _chatter_of(tip), "at": time.time(), **as_event(tip)})
    record(channel, acting_user, "chat.tip_told", event=event_id, given=tip.written)
    transaction.on_commit(lambda: push.inbox_now(channel, {"t": "event", "event": event}), robust=True)
    return event_id


def as_event(tip: Tip) -> dict[str, Any]:
    """What an event says about the tip: `amount` is what it is worth in US cents, which a bit is too."""
    return {
        "kind": KIND,
        "text": tip.text,
        "amount": max(1, round(worth_cents(tip.micros, tip.currency))),
        "title": tip.written,
        "tip": {"micros": tip.micros, "currency": tip.currency},
    }


def worth_cents(micros: int, currency: str) -> Decimal:
    """About so many US cents; 0 for a currency that is no longer known."""
    return Decimal(micros) / MICROS * WORTH_CENTS.get(currency, Decimal(0))


def _id_of(tip: Tip) -> str:
    if tip.is_trial or not tip.known_as:
        return f"{TRIAL if tip.is_trial else ''}{KIND}-{uuid.uuid4().hex}"
    digest = hashlib.sha256(tip.known_as.encode(errors="surrogatepass"))
    return f"{KIND}-{digest.hexdigest()[:32]}"


def _chatter_of(tip: Tip) -> dict[str, str]:
    return {"id": f"{CHATTER}{tip.name.lower()}"[:64], "name": tip.name} if tip.name else NOBODY


def _currency(words: str) -> str:
    """The code of a currency that stands as its code or its sign."""
    words = words.strip().rstrip(".")
    code = SIGNS.get(words) or SIGNS.get(words.lower()) or words.upper() or "USD"
    if code not in WORTH_CENTS:
        raise WrongTipError("currency", _("This is no currency we know. Write its three letters, such as EUR."))
    return code


def _beside(amount: str | Decimal) -> str:
    """What stands beside the digits of an amount."""
    return "" if isinstance(amount, Decimal) else _AMOUNT.sub("", amount[:LONGEST_AMOUNT], count=1)


def _number(amount: str, currency: str) -> Decimal:
    """4.50, 4,50, $5.00, 1 234,5 ₽."""
    found = _AMOUNT.search(amount[:LONGEST_AMOUNT])
    if found is None or "-" in amount:
        raise WrongTipError("amount", _("Say how much it is, such as amount=5 or amount=4.50."))
    digits = re.sub(r"['\s]", "", found[0]).rstrip(".,").replace(",", ".")
    units, mark, rest = digits.rpartition(".")
    # The last mark parts thousands where three digits follow; the others always do.
    is_thousands = len(rest) == 3 and units.strip("0") != "" and currency not in THOUSANDTHS
    return Decimal(units.replace(".", "") + ("" if not mark or is_thousands else ".") + rest)


def _micros(number: Decimal, currency: str) -> int:
    most = MOST_DOLLARS * 100 / WORTH_CENTS[currency]
    # Below its smallest coin it is nothing. What is far too much has more digits than can be rounded.
    if not number.is_finite() or not 0 < number < 2 * most or not 0 < round(number, _decimals(currency)) <= most:
        what = {"most": f"{MOST_DOLLARS:,}"}
        raise WrongTipError("amount", _("A tip is more than nothing, and worth $%(most)s at most.") % what)
    return int((number * MICROS).to_integral_value(ROUND_HALF_UP))


def _decimals(currency: str) -> int:
    return 3 if currency in THOUSANDTHS else 2


def _from_kofi(data: Any) -> Tip:
    """What Ko-fi posts to a webhook: one field `data` with JSON. What its giver keeps private is not said aloud."""
    try:
        sent = data if isinstance(data, dict) else json.loads(str(data))
    except (ValueError, RecursionError):
        sent = None
    if not isinstance(sent, dict) or not {"type", "amount"} <= set(sent):
        raise WrongTipError("data", _("This is not what Ko-fi sends."))
    if str(sent["type"]) not in KOFI_TIPS:
        raise NoTipError
    is_public = sent.get("is_public") is True
    transaction_id = plain(sent, "kofi_transaction_id")
    return made(
        _amount(sent),
        plain(sent, "currency"),
        name=plain(sent, "from_name") if is_public else "",
        text=plain(sent, "message") if is_public else "",
        known_as=plain(sent, "message_id") or transaction_id,
        is_trial=transaction_id.startswith(KOFI_TRIAL),
    )


def _one_line(text: str) -> str:
    return " ".join("".join(letter if letter.isprintable() else " " for letter in text).split())
