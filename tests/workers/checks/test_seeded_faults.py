"""Each thing that can be wrong is seeded for real, named as what it is, and nothing else is blamed."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.db.migrations.recorder import MigrationRecorder
from django.utils import timezone, translation

from channels_app.models import Channel, EventSubSubscription, OverlayPresence, TwitchCredential
from channels_app.twitch.scopes import CHAT, SIGN_IN
from personas.models import Persona
from tests.fakes.provider import ProviderServer, malformed, reset, stall, status
from tests.reading import has_english
from tests.workers.checks.conftest import STALL_WAIT, SetUp, connect_twitch, unused_port, web
from workers.checks.finding import SUBJECTS, Status
from workers.fleet import pulse
from workers.models import Run, WorkerProcess

pytestmark = pytest.mark.django_db

Seed = Callable[[SetUp], None]
SEEDS: dict[str, tuple[str, Seed]] = {}
"""Name of the seed -> (the subject that must be at fault, what to break)."""


def seed(subject: str) -> Callable[[Seed], Seed]:
    def keep(breaking: Seed) -> Seed:
        SEEDS[breaking.__name__] = (subject, breaking)
        return breaking

    return keep


# The machine


@seed("python")
def old_python(given: SetUp) -> None:
    given.ways["python"] = (3, 9)


@seed("data_dir")
def data_directory_below_a_file(given: SetUp) -> None:
    """Nobody can write there, not even the machine's owner, who may write into any read-only directory."""
    given.build.with_name("file").write_text("")
    given.configure(DATA_DIR=str(given.build.with_name("file") / "data"))


@seed("disk")
def full_disk(given: SetUp) -> None:
    given.ways["disk_free"] = lambda path: 50 * 1024**2


@seed("clock")
def clock_two_minutes_ahead(given: SetUp) -> None:
    def ahead() -> float:
        return time.time() + 120

    pulse.mark(now=ahead)
    given.ways["now"] = ahead


@seed("settings")
def secret_of_an_example(given: SetUp) -> None:
    given.configure(SECRET_KEY="change-me-please-change-me-please")


@seed("settings")
def secret_a_template_made(given: SetUp) -> None:
    given.configure(SECRET_KEY="django-insecure-p4$9ux!c2m0w@d71t5")


@seed("settings")
def secret_that_repeats_one_word(given: SetUp) -> None:
    given.configure(SECRET_KEY="secret" * 9)


@seed("settings")
def speech_key_of_an_example(given: SetUp) -> None:
    given.configure(SPEECH_BASE_URL="", SPEECH_API_KEY="sk-...")


@seed("settings")
def stripe_key_of_an_example(given: SetUp) -> None:
    given.configure(STRIPE_SECRET_KEY="your-key-here")


@seed("settings")
def database_elsewhere_with_the_password_of_an_example(given: SetUp) -> None:
    given.configure(DATABASE_URL="postgres://postgres:postgres@db.example.com/aigirl")


@seed("settings")
def twitch_id_without_secret(given: SetUp) -> None:
    given.configure(TWITCH_CLIENT_SECRET="")


@seed("front_end")
def front_end_never_built(given: SetUp) -> None:
    given.settings.VITE_MANIFEST = given.build / "nowhere" / "manifest.json"


@seed("front_end")
def front_end_without_its_script(given: SetUp) -> None:
    (given.build / "overlay.js").unlink()


# The processes


@seed("redis")
def redis_stopped(given: SetUp) -> None:
    given.configure(REDIS_URL=f"redis://127.0.0.1:{unused_port()}/0")


@seed("broker")
def broker_stopped(given: SetUp) -> None:
    given.configure(BROKER_URL=f"redis://127.0.0.1:{unused_port()}/0")


@seed("migrations")
def migration_not_applied(given: SetUp) -> None:
    MigrationRecorder(connection).record_unapplied("sessions", "0001_initial")


@seed("port")
def site_does_not_answer(given: SetUp) -> None:
    given.configure(SITE_URL=f"http://localhost:{unused_port()}")


@seed("workers")
def no_live_worker(given: SetUp) -> None:
    WorkerProcess.objects.filter(kind=WorkerProcess.Kind.LIVE).update(expires_at=timezone.now() - timedelta(minutes=1))


@seed("workers")
def only_worker_is_leaving(given: SetUp) -> None:
    WorkerProcess.objects.filter(kind=WorkerProcess.Kind.LIVE).update(draining=True)


