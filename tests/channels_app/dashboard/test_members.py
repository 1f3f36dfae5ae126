"""Who may help in a channel and with what: powers, invitations, leaving."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from channels_app import invitations
from channels_app.actions import Refused
from channels_app.membership import powers_of
from channels_app.models import AuditEvent, Channel, Invitation, Membership, User
from channels_app.powers import OWN, Power, powers_at_first
from channels_app.redaction import redact
from tests import factories

pytestmark = pytest.mark.usefixtures("built_front_end")

DOORS = {
    Power.MODERATE: ("post", "/c/{}/do/skip/"),
    Power.TALK: ("post", "/c/{}/talk/"),
    Power.RUN: ("post", "/c/{}/do/stop/"),
    Power.SHOW: ("get", "/c/{}/settings/"),
    Power.PERSONA: ("get", "/c/{}/persona/"),
    Power.HISTORY: ("get", "/api/v1/c/{}/turns/"),
    Power.AUDIT: ("get", "/c/{}/log/"),
}
"""Power -> a door it opens."""


def signed_in(person: User) -> Client:
    client = Client()
    client.force_login(person)
    return client


def give(channel: Channel, person: User, *powers: str) -> None:
    Membership.objects.filter(channel=channel, user=person).update(powers=list(powers))


@pytest.mark.parametrize("power", DOORS)
def test_a_power_opens_its_door_and_no_other(channel: Channel, bob: User, power: Power) -> None:
    give(channel, bob, power)
    client = signed_in(bob)
    for each, (method, door) in DOORS.items():
        answer = getattr(client, method)(door.format(channel.public_id))
        assert (answer.status_code == 403) == (each != power), f"{power} at {door}: {answer.status_code}"


def test_costs_are_seen_by_who_has_that_power(channel: Channel, bob: User) -> None:
    factories.turn(channel, cost_micros=123_400, cost_exact=True)
    client = signed_in(bob)
    turns = f"/api/v1/c/{channel.public_id}/turns/"
    for powers, seen in ((["history"], False), (["history", "costs"], True)):
        give(channel, bob, *powers)
        assert ("$0.1234" in client.get(f"/c/{channel.public_id}/").content.decode()) == seen
        assert client.get(turns).json()["results"][0]["cost_micros"] == (123_400 if seen else None)


def test_a_moderator_without_any_power_sees_the_channel_and_no_words(channel: Channel, bob: User) -> None:
    factories.turn(channel, asked="my secret")
    give(channel, bob)
    page = signed_in(bob).get(f"/c/{channel.public_id}/").content.decode()
    assert "my secret" not in page
    assert not re.search(r'action="/c/[^"]*/(do|talk|queue|reply)/', page)


def test_powers_are_what_the_row_says_and_nothing_it_makes_up(channel: Channel, bob: User, charlie: User) -> None:
    assert powers_of(channel.broadcaster, channel) == {*Power.values, OWN}
    assert powers_of(bob, channel) == set(powers_at_first())
    give(channel, bob, OWN, "everything", "run")
    assert powers_of(bob, channel) == {"run"}
    assert powers_of(charlie, channel) == frozenset()


def test_the_owner_gives_and_takes_powers_and_moderators_do_not(channel: Channel, bob: User) -> None:
    path = f"/c/{channel.public_id}/members/{bob.pk}/powers/"
    assert signed_in(bob).post(path, {"powers": ["run"]}).status_code == 403
    owner = signed_in(channel.broadcaster)
    assert owner.post(path, {"powers": ["run", "audit"]}).status_code == 302
    assert powers_of(bob, channel) == {"run", "audit"}
    owner.post(path, {"powers": ["own"]})
    assert powers_of(bob, channel) == {"run", "audit"}
    owner.post(f"/c/{channel.public_id}/members/{channel.broadcaster_id}/powers/", {"powers": []})
    owner.post(f"/c/{channel.public_id}/members/{channel.broadcaster_id}/remove/")
    assert OWN in powers_of(channel.broadcaster, channel)
    owner.post(f"/c/{channel.public_id}/members/{bob.pk}/remove/")
    assert powers_of(bob, channel) == frozenset()


def link_from(page: str) -> str:
    found = re.search(r"http://[^\"]+(/join/[^\"/]+/)", page)
    assert found is not None
    return found[1]


def test_a_link_lets_in_one_person_once_and_is_kept_as_a_digest(channel: Channel, charlie: User, bob: User) -> None:
    owner = signed_in(channel.broadcaster)
    link = link_from(
        owner.post(f"/c/{channel.public_id}/members/invite/", {"login": "", "powers": ["moderate"]}).content.decode()
    )
    token = link.split("/")[2]
    assert token not in str(Invitation.objects.values())
    assert token not in redact(f"GET {link} 200")
    assert token not in owner.get(f"/c/{channel.public_id}/members/").content.decode()
    assert Client().get(link)["Location"].startswith("/sign-in/?next=")
    guest = signed_in(charlie)
    assert channel.display_name in guest.get(link).content.decode()
    assert powers_of(charlie, channel) == frozenset(), "looking is no yes"
    assert guest.post(link)["Location"] == f"/c/{channel.public_id}/"
    assert powers_of(charlie, channel) == {"moderate"}
    assert signed_in(factories.user("Mallory")).post(link).status_code == 410
    assert channel.memberships.count() == 3


def test_who_is_invited_by_login_is_asked_at_home(channel: Channel, charlie: User) -> None:
    own = factories.channel(charlie)
    owner = signed_in(channel.broadcaster)
    assert owner.post(f"/c/{channel.public_id}/members/invite/", {"login": f"@{own.login.upper()}"}).status_code == 302
    invitation = Invitation.objects.get()
    guest = signed_in(charlie)
    assert guest.get("/home/")["Location"] == f"/invited/{invitation.pk}/"
    assert guest.get("/home/?later=1")["Location"] == f"/c/{own.public_id}/"
    assert signed_in(factories.user("Mallory")).get(f"/invited/{invitation.pk}/").status_code == 404
    assert guest.post(f"/invited/{invitation.pk}/", {"do": "decline"}).status_code == 302
    assert powers_of(charlie, channel) == frozenset()
    owner.post(f"/c/{channel.public_id}/members/invite/", {"login": own.login})
    guest.post(f"/invited/{Invitation.objects.get().pk}/")
    assert Membership.objects.filter(channel=channel, user=charlie).exists()
    with pytest.raises(Refused, match="member already"):
        invitations.invite_login(channel, acting_user=channel.broadcaster, login=own.login, powers=[])


@pytest.mark.parametrize("end", ["late", "taken back", "channel closed"])
def test_an_invitation_that_is_over_lets_nobody_in(channel: Channel, charlie: User, end: str) -> None:
    url = invitations.invite_by_link(channel, acting_user=channel.broadcaster, powers=["run"])
    path = "/join/" + url.split("/join/")[1]
    if end == "late":
        Invitation.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    elif end == "taken back":
        pk = Invitation.objects.get().pk
        signed_in(channel.broadcaster).post(f"/c/{channel.public_id}/members/invitations/{pk}/take-back/")
    else:
        Channel.objects.filter(pk=channel.pk).update(erase_after=timezone.now())
    assert signed_in(charlie).post(path).status_code == 410
    assert not Membership.objects.filter(channel=channel, user=charlie).exists()


def test_a_plan_has_room_for_so_many_moderators(channel: Channel, charlie: User) -> None:
    url = invitations.invite_by_link(channel, acting_user=channel.broadcaster, powers=[])
    Channel.objects.filter(pk=channel.pk).update(entitlements={"moderators": 1})
    channel.refresh_from_db()
    page = signed_in(channel.broadcaster).post(f"/c/{channel.public_id}/members/invite/", {"login": ""}, follow=True)
    assert "Your plan allows 1 moderators" in page.content.decode()
    answer = signed_in(charlie).post("/join/" + url.split("/join/")[1])
    assert "as many moderators as its plan allows" in answer.content.decode()
    assert channel.memberships.count() == 2


def test_a_moderator_leaves_and_a_broadcaster_cannot(channel: Channel, bob: User) -> None:
    assert signed_in(bob).post(f"/c/{channel.public_id}/members/leave/")["Location"] == "/home/"
    assert powers_of(bob, channel) == frozenset()
    assert AuditEvent.objects.filter(channel=channel, action="member.left", actor=bob).exists()
    signed_in(channel.broadcaster).post(f"/c/{channel.public_id}/members/leave/")
    assert OWN in powers_of(channel.broadcaster, channel)


def test_an_own_channel_comes_before_those_one_helps_in(channel: Channel, bob: User) -> None:
    own: Any = factories.channel(bob)
    assert signed_in(bob).get("/home/")["Location"] == f"/c/{own.public_id}/"


def test_an_invitation_of_another_channel_stays(channel: Channel) -> None:
    theirs = factories.channel()
    invitations.invite_by_link(theirs, acting_user=theirs.broadcaster, powers=["talk"])
    invitation = Invitation.objects.get(channel=theirs)
    signed_in(channel.broadcaster).post(reverse("take_back_invitation", args=[channel.public_id, invitation.pk]))
    assert Invitation.objects.filter(pk=invitation.pk).exists()
