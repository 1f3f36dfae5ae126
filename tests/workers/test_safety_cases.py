"""`manage.py safety_cases`: what members reported, as lines of the corpus that the rules are judged by."""

from __future__ import annotations

import io

import pytest
from django.core.management import call_command

from channels_app.models import Channel, SafetyCase
from tests import factories
from tests.workers.safety.corpus.build import benign_case


def written(**options: str) -> list[str]:
    out = io.StringIO()
    call_command("safety_cases", stdout=out, stderr=io.StringIO(), **options)
    return out.getvalue().splitlines()


def case(channel: Channel, line: str, rule: str = "lexicon.tier2.sexual") -> SafetyCase:
    return SafetyCase.objects.create(channel=channel, line=line, rule=rule, profile="family")


def test_lines_stand_under_their_rule_each_once(channel: Channel) -> None:
    case(channel, "I love | boob\nowls")
    case(channel, "I love | boob owls", "pattern.url")
    case(channel, "какие сиськи, это синицы")
    case(channel, "see page 3.7", "pattern.url")
    case(channel, "you are so rude", "moderation.flagged")
    assert written() == [
        "# lexicon.tier2.sexual",
        "en|reported|I love | boob owls",
        "ru|reported|какие сиськи, это синицы",
        "# pattern.url",
        "en|reported|see page 3.7",
    ]


def test_one_channel_may_be_asked_for(channel: Channel) -> None:
    case(channel, "mine")
    case(factories.channel(), "another's")
    assert written(channel=channel.login) == ["# lexicon.tier2.sexual", "en|reported|mine"]


@pytest.mark.django_db
def test_where_nothing_was_reported_nothing_is_written() -> None:
    assert written() == []


def test_the_corpus_reads_what_is_written(channel: Channel) -> None:
    case(channel, "I love | boob owls")
    [_rule, line] = written()
    [read] = benign_case(line)
    assert (read.kind, read.group, read.language, read.text) == ("benign", "reported", "en", "I love | boob owls")
