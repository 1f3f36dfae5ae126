"""A channel's own pictures: brought, shown, deleted, and nobody else's business."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from benchmarks.hostile_pictures import good
from channels_app.models import AuditEvent, Channel, User
from personas.actions import save_persona
from personas.models import AvatarPicture
from personas.pictures import add_picture, guessed_slot
from personas.uploads import limits, store
from tests import factories

PNG = good()["still.png"]


@pytest.fixture(autouse=True)
def _media(tmp_path: Path, settings: Any) -> None:
    settings.MEDIA_ROOT = tmp_path


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def bring(client: Client, channel: Channel, *files: tuple[str, bytes]) -> Any:
    sent = [SimpleUploadedFile(name, data) for name, data in files]
    return client.post(
        reverse("pictures", args=[channel.public_id]), {"picture": sent}, headers={"Accept": "application/json"}
    )


def test_a_picture_is_brought_and_seen_by_whoever_knows_its_name(channel: Channel, alice: User) -> None:
    answer = bring(signed_in(alice), channel, ("folder/talk open.png", PNG))
    (picture,) = answer.json()["pictures"]
    assert picture["label"] == "talk open.png"
    assert picture["slot"] == "talk"
    served = Client().get(picture["url"])
    assert served.status_code == 200
    assert served["Content-Type"] == "image/png"
    assert served["X-Content-Type-Options"] == "nosniff"
    assert served["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert served["Cache-Control"] == "public, max-age=31536000, immutable"
    assert not served.cookies


def test_several_are_brought_at_once_and_the_bad_one_is_named(channel: Channel, alice: User) -> None:
    answer = bring(signed_in(alice), channel, ("idle.png", PNG), ("photo.jpg", b"\xff\xd8\xff\xe0"))
    assert answer.status_code == 200
    assert len(answer.json()["pictures"]) == 1
    assert answer.json()["message"].startswith("photo.jpg: This is a JPEG")


def test_without_scripts_the_page_tells_what_is_wrong(channel: Channel, alice: User) -> None:
    client = signed_in(alice)
    address = reverse("pictures", args=[channel.public_id])
    answer = client.post(address, {"picture": SimpleUploadedFile("x.png", b"no picture")}, follow=True)
    assert "This is not a PNG, WebP or GIF picture." in answer.content.decode()


def test_the_same_picture_is_kept_once(channel: Channel) -> None:
    first = add_picture(channel, acting_user=None, data=PNG)
    again = add_picture(channel, acting_user=None, data=PNG)
    assert first.pk == again.pk
    assert AuditEvent.objects.filter(channel=channel, action="picture.added").count() == 1


def test_two_channels_never_share_a_file(channel: Channel) -> None:
    other = factories.channel()
    ours = add_picture(channel, acting_user=None, data=PNG)
    theirs = add_picture(other, acting_user=None, data=PNG)
    assert ours.name != theirs.name
    assert store.read(ours.name) == store.read(theirs.name)


@pytest.mark.parametrize("person", ["bob", "charlie"])
def test_only_the_owner_brings_and_deletes(person: str, channel: Channel, request: pytest.FixtureRequest) -> None:
    row = add_picture(channel, acting_user=None, data=PNG)
    client = signed_in(request.getfixturevalue(person))
    refused = {"bob": 403, "charlie": 404}[person]
    assert bring(client, channel, ("x.png", PNG)).status_code == refused
    gone = client.post(reverse("picture_delete", args=[channel.public_id]), {"name": row.name})
    assert gone.status_code == refused
    assert store.read(row.name)


def test_nobody_deletes_through_a_channel_of_his_own(channel: Channel, charlie: User) -> None:
    row = add_picture(channel, acting_user=None, data=PNG)
    own = factories.channel(charlie)
    answer = signed_in(charlie).post(reverse("picture_delete", args=[own.public_id]), {"name": row.name})
    assert answer.status_code == 404
    assert store.read(row.name)


def test_nobody_wears_a_picture_of_another_channel(channel: Channel, charlie: User) -> None:
    row = add_picture(channel, acting_user=None, data=PNG)
    own = factories.channel(charlie)
    factories.persona(own)
    client = signed_in(charlie)
    page = client.get(reverse("persona", args=[own.public_id]))
    values = {field.html_name: field.value() for form in ("form", "look") for field in page.context[form]}
    sent = {name: value for name, value in values.items() if value is not None}
    answer = client.post(reverse("persona", args=[own.public_id]), sent | {"kind": "png", "slot_idle": row.name})
    assert answer.status_code == 400
    assert row.name not in str(own.persona_versions.first().avatar)  # type: ignore[union-attr]


@pytest.mark.django_db(transaction=True)
def test_a_deleted_picture_is_gone_from_the_disk(channel: Channel, alice: User) -> None:
    row = add_picture(channel, acting_user=None, data=PNG)
    signed_in(alice).post(reverse("picture_delete", args=[channel.public_id]), {"name": row.name})
    assert not AvatarPicture.objects.exists()
    assert not [path for path in Path(settings.MEDIA_ROOT).rglob("*") if path.is_file()]


@pytest.mark.django_db(transaction=True)
def test_pictures_go_with_their_channel(channel: Channel) -> None:
    add_picture(channel, acting_user=None, data=PNG)
    channel.delete()
    assert not [path for path in Path(settings.MEDIA_ROOT).rglob("*") if path.is_file()]


def test_what_she_wears_cannot_be_deleted(channel: Channel, alice: User) -> None:
    row = add_picture(channel, acting_user=None, data=PNG)
    avatar = {"kind": "png", "own": {"pictures": {"idle": row.name}}}
    save_persona(channel, acting_user=alice, values={"avatar": avatar})
    answer = signed_in(alice).post(
        reverse("picture_delete", args=[channel.public_id]), {"name": row.name}, headers={"Accept": "application/json"}
    )
    assert answer.status_code == 400
    assert "She wears this picture now." in answer.json()["message"]
    assert store.read(row.name)


def test_the_shelf_has_an_end(channel: Channel, alice: User) -> None:
    AvatarPicture.objects.bulk_create(
        AvatarPicture(channel=channel, name=f"{number:032x}.png", width=1, height=1, size=1)
        for number in range(limits.MAX_PICTURES)
    )
    assert "which is the most" in bring(signed_in(alice), channel, ("x.png", PNG)).json()["message"]


def test_the_shelf_has_a_weight(channel: Channel, alice: User) -> None:
    AvatarPicture.objects.create(
        channel=channel, name=f"{1:032x}.png", width=1, height=1, size=limits.MAX_CHANNEL_BYTES - 10
    )
    assert "64 MB together" in bring(signed_in(alice), channel, ("x.png", PNG)).json()["message"]


@pytest.mark.parametrize("name", ["..%2f..%2fsecrets.png", "x.png", f"{'a' * 32}.svg", f"{'a' * 32}.png", ".."])
def test_no_name_leads_out_of_the_folder(name: str, db: None) -> None:
    assert Client().get(f"/media/avatars/{name}").status_code == 404


def test_nothing_is_brought_without_a_file(channel: Channel, alice: User) -> None:
    answer = bring(signed_in(alice), channel)
    assert answer.status_code == 400
    assert answer.json()["message"] == "Choose a picture first."


@pytest.mark.parametrize(
    ("label", "slot"),
    [
        ("Idle.png", "idle"),
        ("mika_talking-open.gif", "talk"),
        ("blink.webp", "blink"),
        ("happy.png", "happy"),
        ("happy_talk.png", "happy_talk"),
        ("half.png", "half"),
        ("sad-blink.png", "sad_blink"),
        ("shy_half.png", "shy_half"),
        ("half_open.png", "half"),
        ("IMG_2041.png", ""),
    ],
)
def test_a_files_name_may_tell_what_it_is_for(label: str, slot: str) -> None:
    assert guessed_slot(label) == slot


def test_a_picture_with_a_strange_name_is_labelled_plainly(channel: Channel) -> None:
    label = "..\\a\x00b/c\x1b[31m.png" + "x" * 90
    row = add_picture(channel, acting_user=None, data=PNG, label=label)
    assert row.label.startswith("c[31m.png")
    assert len(row.label) == 60
