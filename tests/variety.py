"""How varied what she says is."""

from __future__ import annotations

from collections.abc import Iterable

from workers.pipeline.repetition import runs, words


def distinct_triples(replies: Iterable[str]) -> float:
    """0..1: the share of different word triples among all of them."""
    triples = [triple for reply in replies for triple in runs(words(reply), 3)]
    return len(set(triples)) / len(triples)
