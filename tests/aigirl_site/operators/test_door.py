"""The operators' door: passwords cannot be guessed, and a password alone does not open it."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django_otp.oath import TOTP
from django_otp.plugins.otp_totp.models import TOTPDevice
from time_machine import TimeMachineFixture

from channels_app.models import User
from tests import factories

INSIDE = "/admin/channels_app/channel/"


@pytest.fixture
def locked(settings: Any) -> None:
    """As on a site that others reach."""
    settings.SECOND_FACTOR = True


def code_of(device: TOTPDevice) -> str:
    return f"{TOTP(device.bin_key, device.step, device.t0, device.digits).token():06d}"


def enrolled(client: Client, user: User) -> list[str]:
    """Sets the phone up as a person would; the recovery codes."""
    client.force_login(user)
    page = client.get(reverse("second_factor")).content.decode()
    assert "<svg" in page
    answer = client.post(reverse("second_factor"), {"code": code_of(TOTPDevice.objects.get(user=user))})
    return re.findall(r"<code[^>]*>(\w+)</code>", answer.content.decode())


@pytest.mark.usefixtures("locked")
def test_a_password_alone_leads_to_the_second_factor_and_back(client: Client, admin_user: User) -> None:
    client.force_login(admin_user)
    answer = client.get(INSIDE)
    assert answer["Location"] == f"{reverse('second_factor')}?next={INSIDE}"
    device = TOTPDevice.objects.create(user=admin_user, confirmed=True, name="phone")
    wrong = client.post(reverse("second_factor"), {"code": "123", "next": INSIDE})
    assert (wrong.status_code, "not right" in wrong.content.decode()) == (400, True)
    TOTPDevice.objects.update(throttling_failure_count=0)
    right = client.post(reverse("second_factor"), {"code": code_of(device), "next": INSIDE})
    assert right["Location"] == INSIDE
    assert client.get(INSIDE).status_code == 200


@pytest.mark.usefixtures("locked")
def test_a_recovery_code_opens_once(client: Client, admin_user: User) -> None:
    codes = enrolled(client, admin_user)
    assert len(codes) == 8
    assert client.get(INSIDE).status_code == 200
    statuses = []
    for _ in range(2):
        again = Client()
        again.force_login(admin_user)
        statuses.append(again.post(reverse("second_factor"), {"code": codes[0]}).status_code)
    assert statuses == [302, 400]


@pytest.mark.usefixtures("locked")
def test_a_code_is_good_for_one_sign_in(client: Client, admin_user: User, time_machine: TimeMachineFixture) -> None:
    time_machine.move_to("2026-03-01T12:00:00Z", tick=False)
    enrolled(client, admin_user)
    again = Client()
    again.force_login(admin_user)
    used = code_of(TOTPDevice.objects.get())
    assert again.post(reverse("second_factor"), {"code": used}).status_code == 400
    assert again.get(INSIDE).status_code == 302


@pytest.mark.usefixtures("locked")
def test_others_are_not_even_asked(client: Client, admin_user: User) -> None:
    client.force_login(factories.user())
    assert client.get(reverse("second_factor"))["Location"].startswith(reverse("admin:login"))
    client.force_login(admin_user)
    elsewhere = client.get(reverse("second_factor"), {"next": "https://evil.example/"}).content.decode()
    assert "evil.example" not in elsewhere.partition("<form method")[2]


def test_on_ones_own_machine_the_password_is_enough(admin_client: Client) -> None:
    assert admin_client.get(INSIDE).status_code == 200


def test_who_guesses_passwords_has_to_wait_and_others_do_not(client: Client, admin_user: User) -> None:
    def sign_in(name: str, password: str, address: str = "203.0.113.7") -> Any:
        return client.post(reverse("admin:login"), {"username": name, "password": password}, REMOTE_ADDR=address)

    for _ in range(6):
        assert "Too many tries" not in sign_in("admin", "guess").content.decode()
    assert "Too many tries" in sign_in("admin", "password").content.decode(), "even the right one"
    assert sign_in("admin", "password", address="203.0.113.8").status_code == 302
