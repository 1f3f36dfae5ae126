"""Action URLs: one address does one thing, by whoever has it, until it is closed."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from django.test import Client

from channels_app import invitations
from channels_app.api import action_urls
from channels_app.models import ActionURL, AuditEvent, Channel, PaidEvent, User

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("built_front_end")]


UNCOUNTED = 5
"""A call is let through uncounted when Redis does not answer in time, on a busy machine."""


@pytest.fixture
def anybody() -> Client:
    """A key on somebody's desk: no session, no cookie, no token of a form."""
    return Client(enforce_csrf_checks=True)


def made(channel: Channel, person: User, *actions: str, text: str = "", by_get: bool = False) -> str:
    _row, url = action_urls.new_action_url(
        channel, acting_user=person, name="Deck", wanted=actions, text=text, by_get=by_get
    )
    return url[url.index("/do/") :]


def said(answer: Any) -> tuple[int, str]:
    return answer.status_code, answer.content.decode()


def live(channel: Channel) -> None:
    Channel.objects.filter(pk=channel.pk).update(desired_state="running")


def test_a_post_does_it_and_answers_in_a_few_plain_words(channel: Channel, bob: User, anybody: Client) -> None:
    url = made(channel, bob, "panic", "calm")
    answer = anybody.post(f"{url}/panic")
    assert said(answer) == (200, "She is silenced.")
    assert answer["Content-Type"].startswith("text/plain")
    assert (answer["Cache-Control"], answer["Referrer-Policy"]) == ("no-store", "no-referrer")
    assert Channel.objects.get(pk=channel.pk).panic_since is not None
    row = AuditEvent.objects.get(action="channel.panic")
    assert (row.actor, row.detail["via"]) == (bob, f"action URL …{url[-4:]}")
    assert said(anybody.post(f"{url}/calm")) == (200, "She may speak again.")


def test_a_get_does_it_only_where_its_maker_wanted_that(channel: Channel, alice: User, anybody: Client) -> None:
    only_post, both = made(channel, alice, "panic"), made(channel, alice, "panic", by_get=True)
    assert anybody.get(f"{only_post}/panic").status_code == 405
    assert anybody.get(f"{both}/panic", headers={"sec-purpose": "prefetch"}).status_code == 405
    assert anybody.head(f"{both}/panic").status_code == 405
    assert Channel.objects.get(pk=channel.pk).panic_since is None
    assert said(anybody.get(f"{both}/panic")) == (200, "She is silenced.")


def test_it_does_nothing_it_was_not_made_for(channel: Channel, alice: User, anybody: Client) -> None:
    url = made(channel, alice, "skip")
    assert [anybody.post(f"{url}/{action}").status_code for action in ("stop", "panic", "nothing")] == [404] * 3
    assert anybody.post(url[:-1] + ("A" if url[-1] != "A" else "B") + "/skip").status_code == 404


def test_a_tip_comes_in_an_address_a_form_or_as_json(channel: Channel, alice: User, anybody: Client) -> None:
    live(channel)
    url = made(channel, alice, "tip", by_get=True) + "/tip"
    sent = {"name": "Nora", "amount": "5", "currency": "EUR", "message": "Nice & warm"}
    told = (200, "She was told of the tip.")
    assert said(anybody.get(url, sent)) == told
    assert said(anybody.post(url, sent)) == told
    assert said(anybody.post(url, sent, content_type="application/json")) == told
    kofi = {"type": "Donation", "amount": "3.00", "currency": "USD", "is_public": True, "from_name": "Nora"}
    assert said(anybody.post(url, {"data": json.dumps(kofi)})) == told
    assert said(anybody.post(url + "?name=&message=", sent)) == told
    titles = [row.payload["title"] for row in PaidEvent.objects.order_by("pk")]
    assert titles == ["€5", "€5", "€5", "$3", "€5"]
    assert PaidEvent.objects.latest("pk").payload["chatter"]["name"] == "Nora", "what is empty is not sent"
    assert {row.payload["text"] for row in PaidEvent.objects.all()} == {"Nice & warm", ""}


def test_a_tip_is_kept_while_she_is_not_live(channel: Channel, alice: User, anybody: Client) -> None:
    url = made(channel, alice, "tip") + "/tip"
    status, text = said(anybody.post(url, {"amount": "5"}))
    assert (status, text) == (200, "The tip is noted. She is not live, so nobody would answer. Start her first.")
    assert PaidEvent.objects.get().state == "waiting"
    status, text = said(anybody.post(url, {"data": json.dumps({"type": "Shop Order", "amount": "9"})}))
    assert (status, text) == (200, "This is no tip, so she is not told of it.")


@pytest.mark.parametrize("sent", ["", "[1]", "{", '"5"', "[" * 100_000])
def test_what_is_no_tip_is_told_what_is_wrong(channel: Channel, alice: User, anybody: Client, sent: str) -> None:
    url = made(channel, alice, "tip") + "/tip"
    status, text = said(anybody.post(url, sent, content_type="application/json"))
    assert (status, text) == (409, "Say how much it is, such as amount=5 or amount=4.50.")


