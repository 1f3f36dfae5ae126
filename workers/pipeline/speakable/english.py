"""English figures in words: amounts, money, times, dates, ranks, years, scores."""

from __future__ import annotations

import re

from workers.pipeline.speakable.figures import (
    LONGEST_CODE,
    ROMAN,
    SIGN,
    Figure,
    Rule,
    following,
    preceding,
    replace_figures,
    rule,
)
from workers.pipeline.speakable.lists import listed

_ONES = listed(
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen "
    "eighteen nineteen"
)
_TENS = listed("zero ten twenty thirty forty fifty sixty seventy eighty ninety")
_SCALES = ("thousand", "million", "billion", "trillion")
_IRREGULAR = {
    "one": "first", "two": "second", "three": "third", "five": "fifth", "eight": "eighth", "nine": "ninth",
    "twelve": "twelfth",
}  # fmt: skip
_MONTHS = (
    listed("January February March April May June July August September October November December")
)  # fmt: skip
_MONEY = {
    "$": ("dollar", "dollars", "cent", "cents"),
    "€": ("euro", "euros", "cent", "cents"),
    "£": ("pound", "pounds", "penny", "pence"),
    "₽": ("ruble", "rubles", "kopeck", "kopecks"),
    "¥": ("yen", "yen", "", ""),
}
_MAGNITUDE = {"k": "thousand", "m": "million", "b": "billion", "t": "trillion", "mil": "million", "bn": "billion"}
_UNITS = {
    "km": ("kilometer", "kilometers"), "cm": ("centimeter", "centimeters"), "mm": ("millimeter", "millimeters"),
    "kg": ("kilogram", "kilograms"), "mph": ("mile per hour", "miles per hour"),
    "km/h": ("kilometer per hour", "kilometers per hour"), "lbs": ("pound", "pounds"), "ft": ("foot", "feet"),
    "ms": ("millisecond", "milliseconds"), "sec": ("second", "seconds"), "min": ("minute", "minutes"),
    "mins": ("minute", "minutes"), "hrs": ("hour", "hours"), "hr": ("hour", "hours"), "h": ("hour", "hours"),
    "gb": ("gigabyte", "gigabytes"), "mb": ("megabyte", "megabytes"), "tb": ("terabyte", "terabytes"),
    "ghz": ("gigahertz", "gigahertz"), "hz": ("hertz", "hertz"), "fps": ("frame per second", "frames per second"),
    "hp": ("hit point", "hit points"), "xp": ("X P", "X P"), "px": ("pixel", "pixels"), "m": ("meter", "meters"),
}  # fmt: skip
_YEAR_WORDS = frozenset(
    listed("in since from until till by before after during year of circa early late mid summer winter spring fall")
) | frozenset(month.lower() for month in _MONTHS)
_NUMBER = r"(\d{1,3}(?:,\d{3})+|\d+)(?:\.(\d+))?"
_NOT_INSIDE = r"(?<![\d.,])"


