"""First lists of what is never said (tier 1) and what a family stream does not say (tier 2), as roots.

The words stand here in the open because a filter must be readable; they are our own short list, kept minimal.
"""

from __future__ import annotations

import re

_BEGIN, _END = r"(?<!\w)(?:", r")"

TIER_1 = re.compile(
    _BEGIN
    + "|".join(
        (
            r"nigg(?:er|a|uh)\w*", r"fag(?:g?ot)?s?(?!\w)", r"kike\w*", r"spics?(?!\w)", r"chink(?:s|y)?(?!\w)",
            r"tranny\w*", r"retard(?:ed|s)?(?!\w)", r"ниг+ер\w*", r"пид[оа]р\w*", r"пидр\w*",
            r"жид(?:ы|ов|яра|овск\w*)?(?!\w)", r"хач(?:и|ей)?(?!\w)", r"чурк\w*", r"хохл\w{0,4}(?!\w)",
        )
    )
    + _END
)  # fmt: skip
TIER_1_PHRASES = re.compile(
    r"(?<!\w)(?:gas the \w+|heil hitler|sieg heil|хайль гитлер|зиг хайль|kill yourself|kys(?!\w)|убей себя|выпились"
    r"|child porn\w*|детск\w+ порн\w*"
    r"|(?:holocaust|genocide)\s+(?:\w+\s+){0,4}(?:fake|hoax|never happened|a lie|lie)"
    r"|(?:холокост\w*|геноцид\w*)\s+(?:\w+\s+){0,4}(?:не было|выдум\w+|миф))"
)
TIER_2 = re.compile(
    _BEGIN
    + "|".join(
        (
            r"(?:mother)?fuck\w*", r"(?:bull)?shit\w*", r"cunt\w*", r"bitch\w*", r"whore\w*", r"dick(?:head)?s?(?!\w)",
            r"cock(?:sucker)?s?(?!\w)", r"pussy\w*", r"porn\w*",
            r"(?:на|по|от|до|не|ни|о)?ху[йеёяюи]\w*", r"\w{0,4}пизд\w*", r"бля(?:д\w*|т\w*)?(?!\w)",
            r"(?:за|вы|про|от|до|на|по|у|съ|разъ|объ|подъ|въ)?[её]б[алиунт]\w*",
            r"муд(?:ак|ил|о[зк])\w*", r"шлюх\w*", r"залуп\w*",
        )
    )
    + _END
)  # fmt: skip
INNOCENT = re.compile(r"(?<!\w)(?:тебе|себе|хлеб\w*|небо\w*|dickens|cocktail\w*|хобби|колебл\w*|потребл\w*)(?!\w)")
"""Words that hold a root without meaning it."""


def find(text: str, *, family: bool) -> tuple[str, str] | None:
    """(rule id, what was found) in one reading of a text, or None."""
    text = INNOCENT.sub(" ", text)
    if found := TIER_1.search(text) or TIER_1_PHRASES.search(text):
        return "lexicon.tier1", found[0]
    if family and (found := TIER_2.search(text)):
        return "lexicon.tier2", found[0]
    return None
