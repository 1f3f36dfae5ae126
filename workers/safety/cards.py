"""Whether a character card may be played on a stream. The rules of the gate over all a card says, before it is kept.

The gate stands behind her mouth in any case. This asks another thing: whether a character is made for what may not be
broadcast, so that every reply would pull that way.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from workers.safety.lexicon import Found, lexicon
from workers.safety.normalise import filled, masked, plain, readings

PIECE = 450
"""Characters judged together: what a chat message has, which the rules are made for."""
MOST_CHARACTERS = 1_000_000
"""Of all texts together. More than any card has, and some seconds of work."""
MOST_ALONE = 5_000
"""Pieces that are judged one by one, more than cards have; what comes after is put together line by line."""
SEXUAL_HITS = 3
"""Different sexual words from which on a card is taken for a sexual one; fewer are shown to the broadcaster."""
_ADULT_TAGS = frozenset(
    {"nsfw", "nsfl", "porn", "hentai", "erotic", "erotica", "smut", "18+", "r18", "lewd", "sexual", "ero"}
)
_MINOR_TAGS = frozenset({"loli", "lolicon", "shota", "shotacon", "underage", "minor", "cub", "toddlercon"})
_AGE = re.compile(
    r"\bage[ds]?\W{0,4}(?:is |of )?(?P<a>1[0-7]|[1-9])\b(?! ?(?:hundred|thousand|centur|million))"
    r"|\b(?P<b>1[0-7]|[1-9])[\s-]?(?:years?[\s-]old|y\.?o\b|-?летн|лет\b)"
    r"|\bвозраст\W{0,4}(?P<c>1[0-7]|[1-9])\b"
    r"|\b(?:underage|preteen|schoolchild|elementary school|middle school)\b|\b(?:несовершеннолетн|школьниц)",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class CardVerdict:
    """`rule` is empty where the card may be played. `evidence` is what broke it, `hints` are words to look at."""

    rule: str = ""
    evidence: str = ""
    hints: tuple[str, ...] = ()


def judge_card(texts: Iterable[str], tags: Sequence[str] = ()) -> CardVerdict:
    """The verdict on all texts of a card together."""
    texts = [text for text in texts if text.strip()]
    if sum(map(len, texts)) > MOST_CHARACTERS:
        return CardVerdict("card.too_long")
    labels = {tag.strip().lower() for tag in tags}
    if young := labels & _MINOR_TAGS:
        return CardVerdict("card.minors", min(young))
    sexual: dict[str, None] = {}
    for found in _found(texts):
        if found.rule_id.startswith("lexicon.tier1"):
            return CardVerdict(found.rule_id, found.evidence)
        if found.rule_id.endswith(".sexual"):
            sexual[found.evidence] = None
    adult = labels & _ADULT_TAGS
    if (sexual or adult) and (age := next(filter(None, map(_AGE.search, texts)), None)):
        return CardVerdict("card.minors", ", ".join([age[0].strip(), *sexual, *sorted(adult)]))
    if adult or len(sexual) >= SEXUAL_HITS:
        return CardVerdict("card.sexual", ", ".join([*sorted(adult), *sexual]))
    return CardVerdict(hints=tuple(sexual))


def _found(texts: Iterable[str]) -> Iterator[Found]:
    """What the rules object to, the first in each piece."""
    rules = lexicon("standard")
    for piece in bundled(list(dict.fromkeys(piece for text in texts for piece in pieces(text)))):
        base = plain(piece)
        if found := rules.find(readings(piece, base), masked(base), filled(base)):
            yield found


def bundled(found: Sequence[str]) -> Iterator[str]:
    """The pieces as they are judged: each costs time however short it is, so the number of them is bounded too."""
    yield from found[:MOST_ALONE]
    lines: list[str] = []
    length = 0
    for piece in found[MOST_ALONE:]:
        if length + len(piece) >= PIECE:
            yield "\n".join(lines)
            lines, length = [], 0
        lines.append(piece)
        length += len(piece) + 1
    if lines:
        yield "\n".join(lines)


def pieces(text: str) -> Iterator[str]:
    """The text in parts of at most PIECE characters, cut at the end of a line or sentence where there is one."""
    place = 0
    while place < len(text):
        end = place + PIECE
        if end < len(text):
            cut = max(text.rfind(sign, place + PIECE // 3, end) for sign in ("\n", ". ", "! ", "? "))
            cut = cut if cut > 0 else text.rfind(" ", place + PIECE // 3, end)
            end = cut + 1 if cut > 0 else end
        if piece := text[place:end].strip():
            yield piece
        place = end
