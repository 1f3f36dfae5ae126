"""How she saves: further as more is used, never wavering at an edge, and never for a limit that is not near."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from workers.pipeline.mode import Mode
from workers.pipeline.modes import POLICIES
from workers.pipeline.thrift import MARGIN, MONEY, Share, Step, Thrift, decide, names, sparing
from workers.pipeline.values import EventKind, PersonaSnapshot, Triggers

ENDS = 1_764_000_000.0
NAMES = ["site_hour", "site_day", "owner_hour", "owner_day", "house_day", "replies", "characters"]
used = st.floats(0, 2, allow_nan=False)
shares = st.lists(st.builds(Share, st.sampled_from(NAMES), used, st.sampled_from([ENDS, ENDS + 3600, None])))
thrifts = st.builds(Thrift, st.sampled_from(Step), st.sampled_from(NAMES), st.just(ENDS), st.booleans())


def on(share: float, present: Thrift | None = None, name: str = "site_hour") -> Thrift:
    return decide([Share(name, share, ENDS)], present or Thrift())


def test_each_step_begins_where_it_is_said_to() -> None:
    assert [on(share).step for share in (0.0, 0.59, 0.6, 0.75, 0.85, 0.95, 1.0, 1.01)] == [
        Step.NOTHING, Step.NOTHING, Step.CALLED, Step.SHORT, Step.BUILT_IN, Step.TEXT, Step.TEXT, Step.PAID,
    ]  # fmt: skip


@given(used, used, thrifts)
def test_whoever_has_used_more_saves_no_less(one: float, other: float, present: Thrift) -> None:
    less, more = sorted([one, other])
    assert on(less, present).step <= on(more, present).step


@given(shares, thrifts)
def test_deciding_again_with_the_same_figures_changes_nothing(given_shares: list[Share], present: Thrift) -> None:
    once = decide(given_shares, present)
    assert decide(given_shares, once) == once


@given(shares, thrifts)
def test_she_saves_for_a_limit_there_is_and_says_which(given_shares: list[Share], present: Thrift) -> None:
    found = decide(given_shares, present)
    if found.step is Step.NOTHING:
        assert (found.why, found.ends) == ("", None)
    else:
        assert any((share.name, share.ends) == (found.why, found.ends) for share in given_shares)


@given(st.sampled_from(MONEY), st.floats(0.001, MARGIN - 0.001))
def test_at_an_edge_she_does_not_waver(edge: tuple[Step, float], below: float) -> None:
    step, begins = edge
    reached = on(begins + 0.0001)
    assert reached.step >= step
    assert on(begins - below, reached).step is step
    assert on(begins - MARGIN - 0.001, reached).step < step


def test_a_new_hour_ends_what_the_last_one_asked_for() -> None:
    present = on(1.2)
    assert decide([Share("site_hour", 0.58, ENDS + 3600)], present) == Thrift()


def test_of_two_limits_on_the_same_step_the_one_that_lasts_longer_is_named() -> None:
    found = decide([Share("site_hour", 1.5, ENDS), Share("owner_day", 1.2, ENDS + 9000)], Thrift())
    assert (found.why, found.ends) == ("owner_day", ENDS + 9000)


def test_the_plans_characters_cost_her_nothing_but_the_providers_voice() -> None:
    assert on(1.01, name="characters") == Thrift(without_provider=True)
    assert on(1.0, name="characters") == Thrift()
    assert on(0.98, Thrift(without_provider=True), name="characters").without_provider


def test_the_plans_replies_are_all_there_until_the_last() -> None:
    assert on(1.0, name="replies").step is Step.NOTHING
    assert on(1.1, name="replies").step is Step.PAID


PERSONA = PersonaSnapshot(
    1, "Mira", "A fox.", "", "en", triggers=Triggers(question=True, first_message=True, every_message=True, chance=0.5)
)


def test_she_stops_chatting_first_and_then_answers_only_what_is_paid_for() -> None:
    assert sparing(PERSONA, Step.NOTHING) == PERSONA
    quiet = sparing(PERSONA, Step.CALLED).triggers
    assert not (quiet.question or quiet.first_message or quiet.every_message or quiet.chance)
    assert quiet.mention
    assert EventKind.FOLLOW not in quiet.events
    assert EventKind.RAID in quiet.events
    assert POLICIES[sparing(PERSONA, Step.PAID).triggers.mode].paid_only


def test_a_chatterbox_chats_no_more_and_a_stricter_mode_stays() -> None:
    def mode(chosen: Mode) -> Mode:
        return sparing(replace(PERSONA, triggers=Triggers(mode=chosen)), Step.SHORT).triggers.mode

    assert mode(Mode.CHATTY) is Mode.NORMAL
    assert mode(Mode.SUBS_ONLY) is Mode.SUBS_ONLY


def test_the_names_of_the_steps_are_those_the_pages_know() -> None:
    from billing.notices import steps

    assert set(names()) - {"nothing"} == set(steps())
