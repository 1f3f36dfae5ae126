"""The Helix client: one error type, the limit respected, its own token kept and replaced."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from channels_app.twitch.helix import Helix, TwitchError
from tests.clock import Clock
from tests.fakes.twitch import FakeTwitch
from tests.fakes.twitch_bucket import Bucket
from tests.fakes.twitch_world import Conduit, Shard


@pytest.fixture
def fake() -> Iterator[FakeTwitch]:
    with FakeTwitch() as twitch:
        yield twitch


def helix(fake: FakeTwitch, **options: object) -> Helix:
    world = fake.world
    return Helix(world.client_id, world.client_secret, f"{fake.url}/helix", f"{fake.url}/oauth2", **options)  # type: ignore[arg-type]


def conduit(fake: FakeTwitch) -> str:
    fake.world.conduits["c"] = Conduit("c", [Shard("0")])
    return "c"


def test_the_applications_token_is_made_once(fake: FakeTwitch) -> None:
    alice, client = fake.account("Alice"), helix(fake)
    assert [person.login for person in client.people(logins=["alice"])] == ["alice"]
    assert client.people(ids=[alice.id])[0].display_name == "Alice"
    assert len(fake.called("POST", "/oauth2/token")) == 1


def test_a_dead_application_token_is_replaced_once(fake: FakeTwitch) -> None:
    client = helix(fake)
    client.conduits()
    fake.expire_tokens()
    assert client.conduits() == []
    assert len(fake.called("POST", "/oauth2/token")) == 2


def test_the_applications_token_is_renewed_before_it_ends(fake: FakeTwitch) -> None:
    clock = Clock()
    client = helix(fake, clock=clock)
    first = client.app_token()
    clock.now += fake.world.token_life - 60
    assert client.app_token() != first


def test_after_429_nothing_is_sent_until_the_reset(fake: FakeTwitch) -> None:
    clock = Clock()
    client = helix(fake, passed=clock)
    fake.world.bucket = Bucket(0)
    with pytest.raises(TwitchError) as caught:
        client.conduits()
    assert (caught.value.status, caught.value.retryable) == (429, True)
    assert caught.value.retry_after > 0
    sent = len(fake.calls)
    fake.world.bucket = None
    with pytest.raises(TwitchError, match="limit is used up"):
        client.conduits()
    assert len(fake.calls) == sent
    clock.now += caught.value.retry_after
    assert client.conduits() == []


@pytest.mark.parametrize(("status", "retryable"), [(400, False), (403, False), (404, False), (500, True), (503, True)])
def test_every_refusal_says_whether_to_try_again(fake: FakeTwitch, status: int, retryable: bool) -> None:
    client = helix(fake)
    client.app_token()
    fake.fail_next("/helix/users", status)
    with pytest.raises(TwitchError, match=f"GET /users: {status}") as caught:
        client.people(logins=["alice"])
    assert (caught.value.status, caught.value.retryable) == (status, retryable)


def test_silence_is_retryable_and_tells_no_secret() -> None:
    client = Helix("id", "very-secret", "http://127.0.0.1:9/helix", "http://127.0.0.1:9/oauth2")
    with pytest.raises(TwitchError, match="did not answer") as caught:
        client.refresh("refresh-secret")
    assert caught.value.retryable
    assert "secret" not in str(caught.value)
    assert caught.value.__cause__ is None


def test_subscriptions_are_made_listed_over_pages_and_ended(fake: FakeTwitch) -> None:
    fake.helix.page = 2
    client, there = helix(fake), conduit(fake)
    ids = {}
    for name in ("Alice", "Bob", "Charlie", "Dora", "Emil"):
        account = fake.account(name)
        ids[name] = client.subscribe(there, "stream.online", "1", {"broadcaster_user_id": account.id}).id
    found, cursor = [], ""
    for asked in (1, 2, 3):
        page = client.subscription_page(there, cursor)
        found += page.found
        cursor = page.cursor
        assert (page.total, bool(cursor)) == (5, asked < 3)
    assert [row.id for row in found] == list(ids.values())
    assert [row.id for row in client.subscriptions_of(there, fake.account("Bob").id)] == [ids["Bob"]]
    client.unsubscribe(ids["Alice"])
    client.unsubscribe(ids["Alice"])
    assert client.subscription_page(there).total == 4


def test_a_subscription_that_exists_or_is_not_allowed_is_refused_by_status(fake: FakeTwitch) -> None:
    client, there = helix(fake), conduit(fake)
    condition = {"broadcaster_user_id": fake.account("Alice").id}
    client.subscribe(there, "stream.online", "1", condition)
    with pytest.raises(TwitchError) as twice:
        client.subscribe(there, "stream.online", "1", condition)
    with pytest.raises(TwitchError) as forbidden:
        client.subscribe(there, "channel.cheer", "1", condition)
    assert (twice.value.status, forbidden.value.status) == (409, 403)


def test_who_is_live_is_asked_a_hundred_at_a_time(fake: FakeTwitch) -> None:
    accounts = [fake.account(f"Person{number}") for number in range(120)]
    fake.go_live("Person7")
    fake.go_live("Person110")
    assert helix(fake).live_ids([a.id for a in accounts]) == {accounts[7].id, accounts[110].id}
    assert len(fake.called("GET", "/streams")) == 2


def test_a_validated_token_tells_whose_it_is(fake: FakeTwitch) -> None:
    token, _refresh = fake.grant("Alice", ["user:read:chat"])
    client = helix(fake)
    answer = client.validate(token)
    assert (answer.login, answer.scopes) == ("alice", ("user:read:chat",))
    client.revoke(token)
    with pytest.raises(TwitchError) as caught:
        client.validate(token)
    assert caught.value.status == 401
