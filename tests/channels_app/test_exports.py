"""A broadcaster takes everything along as one file, and nothing in it is a secret or anybody else's."""

from __future__ import annotations

import io
import json
import zipfile
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from aigirl_site.celery import app
from channels_app import actions, exports
from channels_app.models import AuditEvent, Channel, DataExport, ProviderAccess, TwitchCredential, User
from channels_app.retention import EXPORT_LIFE
from personas.models import AvatarPicture
from personas.uploads import store
from tests import factories
from tests.channels_app.test_forgetting import remembered
from workers import tasks

pytestmark = pytest.mark.django_db


@pytest.fixture
def full(channel: Channel) -> Channel:
    """Alice's channel with secrets, words of chatters, a picture, and a neighbour."""
    factories.turn(channel, chatter_id="44", chatter_name="Dora", asked="my secret cat", said="Splendid!")
    factories.paid_event(channel)
    remembered(channel, text="Dora has a cat")
    remembered(channel, "", "Streams on Fridays", source_id="")
    ProviderAccess.objects.create(
        channel=channel, kind="llm", base_url="https://llm.example/v1", model="m", api_key="sk-canary-key"
    )
    TwitchCredential.objects.create(
        user=channel.broadcaster, access_token="canary-token", refresh_token="canary-refresh", expires_at=timezone.now()
    )
    name = "0" * 32 + ".png"
    AvatarPicture.objects.create(channel=channel, name=name, width=1, height=1, size=4)
    store.write(name, b"\x89PNG")
    factories.turn(factories.channel(), said="Of the neighbour.")
    return channel


def made(channel: Channel, **kwargs: Any) -> DataExport:
    export = exports.ask(channel, acting_user=channel.broadcaster, language="en")
    assert exports.make(export.pk, **kwargs)
    export.refresh_from_db()
    return export


def contents(channel: Channel) -> dict[str, str]:
    file = io.BytesIO()
    exports.write_zip(file, channel, lambda _done, _total: None)
    with zipfile.ZipFile(file) as archive:
        return {name: archive.read(name).decode("utf-8", "replace") for name in archive.namelist()}


def test_everything_of_the_channel_is_in_it_and_each_file_is_explained(full: Channel) -> None:
    files = contents(full)
    turns = [json.loads(line) for line in files["data/channels_app.turn.jsonl"].splitlines()]
    assert [turn["said"] for turn in turns] == ["Splendid!"]
    facts = [json.loads(line)["text"] for line in files["data/channels_app.memoryfact.jsonl"].splitlines()]
    assert facts == ["Streams on Fridays"]
    assert json.loads(files["data/personas.personaversion.jsonl"])["name"] == "Mira"
    assert files[f"media/{'0' * 32}.png"]
    for name in files:
        assert name in files["README.md"] or name.startswith(("media/", "README"))


def test_no_secret_no_word_of_a_chatter_and_nobody_elses_address_is_in_it(full: Channel, bob: User) -> None:
    whole = "".join(contents(full).values())
    for canary in ("canary", "my secret cat", "Dora", "Cheer100 hello!", bob.email, "neighbour"):
        assert canary not in whole
    assert "Bob" in whole, "who helps in the channel is the broadcaster's to know"


def test_it_is_made_by_a_worker_downloaded_by_the_owner_and_gone_after_a_week(
    full: Channel, client: Client, bob: User, charlie: User
) -> None:
    export = made(full)
    address = f"/c/{full.public_id}/privacy/exports/{export.pk}/"
    for person, status in ((bob, 403), (charlie, 404)):
        client.force_login(person)
        assert client.get(address).status_code == status
    client.force_login(full.broadcaster)
    answer = client.get(address)
    assert answer["Content-Type"] == "application/zip"
    assert zipfile.ZipFile(io.BytesIO(b"".join(answer))).testzip() is None
    assert AuditEvent.objects.filter(channel=full, action="privacy.export_taken").count() == 1
    path = exports.path_of(export.name)
    assert path.stat().st_mode & 0o077 == 0
    DataExport.objects.update(ready_at=timezone.now() - EXPORT_LIFE)
    assert client.get(address).status_code == 404


def test_files_go_with_their_rows(channel: Channel, django_capture_on_commit_callbacks: Any) -> None:
    path = exports.path_of(made(channel).name)
    assert exports.forget_old() == 0
    with django_capture_on_commit_callbacks(execute=True):
        assert exports.forget_old(now=timezone.now() + EXPORT_LIFE) == 1
    assert not path.exists()
    path = exports.path_of(made(channel).name)
    with django_capture_on_commit_callbacks(execute=True):
        channel.delete()
    assert not path.exists()


def test_one_is_made_at_a_time_and_a_few_a_day(channel: Channel) -> None:
    exports.ask(channel, acting_user=channel.broadcaster, language="en")
    with pytest.raises(actions.Refused, match="already"):
        exports.ask(channel, acting_user=channel.broadcaster, language="en")
    assert exports.make_waiting() == 1
    for _ in range(exports.A_DAY - 1):
        made(channel)
    with pytest.raises(actions.Refused, match="enough for today"):
        exports.ask(channel, acting_user=channel.broadcaster, language="en")


def test_what_a_dead_worker_left_is_begun_anew_and_a_living_ones_is_not(channel: Channel) -> None:
    export = exports.ask(channel, acting_user=channel.broadcaster, language="en")
    DataExport.objects.filter(pk=export.pk).update(state="running", begun_at=timezone.now())
    assert exports.make_waiting() == 0
    assert exports.make_waiting(now=timezone.now() + exports.PATIENCE + timedelta(minutes=1)) == 1
    export.refresh_from_db()
    assert export.state == DataExport.State.READY


def test_a_message_that_was_lost_is_made_up_for_by_live_workers(channel: Channel) -> None:
    entry = app.conf.beat_schedule["look-after-privacy"]
    assert (entry["task"], entry["options"]["queue"]) == (tasks.look_after_privacy.name, "live")
    export = exports.ask(channel, acting_user=channel.broadcaster, language="ru")
    tasks.look_after_privacy()
    export.refresh_from_db()
    assert export.state == DataExport.State.READY
    with zipfile.ZipFile(exports.path_of(export.name)) as archive:
        assert "Всё, что этот сервис хранит" in archive.read("README.md").decode()


def test_a_full_disk_is_told_and_leaves_nothing_behind(
    channel: Channel, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full_disk(*_args: Any) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(zipfile.ZipFile, "writestr", full_disk)
    before = set(exports._folder().glob("*")) if exports._folder().is_dir() else set()
    made(channel)
    assert set(exports._folder().glob("*")) == before
    client.force_login(channel.broadcaster)
    assert "the fault is ours" in client.get(f"/c/{channel.public_id}/privacy/").content.decode()
