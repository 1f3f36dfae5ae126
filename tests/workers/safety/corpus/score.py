"""What the gate says of the corpus, counted: recall by class, tier, language and evasion beside the false alarms."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from tests.workers.safety.corpus.build import Case
from workers.pipeline.values import Profile, Verdict
from workers.safety.gate import SafetyGate

MASK_FROM = 2


@dataclass(frozen=True, slots=True)
class Scored:
    """A case with the gate's verdict on its last message."""

    case: Case
    verdict: Verdict
    microseconds: float

    @property
    def blocked(self) -> bool:
        return not self.verdict.allowed


def judge(cases: Iterable[Case], profile: Profile = "family") -> list[Scored]:
    """Each case by a gate that has seen nothing else."""
    scored = []
    for case in cases:
        gate = SafetyGate(profile=profile)
        for chatter, text in case.messages[:-1]:
            gate.screen(text, surface="chat", chatter_id=chatter)
        chatter, text = case.messages[-1]
        began = time.perf_counter()
        verdict = gate.screen(text, surface="chat", chatter_id=chatter)
        scored.append(Scored(case, verdict, (time.perf_counter() - began) * 1e6))
    return scored


def share(scored: Iterable[Scored], chosen: Callable[[Case], bool] = lambda case: True) -> tuple[float, int]:
    """(share that was blocked, number of cases) of the chosen ones."""
    of_these = [each.blocked for each in scored if chosen(each.case)]
    return (sum(of_these) / len(of_these) if of_these else 0.0), len(of_these)


def promised(scored: list[Scored]) -> dict[str, float]:
    """The figures that are promised, each a share."""

    def is_lexical(case: Case) -> bool:
        return case.kind in {"lexical", "split"} and case.tier in {"1", "2"}

    def is_russian(case: Case) -> bool:
        return is_lexical(case) and case.language in {"ru", "mixed"}

    return {
        "lexical recall": share(scored, is_lexical)[0],
        "hard tier recall": share(scored, lambda case: is_lexical(case) and case.tier == "1")[0],
        "Russian recall": share(scored, is_russian)[0],
        "pattern recall": share(scored, lambda case: case.tier == "p")[0],
        "false alarms": share(scored, lambda case: case.kind == "benign")[0],
        "false alarms in Russian": share(scored, lambda case: case.kind == "benign" and case.language == "ru")[0],
    }


def rows(scored: list[Scored]) -> list[tuple[str, float, int]]:
    """(what, share blocked, cases) for the table."""
    found: list[tuple[str, float, int]] = []
    views: tuple[tuple[str, Callable[[Case], str]], ...] = (
        ("kind", lambda case: case.kind),
        ("tier", lambda case: f"{case.tier}" if case.tier else "benign"),
        ("language", lambda case: f"{'benign' if case.kind == 'benign' else 'attack'} {case.language}"),
        ("class", lambda case: f"{'benign ' if case.kind == 'benign' else ''}{case.group}"),
        ("evasion", lambda case: "" if case.kind in {"benign", "pattern"} else case.evasion),
    )
    for view, key in views:
        counts = Counter(key(each.case) for each in scored)
        for value in filter(None, sorted(counts)):
            blocked, cases = share([each for each in scored if key(each.case) == value])
            found.append((f"{view} {value}", blocked, cases))
    return found


def masked(text: str) -> str:
    """The text as it may stand in a terminal: of each word the first letter."""
    return " ".join(word[:1] + "·" * (len(word) - 1) if len(word) > MASK_FROM else word for word in text.split())
