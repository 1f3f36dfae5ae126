"""Things with a shape that are never read aloud: contact data, cards, addresses, links, secrets. Pure, linear-time."""

from __future__ import annotations

import re

_DIGIT_WORDS = {
    word: str(digit)
    for digit, words in enumerate(
        ("zero oh ноль нуль", "one один", "two два", "three три", "four четыре", "five пять", "six шесть", "seven семь",
         "eight восемь", "nine девять")
    )
    for word in words.split()
}  # fmt: skip
_EMAIL = re.compile(r"[\w.+-]{1,64}\s?(?:@|\(at\)|\[at\])\s?[\w-]{1,63}(?:\.|\s?\(dot\)\s?)[\w.-]{2,63}")
_URL = re.compile(r"(?:https?://|www\.)\S|\b[\w-]{2,63}\.(?:com|net|org|ru|io|gg|tv|ly|me|xyz|top|link|info|site)\b/?")
_IP = re.compile(r"\b(?:\d{1,3}\.){3}\d{1,3}\b")
_SECRET = re.compile(
    r"\b(?:sk|rk|pk|whsec|ghp|gho|xox[abp])[-_][\w-]{12,}|\boauth:\w{20,}|#k=[\w-]{20,}|\beyj[\w-]{15,}\.[\w-]{10,}"
)
_NUMBER = re.compile(r"\+?\d(?:[\s().-]{0,2}\d){8,18}")
_ADDRESS = re.compile(
    r"\b\d{1,5}\s+(?:\w+\s){1,3}(?:street|st|avenue|ave|road|rd|boulevard|blvd|lane|drive)\b"
    r"|\b(?:ул\.|улица|проспект|пр-т|переулок)\s+[\w-]+,?\s+(?:д\.?|дом)\s?\d+"
)


def find(text: str) -> tuple[str, str] | None:
    """(rule id, what was found) of the first such thing in plain lower-case text, or None."""
    for rule, pattern in (
        ("pattern.secret", _SECRET),
        ("pattern.email", _EMAIL),
        ("pattern.url", _URL),
        ("pattern.ip", _IP),
        ("pattern.address", _ADDRESS),
    ):
        if found := pattern.search(text):
            return rule, found[0]
    return _number(text) or _number(_digits_of_words(text))


def _number(text: str) -> tuple[str, str] | None:
    for found in _NUMBER.finditer(text):
        digits = re.sub(r"\D", "", found[0])
        if 13 <= len(digits) <= 19 and luhn(digits):
            return "pattern.card", found[0]
        if 10 <= len(digits) <= 15:
            return "pattern.phone", found[0]
    return None


def _digits_of_words(text: str) -> str:
    return " ".join(_DIGIT_WORDS.get(word, word) for word in re.findall(r"\w+|[^\w\s]", text))


def luhn(digits: str) -> bool:
    """Whether the digits carry the check digit of a payment card."""
    total = 0
    for place, digit in enumerate(map(int, reversed(digits))):
        doubled = digit * 2 if place % 2 else digit
        total += doubled - 9 if doubled > 9 else doubled
    return total % 10 == 0