@seed("control")
def no_control_worker(given: SetUp) -> None:
    WorkerProcess.objects.filter(kind=WorkerProcess.Kind.CONTROL).delete()


@seed("control")
def beat_stands_still(given: SetUp) -> None:
    pulse.mark(now=lambda: time.time() - 60)


@seed("gateway")
def gateway_keeps_failing(given: SetUp) -> None:
    Run.objects.update(owner="", owner_epoch=0, last_error="conduit refused")


# Twitch


@seed("twitch_keys")
def wrong_client_secret(given: SetUp) -> None:
    given.configure(TWITCH_CLIENT_SECRET="of-another-application")


@seed("twitch_keys")
def twitch_out_of_reach(given: SetUp) -> None:
    nowhere = f"http://127.0.0.1:{unused_port()}"
    given.configure(TWITCH_AUTH_URL=nowhere, TWITCH_API_URL=nowhere)


@seed("eventsub")
def eventsub_out_of_reach(given: SetUp) -> None:
    given.configure(TWITCH_EVENTSUB_URL=f"ws://127.0.0.1:{unused_port()}/ws")


@seed("sign_in")
def permission_taken_back(given: SetUp) -> None:
    given.twitch.revoke("Alice")


@seed("sign_in")
def token_expired_and_not_renewed(given: SetUp) -> None:
    TwitchCredential.objects.update(expires_at=timezone.now() - timedelta(hours=1))
    given.twitch.kill_refresh_tokens("Alice")


@seed("sign_in")
def never_signed_in(given: SetUp) -> None:
    TwitchCredential.objects.all().delete()


@seed("scopes")
def chat_not_allowed(given: SetUp) -> None:
    connect_twitch(given, tuple(scope for scope in SIGN_IN if scope != CHAT[0]))


@seed("subscriptions")
def eventsub_subscription_refused(given: SetUp) -> None:
    EventSubSubscription.objects.update(state=EventSubSubscription.State.REFUSED, problem="403 missing permission")


# Mind and voice


@seed("llm")
def wrong_model_key(given: SetUp) -> None:
    given.configure(LLM_API_KEY="wrong-key")


@seed("llm")
def unknown_model(given: SetUp) -> None:
    given.provider.chat.queue(status(404, message="The model does not exist"))


@seed("llm")
def model_never_answers(given: SetUp) -> None:
    given.ways["wait"] = STALL_WAIT
    given.provider.chat.queue(stall())


@seed("llm")
def model_server_not_running(given: SetUp) -> None:
    given.configure(LLM_BASE_URL=f"http://127.0.0.1:{unused_port()}/v1")


@seed("speech")
def wrong_speech_key(given: SetUp) -> None:
    given.configure(SPEECH_API_KEY="wrong-key")


@seed("speech")
def speech_stalls(given: SetUp) -> None:
    given.ways["wait"] = STALL_WAIT
    given.provider.speech.queue(stall())


@seed("speech")
def speech_sends_no_sound(given: SetUp) -> None:
    given.provider.speech.queue(malformed())


@seed("moderation")
def moderation_fails(given: SetUp) -> None:
    given.provider.moderation.queue(status(500))


@seed("judge")
def judge_fails(given: SetUp) -> None:
    given.provider.decisions.queue(status(500))


@seed("moderation")
def moderation_breaks_off(given: SetUp) -> None:
    given.provider.moderation.queue(reset())


def go_to(moment: datetime, given: SetUp) -> None:
    """It is then, here and at Twitch."""
    given.twitch.now = given.ways["now"] = moment.timestamp
    pulse.mark(now=moment.timestamp)


@seed("llm")
def model_was_switched_off(given: SetUp) -> None:
    given.configure(LLM_BASE_URL="https://api.openai.com/v1", LLM_MODEL="gpt-4o-mini")
    go_to(datetime(2027, 1, 14, 12, tzinfo=UTC), given)


@seed("speech")
def speech_model_was_switched_off(given: SetUp) -> None:
    given.configure(SPEECH_BASE_URL="https://api.openai.com/v1", SPEECH_MODEL="tts-1")
    go_to(datetime(2027, 1, 6, 12, tzinfo=UTC), given)


# The show


@seed("channel")
def channel_suspended(given: SetUp) -> None:
    Channel.objects.update(suspended_at=timezone.now(), desired_state="stopped")


@seed("persona")
def nothing_published(given: SetUp) -> None:
    Persona.objects.update(published=None)


