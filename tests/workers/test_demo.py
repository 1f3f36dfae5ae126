"""The keyless demo at each start: its owner's overlay URL goes on working."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.utils import timezone
from pytest_django.fixtures import Settings

from channels_app import actions
from channels_app.models import Channel, OverlayKey
from channels_app.overlay import auth
from workers import demo

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def data(tmp_path: Path, settings: Settings) -> None:
    settings.ENV = settings.ENV.model_copy(update={"DATA_DIR": tmp_path})


def works(url: str) -> bool:
    return auth.key_for(Channel.objects.get(is_demo=True), url.rpartition("#k=")[2]) is not None


def test_a_second_start_prints_the_same_url() -> None:
    assert demo.prepare() == demo.prepare()


def test_a_start_never_takes_away_the_url_its_owner_made() -> None:
    demo.prepare()
    own = actions.new_overlay_url(Channel.objects.get(is_demo=True), acting_user=None)
    OverlayKey.objects.filter(expires_at__isnull=False).update(expires_at=timezone.now() - actions.ROTATION_GRACE)
    printed = demo.prepare()
    assert works(printed)
    assert works(own)
    assert not OverlayKey.objects.filter(
        digest=auth.digest(own.rpartition("#k=")[2]), expires_at__isnull=False
    ).exists()
    assert demo.prepare() == printed