def test_a_crowd_of_tips_comes_through_and_a_flood_is_told_to_wait(
    channel: Channel, alice: User, anybody: Client
) -> None:
    url = made(channel, alice, "tip") + "/tip"
    most = action_urls.TIPS_A_MINUTE
    codes = [anybody.post(url, {"amount": "1"}).status_code for _ in range(most + UNCOUNTED)]
    assert (codes[:most], codes[-1]) == ([200] * most, 429)


def test_a_moderator_tells_of_no_money(channel: Channel, bob: User, anybody: Client) -> None:
    url = made(channel, bob, "skip", "tip")
    ActionURL.objects.update(actions=["tip"])
    assert anybody.post(f"{url}/tip", {"amount": "5"}).status_code == 404


def test_a_moderators_url_never_starts_her(channel: Channel, bob: User, anybody: Client) -> None:
    url = made(channel, bob, "skip", "start")
    assert anybody.post(f"{url}/start").status_code == 404
    ActionURL.objects.update(actions=["start"])
    assert anybody.post(f"{url}/start").status_code == 404


def test_the_broadcasters_starts_and_stops_her(channel: Channel, alice: User, anybody: Client) -> None:
    url = made(channel, alice, "start", "stop")
    assert said(anybody.post(f"{url}/start")) == (200, "She is starting.")
    assert Channel.objects.get(pk=channel.pk).desired_state == "running"
    anybody.post(f"{url}/stop")
    assert Channel.objects.get(pk=channel.pk).desired_state == "stopped"


def test_she_says_a_fixed_text_or_the_one_that_comes_with_the_call(
    channel: Channel, alice: User, anybody: Client
) -> None:
    live(channel)
    fixed, free = made(channel, alice, "say", text="Hello, raiders!"), made(channel, alice, "say", by_get=True)
    assert said(anybody.post(f"{fixed}/say?text=Something+else")) == (200, "She will say it.")
    assert said(anybody.get(f"{free}/say?text=Hi+there")) == (200, "She will say it.")
    assert said(anybody.post(f"{free}/say")) == (409, "There is no text to say.")
    assert said(anybody.post(f"{free}/say", {"text": "x" * 501}))[0] == 409


def test_what_cannot_be_now_is_told_with_200_to_a_chat_program_and_409_to_others(
    channel: Channel, alice: User, anybody: Client
) -> None:
    url = made(channel, alice, "say", by_get=True)
    told = "She is not live, so nobody would answer. Start her first."
    assert said(anybody.get(f"{url}/say?text=Hi")) == (200, told)
    assert said(anybody.post(f"{url}/say?text=Hi")) == (409, told)


def test_it_is_shown_once_and_closed_by_a_button(
    client: Client, channel: Channel, alice: User, anybody: Client
) -> None:
    client.force_login(alice)
    page = f"/c/{channel.public_id}/settings/api/"
    fields = {"url-name": "Deck", "url-actions": ["skip", "say"], "url-text": "Hi", "url-by_get": "on"}
    shown = client.post(f"{page}urls/", fields).content.decode()
    urls = re.findall(r"/do/aigu_\w{40}/\w+", shown)
    assert [url.rpartition("/")[2] for url in urls] == ["skip", "say"]
    assert "aigu_" not in client.get(page).content.decode()
    assert urls[0].split("/")[2] not in str([list(ActionURL.objects.values()), list(AuditEvent.objects.values())])
    assert anybody.get(urls[0]).status_code == 200
    assert client.post(f"{page}urls/{ActionURL.objects.get().pk}/revoke/").status_code == 302
    assert anybody.get(urls[0]).status_code == 404


def test_it_ends_with_the_membership_of_who_made_it(channel: Channel, alice: User, bob: User, anybody: Client) -> None:
    url = made(channel, bob, "skip")
    invitations.remove(channel, acting_user=alice, person_id=bob.pk)
    assert anybody.post(f"{url}/skip").status_code == 404


def test_who_uses_it_without_end_is_slowed_down_and_panic_is_not(channel: Channel, bob: User, anybody: Client) -> None:
    url = made(channel, bob, "skip", "panic")
    answers = [anybody.post(f"{url}/skip") for _ in range(action_urls.USES_A_MINUTE + UNCOUNTED)]
    assert [answer.status_code for answer in answers[: action_urls.USES_A_MINUTE]] == [200] * action_urls.USES_A_MINUTE
    assert answers[-1].status_code == 429
    assert answers[-1]["Retry-After"] == "60"
    assert anybody.post(f"{url}/panic").status_code == 200


def test_who_guesses_keys_is_slowed_down(anybody: Client, channel: Channel) -> None:
    answers = [anybody.post(f"/do/aigu_{'x' * 40}/skip").status_code for _ in range(20 + UNCOUNTED)]
    assert (answers[:20], answers[-1]) == ([404] * 20, 429)
