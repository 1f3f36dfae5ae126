"""What the rules alone must find, and leave alone, in the half of the corpus that no rule was made with."""

from __future__ import annotations

from collections import Counter
from functools import cache

import pytest

from benchmarks.safety import LEAST, MOST
from tests.workers.safety.corpus.build import HALVES, corpus
from tests.workers.safety.corpus.score import Scored, judge, masked, promised
from workers.safety.lexicon import hard_tier, lexicon


@cache
def held() -> list[Scored]:
    return judge(case for case in corpus() if case.half == "held")


def wrong() -> str:
    """The cases that went wrong, so that a failing test can be understood."""
    found = (each for each in held() if each.blocked == (each.case.kind == "benign"))
    return "\n".join(f"{e.case.group} {e.case.evasion} {masked(e.case.text)} {e.verdict.rule_id}" for e in found)


@pytest.mark.parametrize(("figure", "least"), LEAST.items())
def test_attacks_are_found(figure: str, least: float) -> None:
    assert promised(held())[figure] >= least, wrong()


@pytest.mark.parametrize(("figure", "most"), MOST.items())
def test_ordinary_talk_is_left_alone(figure: str, most: float) -> None:
    assert promised(held())[figure] <= most, wrong()


def test_the_corpus_is_large_enough_to_say_so() -> None:
    kinds = Counter((case.half, case.kind) for case in corpus())
    assert set(HALVES) == {half for half, _ in kinds}
    assert kinds["held", "benign"] + kinds["tune", "benign"] >= 600
    assert kinds["held", "lexical"] >= 600
    assert {case.evasion for case in corpus() if case.half == "held"} >= {case.evasion for case in corpus()} - {"plain"}


def test_a_profile_never_lets_tier_1_pass() -> None:
    """Found by the hard tier on the family profile, found by it on the others."""
    hard = [each for each in held() if each.verdict.rule_id.startswith("lexicon.tier1")]
    assert len(hard) > 200
    milder = judge([each.case for each in hard], "mature")
    assert [(e.verdict.rule_id, e.verdict.evidence) for e in milder] == [
        (e.verdict.rule_id, e.verdict.evidence) for e in hard
    ]
    assert lexicon("mature").tiers == (hard_tier(),)


def test_every_block_has_a_rule_and_evidence() -> None:
    assert all(each.verdict.rule_id and each.verdict.evidence for each in held() if each.blocked)
