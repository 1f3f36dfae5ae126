"""What a live worker does before it takes part."""

from __future__ import annotations

import gc

import pytest

from workers.fleet import control


@pytest.fixture
def thawed() -> None:
    gc.unfreeze()


def test_what_is_loaded_is_left_out_of_collections_that_would_stop_every_voice(thawed: None) -> None:
    control._load()
    frozen = gc.get_freeze_count()
    gc.unfreeze()
    assert frozen > 10_000
    assert gc.isenabled(), "what comes and goes from now on is collected"
