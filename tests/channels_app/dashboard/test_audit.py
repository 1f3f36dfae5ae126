"""The audit log as its readers meet it."""

from __future__ import annotations

import csv
import io
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone, translation

from channels_app import actions, audit
from channels_app.models import AuditEvent, Channel, User
from tests.reading import left_in_english, texts

pytestmark = pytest.mark.usefixtures("built_front_end")


@pytest.fixture
def owner(client: Client, channel: Channel) -> Client:
    client.force_login(channel.broadcaster)
    return client


def shown(client: Client, channel: Channel, query: str = "") -> list[str]:
    return texts(client.get(f"/c/{channel.public_id}/log/{query}").content.decode())


def test_the_newest_stands_first_with_who_did_it(owner: Client, channel: Channel, bob: User) -> None:
    actions.start(channel, acting_user=channel.broadcaster)
    actions.skip(channel, acting_user=bob)
    actions.latch_panic(channel, acting_user=None, by="panic URL …abcd")
    rows = audit.entries(audit.find(channel))
    assert [(row.who, row.sentence) for row in rows[:3]] == [
        ("panic URL …abcd", "She was silenced at once."),
        ("Bob", "A reply was skipped."),
        ("Alice", "She was started."),
    ]
    assert "A reply was skipped." in shown(owner, channel)


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("?who={bob}", {"A reply was skipped."}),
        ("?who=service", {"She was silenced at once.", "Overlay URLs were closed (2)."}),
        ("?about=turn", {"A reply was skipped."}),
        ("?until={yesterday}", {"Overlay URLs were closed (2)."}),
        ("?since={today}&about=overlay", set()),
        ("?who=nobody&since=never", {"A reply was skipped.", "She was silenced at once."}),
    ],
)
def test_it_is_searched_by_person_subject_and_day(
    owner: Client, channel: Channel, bob: User, query: str, found: set[str]
) -> None:
    actions.skip(channel, acting_user=bob)
    actions.latch_panic(channel, acting_user=None)
    old = AuditEvent.objects.create(channel=channel, actor=None, action="overlay.revoked", detail={"count": 2})
    today = timezone.now().date()
    AuditEvent.objects.filter(pk=old.pk).update(at=timezone.now() - timedelta(days=1))
    filled = query.format(bob=bob.pk, today=today, yesterday=today - timedelta(days=1))
    everything = {"A reply was skipped.", "She was silenced at once.", "Overlay URLs were closed (2)."}
    seen = everything & set(shown(owner, channel, filled))
    assert found <= seen
    if "nobody" not in query:
        assert seen == found


def test_nothing_found_says_what_to_do(owner: Client, channel: Channel) -> None:
    assert any("longer time" in text for text in shown(owner, channel, "?until=2001-01-01"))


def test_a_table_program_runs_nothing_of_it(owner: Client, channel: Channel, bob: User) -> None:
    User.objects.filter(pk=bob.pk).update(display_name='=HYPERLINK("https://evil.example")')
    bob.refresh_from_db()
    actions.skip(channel, acting_user=bob)
    answer = owner.get(f"/c/{channel.public_id}/log/file/?about=turn")
    body = b"".join(answer).decode()
    header, row = csv.reader(io.StringIO(body))
    assert header == ["Time (UTC)", "Who", "What", "Action"]
    assert row[1:] == ["'" + bob.display_name, "A reply was skipped.", "turn.skipped"]


def test_events_of_other_releases_and_of_people_who_left_are_shown_all_the_same(channel: Channel, bob: User) -> None:
    for action, detail in (
        ("member.removed", {"user": bob.pk}),
        ("member.powers_changed", {"user": 999_999, "powers": ["run", "gone"]}),
        ("channel.suspended", {}),
        ("something.else", {}),
    ):
        AuditEvent.objects.create(channel=channel, actor=None, action=action, detail=detail)
    assert [row.sentence for row in audit.entries(audit.find(channel))[:4]] == [
        "something.else",
        "The channel was suspended: –",
        "Powers of somebody who has left were changed: Start and stop her",
        "Bob was removed from the moderators.",
    ]


def test_every_sentence_is_russian_for_russians(channel: Channel) -> None:
    actions.start(channel, acting_user=channel.broadcaster)
    client = Client(headers={"accept-language": "ru"})
    client.force_login(channel.broadcaster)
    page = client.get(f"/c/{channel.public_id}/log/").content.decode()
    assert left_in_english(page, "Alice", "Bob") == []
    assert "Она запущена." in texts(page)
    with translation.override("ru"):
        assert audit.entries(audit.find(channel))[0].sentence == "Она запущена."
