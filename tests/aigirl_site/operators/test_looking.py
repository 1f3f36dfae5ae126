"""An operator looks at a channel as its broadcaster does, and can do no harm."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.contrib.auth.models import Permission
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from time_machine import TimeMachineFixture

from channels_app.models import AuditEvent, Channel, Consent, User
from tests import factories

pytestmark = pytest.mark.usefixtures("built_front_end")


@pytest.fixture
def looking(admin_client: Client, channel: Channel) -> Client:
    answer = admin_client.post(reverse("operator_look", args=[channel.public_id]), {"reason": "ticket 7"})
    assert answer["Location"] == reverse("channel", args=[channel.public_id])
    return admin_client


def settings_of(channel: Channel) -> str:
    return reverse("settings", args=[channel.public_id])


def test_she_sees_its_pages_with_a_word_on_whose_they_are(looking: Client, channel: Channel) -> None:
    text = looking.get(settings_of(channel)).content.decode()
    assert "as its broadcaster does" in text
    event = AuditEvent.objects.get(channel=channel, action="operator.looked")
    assert (str(event.actor), event.detail["reason"]) == ("admin", "ticket 7")


def test_she_changes_nothing_and_is_told(looking: Client, channel: Channel) -> None:
    for path in ("do/start/", "overlay-url/", "settings/safety/"):
        answer = looking.post(f"/c/{channel.public_id}/{path}")
        assert (answer.status_code, "only looking" in answer.content.decode()) == (403, True)
    assert looking.post(f"/api/v1/c/{channel.public_id}/start/").status_code == 403
    channel.refresh_from_db()
    assert channel.desired_state == "stopped"


def test_nothing_is_handed_out_and_other_channels_of_the_person_stay_shut(looking: Client, channel: Channel) -> None:
    elsewhere = factories.channel(moderators=[channel.broadcaster])
    assert looking.get(settings_of(elsewhere)).status_code == 403
    assert looking.get(reverse("download_export", args=[channel.public_id, 1])).status_code == 403
    assert not AuditEvent.objects.filter(action="privacy.export_taken").exists()


def test_new_terms_do_not_shut_the_door_nor_are_they_agreed_to(looking: Client, channel: Channel) -> None:
    Consent.objects.all().delete()
    assert looking.get(settings_of(channel)).status_code == 200
    assert looking.post(reverse("agree")).status_code == 403
    assert not Consent.objects.exists()


def test_it_ends_by_hand_and_by_itself(looking: Client, channel: Channel, time_machine: TimeMachineFixture) -> None:
    time_machine.move_to(timezone.now() + timedelta(minutes=31), tick=False)
    assert looking.get(settings_of(channel)).status_code == 404, "herself, and a stranger there"
    looking.post(reverse("operator_look", args=[channel.public_id]), {"reason": "again"})
    assert looking.get(settings_of(channel)).status_code == 200
    looking.post(reverse("operator_look_end"))
    assert looking.get(settings_of(channel)).status_code == 404


def test_the_operators_own_pages_stay_hers(looking: Client) -> None:
    assert looking.get(reverse("admin:index")).status_code == 200


def test_without_a_reason_or_the_right_nobody_looks(admin_client: Client, client: Client, channel: Channel) -> None:
    address = reverse("operator_look", args=[channel.public_id])
    admin_client.post(address, {"reason": " "})
    assert not AuditEvent.objects.filter(action="operator.looked").exists()
    helper = factories.user(is_staff=True)
    helper.user_permissions.add(Permission.objects.get(codename="view_channel"))
    for person in (helper, channel.broadcaster):
        client.force_login(person)
        assert client.post(address, {"reason": "curious"}).status_code == 403


def test_who_loses_the_right_stops_looking(looking: Client, channel: Channel, admin_user: User) -> None:
    User.objects.filter(pk=admin_user.pk).update(is_staff=False, is_superuser=False)
    assert looking.get(settings_of(channel)).status_code == 404


def test_the_page_of_a_channel_leads_to_all_that_is_its(admin_client: Client, channel: Channel) -> None:
    factories.turn(channel)
    text = admin_client.get(reverse("admin:channels_app_channel_change", args=[channel.pk])).content.decode()
    assert f"/admin/channels_app/turn/?channel__id__exact={channel.pk}" in text
    listed = admin_client.get(reverse("admin:channels_app_turn_changelist"), {"channel__id__exact": channel.pk})
    assert listed.status_code == 200