@seed("overlay")
def no_overlay(given: SetUp) -> None:
    OverlayPresence.objects.all().delete()


@seed("overlay")
def overlay_gone_for_a_minute(given: SetUp) -> None:
    OverlayPresence.objects.update(seen_at=timezone.now() - timedelta(minutes=1))


@seed("overlay")
def only_the_preview_is_open(given: SetUp) -> None:
    OverlayPresence.objects.update(is_preview=True)


@seed("sound")
def overlay_muted(given: SetUp) -> None:
    OverlayPresence.objects.update(audible=False)


# What must be seen


def test_a_sound_set_up_has_neither_faults_nor_hints(set_up: SetUp) -> None:
    findings = set_up.findings()
    assert [finding for finding in findings if finding.status is not Status.OK] == []
    # Everything was really looked at; a broker of its own is the exception.
    assert {finding.id for finding in findings} == SUBJECTS.keys() - {"broker"}


def test_a_sound_set_up_is_told_in_russian(set_up: SetUp) -> None:
    with translation.override("ru"):
        findings = set_up.findings()
    english = [finding.what for finding in findings if has_english(f"{finding.title} {finding.what}", "Mira")]
    assert english == []


@pytest.mark.parametrize("name", SEEDS)
def test_the_fault_is_named_and_nothing_else_blamed(name: str, set_up: SetUp) -> None:
    subject, breaking = SEEDS[name]
    breaking(set_up)
    with translation.override("ru"):  # the reader's language reaches every thread that looks
        faults = set_up.faults()
    assert list(faults) == [subject]
    assert faults[subject].what
    assert faults[subject].mend
    assert not has_english(f"{faults[subject].title} {faults[subject].what} {faults[subject].mend}")


def test_enough_different_faults_are_seeded() -> None:
    assert len({subject for subject, _breaking in SEEDS.values()}) >= 20


@pytest.mark.parametrize(
    "url", ["postgres://postgres:postgres@127.0.0.1/aigirl", "postgres://postgres@127.0.0.1/aigirl"]
)
def test_a_database_fresh_on_ones_own_machine_is_no_fault_and_no_hint(url: str, set_up: SetUp) -> None:
    set_up.configure(DATABASE_URL=url)
    (told,) = [finding for finding in set_up.findings() if finding.id == "settings"]
    assert told.status is Status.OK
    assert ("DATABASE_URL is easily guessed" in told.what) == ("postgres:postgres" in url)


def test_another_program_on_the_port_is_told_from_the_site(set_up: SetUp) -> None:
    def stranger(environ: object, start: Callable[..., object]) -> list[bytes]:
        start("200 OK", [("Content-Type", "text/html")])
        return [b"<h1>Something else</h1>"]

    with web(stranger) as port:
        set_up.configure(SITE_URL=f"http://localhost:{port}")
        faults = set_up.faults()
    assert list(faults) == ["port"]
    assert "Another program" in faults["port"].what


def test_a_second_model_that_steps_in_does_not_hide_that_the_first_is_down(set_up: SetUp) -> None:
    set_up.configure(LLM_SPARE_MODEL="spare")
    set_up.provider.chat.queue(status(503))
    [finding] = [finding for finding in set_up.findings() if finding.id == "llm"]
    assert finding.status is Status.WARN
    assert "steps in" in finding.what


def test_one_of_two_gateways_that_is_away_is_a_hint_as_the_other_reads_all(set_up: SetUp) -> None:
    set_up.configure(GATEWAYS="2")
    [finding] = [finding for finding in set_up.findings() if finding.id == "gateway"]
    assert (finding.status, finding.detail) == (Status.WARN, "gateway/1")


def test_no_finding_shows_a_secret(set_up: SetUp, provider: ProviderServer) -> None:
    set_up.configure(LLM_API_KEY="sk-hush-hush-hush", SPEECH_API_KEY="sk-hush-hush-hush", TWITCH_CLIENT_SECRET="hush")
    provider.moderation.queue(status(400, message="key sk-hush-hush-hush is bad"))
    set_up.configure(DATABASE_URL="postgres://hush:hush@db.example.com/aigirl", SECRET_KEY="django-insecure-hush")
    shown = " ".join(str(finding.as_json()) for finding in set_up.findings())
    assert "DATABASE_URL" in shown
    assert "hush" not in shown
    assert TwitchCredential.objects.get().access_token not in shown