def cardinal(number: int) -> str:
    """The number in words, without "and": it is shorter and never mistaken for a decimal mark."""
    if number < 20:
        return _ONES[number]
    if number < 100:
        return _TENS[number // 10] + (f"-{_ONES[number % 10]}" if number % 10 else "")
    words: list[str] = []
    for index in range(len(_SCALES), 0, -1):
        if count := number // 1000**index % 1000:
            words += [cardinal(count), _SCALES[index - 1]]
    rest = number % 1000
    if rest >= 100:
        words += [_ONES[rest // 100], "hundred"]
        rest %= 100
    if rest:
        words.append(cardinal(rest))
    return " ".join(words)


def ordinal(number: int) -> str:
    """first, twenty-first, one hundredth."""
    words = cardinal(number)
    cut = max(words.rfind(" "), words.rfind("-")) + 1
    last = words[cut:]
    regular = last[:-1] + "ieth" if last.endswith("y") else last + "th"
    return words[:cut] + _IRREGULAR.get(last, regular)


def year(number: int) -> str:
    """2024 as twenty twenty-four, 2005 as two thousand five, 1900 as nineteen hundred."""
    high, low = divmod(number, 100)
    if low == 0:
        return cardinal(number) if high % 10 == 0 else f"{cardinal(high)} hundred"
    if high % 10 == 0 and low < 10:
        return cardinal(number)
    return f"{cardinal(high)} {'oh ' if low < 10 else ''}{cardinal(low)}"


def digits(text: str) -> str:
    return " ".join(_ONES[int(digit)] for digit in text)


def amount(figure: Figure) -> str:
    """Any number as written; a fraction digit by digit."""
    if len(figure.whole) > LONGEST_CODE or len(figure.fraction) > LONGEST_CODE:
        return "a very long number"
    words = digits(figure.whole) if figure.is_code else cardinal(figure.number)
    if figure.fraction:
        words += f" point {digits(figure.fraction)}"
    return f"minus {words}" if figure.negative else words


def read_figures(text: str) -> str:
    """The text with every figure in words."""
    return replace_figures(text, _RULES)


def _figure(match: re.Match[str], first: int = 1) -> Figure:
    whole, fraction = match[first].replace(",", ""), match[first + 1] or ""
    return Figure(whole, fraction, negative=match[0][:1] in "-−–")


def _date(month: int, day: int, of_year: str = "") -> str:
    when = f"{_MONTHS[month - 1]} {ordinal(day)}"
    return f"{when}, {year(int(of_year))}" if of_year else when


def _iso(match: re.Match[str]) -> str:
    month, day = int(match[2]), int(match[3])
    return _date(month, day, match[1]) if 1 <= month <= 12 and 1 <= day <= 31 else match[0]


def _slashed(match: re.Match[str]) -> str:
    month, day = int(match[1]), int(match[2])
    if month > 12:
        month, day = day, month
    if not (1 <= month <= 12 and 1 <= day <= 31):
        return match[0]
    return _date(month, day, match[3] if len(match[3]) == 4 else f"20{match[3]}")


def _month_day(match: re.Match[str]) -> str:
    day = int(match[2])
    return f"{match[1]} {ordinal(day)}" if 1 <= day <= 31 else match[0]


def _time(match: re.Match[str]) -> str:
    hours, minutes, half = int(match[1]), int(match[2]), (match[4] or "").replace(".", "").strip().upper()
    if hours > 24 or minutes > 59:
        return f"{cardinal(hours)} {cardinal(minutes)}"
    if match[3]:
        return f"{cardinal(hours)} {_two_digits(minutes)} {_two_digits(int(match[3]))}"
    if minutes:
        words = f"{cardinal(hours)} {_two_digits(minutes)}"
    elif half:
        words = cardinal(hours)
    else:
        words = f"{cardinal(hours)} o'clock" if 0 < hours <= 12 else f"{cardinal(hours)} hundred"
    return f"{words} {half[0]} {half[1]}" if half else words


def _two_digits(number: int) -> str:
    return f"oh {cardinal(number)}" if 0 < number < 10 else ("oh oh" if number == 0 else cardinal(number))


def _hour(match: re.Match[str]) -> str:
    return f"{cardinal(int(match[1]))} {match[2][0].upper()} M"


def _money(figure: Figure, sign: str, magnitude: str) -> str:
    one, many, cent, cents = _MONEY[sign]
    if magnitude:
        return f"{amount(figure)} {_MAGNITUDE.get(magnitude.lower(), magnitude.lower())} {many}"
    if len(figure.fraction) == 2 and cent and not figure.is_code:
        whole, part = figure.number, int(figure.fraction)
        pieces = [f"{amount(Figure(figure.whole))} {one if whole == 1 else many}"] if whole or not part else []
        if part:
            pieces.append(f"{cardinal(part)} {cent if part == 1 else cents}")
        return ("minus " if figure.negative else "") + " ".join(pieces)
    return f"{amount(figure)} {one if figure == Figure('1') else many}"


def _money_before(match: re.Match[str]) -> str:
    figure = Figure(match[3].replace(",", ""), match[4] or "", negative=bool(match[1]))
    return _money(figure, match[2], match[5] or "")


def _magnitude(match: re.Match[str]) -> str:
    return f"{amount(_figure(match))} {_MAGNITUDE[match[3].lower()]}"


def _unit(match: re.Match[str]) -> str:
    figure, (one, many) = _figure(match), _UNITS[match[3].lower()]
    return f"{amount(figure)} {one if figure == Figure('1') else many}"


def _degrees(match: re.Match[str]) -> str:
    figure = _figure(match)
    scale = {"c": " Celsius", "f": " Fahrenheit"}.get((match[3] or "").lower(), "")
    return f"{amount(figure)} degree{'' if figure == Figure('1') else 's'}{scale}"


def _decade(match: re.Match[str]) -> str:
    words = year(int(match[1])) if len(match[1]) == 4 else cardinal(int(match[1]))
    return words[:-1] + "ies" if words.endswith("y") else words + "s"


def _fraction(match: re.Match[str]) -> str:
    top, bottom = int(match[1]), int(match[2])
    if (top, bottom) == (24, 7):
        return "twenty-four seven"
    named = {2: ("half", "halves"), 3: ("third", "thirds"), 4: ("quarter", "quarters")}.get(bottom)
    if named and 0 < top < bottom:
        return f"{cardinal(top)} {named[top > 1]}"
    return f"{cardinal(top)} out of {cardinal(bottom)}"


def _plain(match: re.Match[str]) -> str:
    figure = _figure(match)
    if _is_year(match, figure):
        return year(figure.number)
    return amount(figure)


def _is_year(match: re.Match[str], figure: Figure) -> bool:
    if figure.fraction or figure.negative or len(match[0]) != 4 or not 1100 <= figure.number <= 2099:
        return False
    if preceding(match) in _YEAR_WORDS:
        return True
    after = following(match, 1)
    return figure.number >= 1900 and not (after and after[0].endswith("s"))


_MONTH = "|".join(_MONTHS) + "|Jan|Feb|Mar|Apr|Jun|Jul|Aug|Sept?|Oct|Nov|Dec"
_MAG = r"[ \u00a0]?(thousand|million|billion|trillion|(?:mil|bn|[kmbt])(?![a-z]))"
_RULES: tuple[Rule, ...] = (
    rule(r"(?<!\d)(\d{4})-(\d\d)-(\d\d)(?!\d)", _iso),
    rule(r"(?<![\d/])(\d{1,2})/(\d{1,2})/(\d{4}|\d\d)(?![\d/])", _slashed),
    rule(rf"\b({_MONTH})\.? (\d{{1,2}})(?:st|nd|rd|th)?(?![\d:])", _month_day),
    rule(r"(?<![\d:])(\d{1,2}):([0-5]\d)(?::([0-5]\d))?(?![\d:])(?:[ \u00a0]?([ap]\.?m\b\.?))?", _time),
    rule(r"(?<![\d.])(\d{1,2})[ \u00a0]?([ap])\.?m\b\.?", _hour),
    rule(rf"([-−]?)([$€£₽¥])[ \u00a0]?{_NUMBER}(?:{_MAG})?", _money_before),
    rule(rf"{_NOT_INSIDE}{SIGN}{_NUMBER}[ \u00a0]?([$€£₽¥])", lambda m: _money(_figure(m), m[3], "")),
    rule(rf"{_NOT_INSIDE}{SIGN}{_NUMBER}[ \u00a0]?%", lambda m: f"{amount(_figure(m))} percent"),
    rule(rf"{_NOT_INSIDE}{SIGN}{_NUMBER}[ \u00a0]?°[ \u00a0]?([cf]\b)?", _degrees),
    rule(r"(?<![\d.,])([248])K\b(?! \w+s\b)", lambda m: f"{_ONES[int(m[1])]} K", ignore_case=False),
    rule(rf"{_NOT_INSIDE}{SIGN}{_NUMBER}([kmb])\b", _magnitude, ignore_case=True),
    rule(r"(?<![\d.,])(\d{1,15})(?:st|nd|rd|th)\b", lambda m: ordinal(int(m[1]))),
    rule(r"(?<![\d.,])(\d{2}|1[1-9]\d0|20\d0)['’]?s\b", _decade),
    rule(rf"{_NOT_INSIDE}{SIGN}{_NUMBER}[ \u00a0]?({'|'.join(sorted(_UNITS, key=len, reverse=True))})\b", _unit),
    rule(r"[#№][ \u00a0]?(?=\d)", lambda m: "number "),
    rule(r"\b[x×](?=\d)", lambda m: "times "),
    rule(r"(?<=\d)[x×]\b", lambda m: " times"),
    rule(r"(?<=\d)[ \u00a0]?[x×*][ \u00a0]?(?=\d)", lambda m: " by "),
    rule(r"(?<![\d./])(\d{1,3})/(\d{1,3})(?![\d/])", _fraction),
    rule(r"(?<!\d)(\d{1,3})[ \u00a0]?:[ \u00a0]?(\d{1,3})(?![\d:])", lambda m: f"{m[1]} to {m[2]}"),
    rule(r"(?<=\d)[ \u00a0]?[-–—][ \u00a0]?(?=\d)", lambda m: " to "),
    rule(r"(?<=\d)\.(?=\d+\.\d)|(?<=\.\d)\.(?=\d)|(?<=\.\d\d)\.(?=\d)", lambda m: " point "),
    rule(r"(?<!\w)\+(?=\d)", lambda m: "plus "),
    rule(rf"(?<=[a-z] )({'|'.join(r for r in ROMAN if len(r) > 1)})\b(?!['’])", lambda m: cardinal(ROMAN[m[1]]),
         ignore_case=False),
    rule(rf"{SIGN}{_NUMBER}", _plain),
)  # fmt: skip
