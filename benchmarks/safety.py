"""How well the rules of the safety gate do on the corpus: recall and false alarms together, and the time they take.

    python benchmarks/safety.py [--half held|tune|all] [--profile family] [--wrong] [--json] [--strict]

The corpus is that of the tests. Rules are made with its `tune` half and judged by its `held` half. Words are masked.
The goals are those of the family profile: the others let milder words pass, as they should.
"""

from __future__ import annotations

import argparse
import json
import random
import sys
import time
from pathlib import Path
from typing import get_args

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from benchmarks import goals
from tests.workers.safety.corpus.build import HALVES, corpus
from tests.workers.safety.corpus.score import Scored, judge, masked, promised, rows
from workers.pipeline.values import Profile
from workers.safety import patterns
from workers.safety.gate import SafetyGate
from workers.safety.lexicon import lexicon
from workers.safety.normalise import filled, plain, readings
from workers.safety.normalise import masked as starred

LONG = 500
"""Characters of the lines that are timed, as long as a chat message can be."""
HOSTILE = 10_000
"""Characters of the texts that are made to find an expression that blows up. The gate itself judges nothing so long."""
HOSTILE_TEXTS = 60
SCRAPS = (
    "a", "1", " ", "  ", ".", "a.b", "(at)", " at ", "@", "ху", "\u0301", "fu", "f u ", "*", "f*", "a*b", "-", "+7",
    "5 ", "1-", "как в ", " as in ", "double ", "пять ", "five ", "<", "|_|", "\u200b", "ааа", "0", "O", "http", "://",
    "sk-", "_", "street ", "ул ", "we ", "kill ",
)  # fmt: skip
"""What hostile texts are made of: whatever the rules take apart or repeat."""
LEAST = {"lexical recall": 0.95, "hard tier recall": 0.97, "Russian recall": 0.90, "pattern recall": 0.95}
MOST = {"false alarms": 0.015, "false alarms in Russian": 0.02}
MOST_MS = {"amid talk, p99 ms": 5.0, "repeated, p99 ms": 5.0, "10 kB, slowest ms": 250.0}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--half", choices=(*HALVES, "all"), default="held", help="which cases (held)")
    parser.add_argument("--profile", choices=get_args(Profile), default="family", help="how strict (family)")
    parser.add_argument("--wrong", action="store_true", help="show what went wrong, masked")
    parser.add_argument("--json", action="store_true", help="one object instead of the table")
    goals.add_strict(parser)
    options = parser.parse_args()
    SafetyGate(profile=options.profile).screen("the first one compiles what the others use: f*ck", surface="chat")
    scored = judge((case for case in corpus() if options.half in {case.half, "all"}), options.profile)
    figures = promised(scored) | _times(options.profile) | {"10 kB, slowest ms": _slowest_hostile(options.profile)}
    missed = goals.missed(figures, most=MOST | MOST_MS, least=LEAST)
    if options.json:
        found = {"half": options.half, "cases": len(scored), "figures": figures, "rows": rows(scored), "missed": missed}
        print(json.dumps(found))
    else:
        _show(figures, scored, missed)
    if options.wrong and not options.json:
        _show_wrong(scored)
    goals.end(missed, strict=options.strict)


def _show(figures: dict[str, float], scored: list[Scored], missed: list[str]) -> None:
    for name, value in figures.items():
        print(f"{name:32} {value:8.2f}" if name.endswith(" ms") else f"{name:32} {value:8.2%}")
    print()
    for name, blocked, cases in rows(scored):
        print(f"{name:32} {blocked:8.1%} of {cases}")
    print(goals.told(missed))


def _times(profile: Profile) -> dict[str, float]:
    """Of lines as long as a message can be: each text of the corpus amid ordinary talk; and nothing but the text."""
    talk = " ".join(case.text for case in corpus() if case.group == "chat" and case.language == "en")
    spent: dict[str, list[float]] = {"amid talk": [], "repeated": []}
    gate = SafetyGate(profile=profile)
    for place, case in enumerate(corpus()[::3]):
        before = talk[place * 7 % len(talk) :][: (LONG - len(case.text)) // 2]
        lines = {"amid talk": f"{before} {case.text} {talk}", "repeated": f"{case.text} " * LONG}
        for name, line in lines.items():
            began = time.perf_counter()
            gate.screen(line[:LONG], surface="reply")
            spent[name].append((time.perf_counter() - began) * 1000)
    return {
        f"{name}, {share} ms": sorted(times)[int(len(times) * percent)]
        for name, times in spent.items()
        for share, percent in (("p50", 0.5), ("p99", 0.99))
    }


def _slowest_hostile(profile: Profile) -> float:
    """Milliseconds of the slowest of many texts of a few scraps, over and over."""
    rng = random.Random(HOSTILE)
    slowest = 0.0
    for _ in range(HOSTILE_TEXTS):
        scraps = rng.choices(SCRAPS, k=rng.randint(1, 3))
        text = ("".join(scraps) * HOSTILE)[:HOSTILE]
        began = time.perf_counter()
        base = plain(text)
        lexicon(profile).find(readings(text, base), starred(base), filled(base))
        patterns.find(base)
        patterns.injection(base)
        slowest = max(slowest, (time.perf_counter() - began) * 1000)
    return slowest


def _show_wrong(scored: list[Scored]) -> None:
    print()
    for each in scored:
        if each.blocked == (each.case.kind == "benign"):
            what = each.verdict.rule_id if each.blocked else "missed"
            print(f"{what:28} {each.case.group:12} {each.case.evasion:18} {masked(each.case.text)}")


if __name__ == "__main__":
    main()
