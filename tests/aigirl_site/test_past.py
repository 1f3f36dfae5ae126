"""A database that has only some of the steps that were put together since is refused, however it is met."""

from __future__ import annotations

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder

from aigirl_site.management.commands import up
from aigirl_site.past import TOO_OLD, is_too_old
from aigirl_site.supervisor.ground import Obstacle

pytestmark = pytest.mark.django_db


def chains() -> dict[str, list[str]]:
    """The migrations of each app that were put together since, in their order."""
    loader = MigrationLoader(None, load=False)
    loader.load_disk()
    gone = {step for migration in loader.disk_migrations.values() for step in migration.replaces}
    gone -= loader.disk_migrations.keys()
    return {app: sorted(name for each, name in gone if each == app) for app, _name in gone}


CHAINS = chains()


def came_as_far_as(app: str, steps: int) -> None:
    """The records of a database whose old version ran this many of its app's migrations."""
    recorder = MigrationRecorder(connection)
    recorder.migration_qs.filter(app=app).delete()
    for name in CHAINS[app][:steps]:
        recorder.record_applied(app, name)


@pytest.mark.parametrize(("app", "steps"), [(app, steps) for app in CHAINS for steps in range(1, len(CHAINS[app]))])
def test_wherever_it_stopped_it_is_too_old(app: str, steps: int) -> None:
    came_as_far_as(app, steps)
    assert is_too_old(connection)


@pytest.mark.parametrize("app", CHAINS)
def test_at_its_last_step_it_counts_as_up_to_date(app: str) -> None:
    came_as_far_as(app, len(CHAINS[app]))
    assert not is_too_old(connection)


@pytest.mark.parametrize("app", CHAINS)
def test_a_new_one_is_not_too_old(app: str) -> None:
    came_as_far_as(app, 0)
    assert not is_too_old(connection)


def test_every_old_step_is_replaced_by_one_that_is_there() -> None:
    assert {app: len(chain) for app, chain in CHAINS.items()} == {
        "channels_app": 16,
        "personas": 10,
        "billing": 8,
        "workers": 2,
    }


def test_everything_that_migrates_says_so() -> None:
    came_as_far_as("channels_app", 9)
    with pytest.raises(CommandError, match="earlier version"):
        call_command("migrate", verbosity=0)
    with pytest.raises(Obstacle) as obstacle:
        up.migrate()
    assert str(obstacle.value) == TOO_OLD
