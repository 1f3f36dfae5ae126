"""How well the rules of the safety gate do on the corpus: recall and false alarms together, and the time they take.

    python benchmarks/safety.py [--half held|tune|all] [--profile family] [--wrong] [--json]

The corpus is that of the tests. Rules are made with its `tune` half and judged by its `held` half. Words are masked.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from pathlib import Path
from typing import get_args

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from tests.workers.safety.corpus.build import HALVES, corpus
from tests.workers.safety.corpus.score import Scored, goals, judge, masked, rows
from workers.safety.gate import SafetyGate
from workers.safety.lexicon import Profile

LONG = 500
"""Characters of the lines that are timed, as long as a chat message can be."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--half", choices=(*HALVES, "all"), default="held", help="which cases (held)")
    parser.add_argument("--profile", choices=get_args(Profile), default="family", help="how strict (family)")
    parser.add_argument("--wrong", action="store_true", help="show what went wrong, masked")
    parser.add_argument("--json", action="store_true", help="one object instead of the table")
    options = parser.parse_args()
    SafetyGate(profile=options.profile).screen("the first one compiles what the others use: f*ck", surface="chat")
    scored = judge((case for case in corpus() if options.half in {case.half, "all"}), options.profile)
    figures = goals(scored) | {f"{name} ms": value for name, value in _times(options.profile).items()}
    if options.json:
        print(json.dumps({"half": options.half, "cases": len(scored), "figures": figures, "rows": rows(scored)}))
        return
    for name, value in figures.items():
        print(f"{name:32} {value:8.2f}" if name.endswith(" ms") else f"{name:32} {value:8.2%}")
    print()
    for name, blocked, cases in rows(scored):
        print(f"{name:32} {blocked:8.1%} of {cases}")
    if options.wrong:
        _show_wrong(scored)


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
        f"{name}, {share}": sorted(times)[int(len(times) * percent)]
        for name, times in spent.items()
        for share, percent in (("p50", 0.5), ("p99", 0.99))
    }


def _show_wrong(scored: list[Scored]) -> None:
    print()
    for each in scored:
        if each.blocked == (each.case.kind == "benign"):
            what = each.verdict.rule_id if each.blocked else "missed"
            print(f"{what:28} {each.case.group:12} {each.case.evasion:18} {masked(each.case.text)}")


if __name__ == "__main__":
    main()
