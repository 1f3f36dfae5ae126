"""What docker/ says is true of the house: processes, options, settings, files. No Docker is needed to know."""

from __future__ import annotations

import configparser
import re
import shlex
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml
from django.conf import settings

from aigirl_site.env import ROOT, Env
from aigirl_site.supervisor import plan, valkey
from tests.guards.tracked import PACKAGES, name, tracked
from workers.fleet import control

DOCKER = ROOT / "docker"
COMPOSE: dict[str, Any] = yaml.safe_load((DOCKER / "compose.yml").read_text())
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
OWN_PROXY: dict[str, Any] = yaml.safe_load((DOCKER / "compose.own-proxy.yml").read_text())
COMPOSE_FILES = sorted(DOCKER.glob("compose*.yml"))
UNITS = sorted((DOCKER / "systemd").iterdir())
OF_THE_INTERPRETER = {"PATH", "PYTHONUNBUFFERED", "PYTHONDONTWRITEBYTECODE"}
OF_COMPOSE = {"POSTGRES_PASSWORD", "AIGIRL_TAG", "WEB_PORT", "BACKUP_DIR"}
"""Names that compose.yml puts into itself; no process of ours reads them."""
OTHER_IMAGES = {"postgres", "redis", "proxy"}


def dockerfile() -> list[list[str]]:
    """Its instructions as words, continued lines joined."""
    text = re.sub(r"\\\n\s*", " ", (DOCKER / "Dockerfile").read_text())
    return [line.split() for line in text.splitlines() if line and not line.startswith("#")]


def unit(path: Path) -> configparser.ConfigParser:
    parsed = configparser.ConfigParser(strict=False, interpolation=None)
    parsed.optionxform = str  # type: ignore[assignment,method-assign]
    parsed.read(path)
    return parsed


def served() -> set[str]:
    """What the processes of the house are called where each is started alone."""
    children = plan.make(settings.ENV, port=None, workers=1).children()
    return {re.sub(r"^live1$", "live", child.name) for child in children}


def test_compose_understands_its_files() -> None:
    schema = ["--builtin-schema", "vendor.compose-spec"]
    checked = subprocess.run(
        [sys.executable, "-m", "check_jsonschema", *schema, *COMPOSE_FILES], capture_output=True, text=True, check=False
    )
    assert checked.returncode == 0, checked.stdout


def test_compose_starts_every_process_of_the_house_once() -> None:
    commands = [service.get("command", []) for service in SERVICES.values()]
    started = [command[3] for command in commands if command[:3] == ["python", "manage.py", "serve"]]
    assert sorted(started) == sorted(served())


def test_each_process_of_compose_is_asked_whether_it_works() -> None:
    for service in SERVICES.values():
        command = service.get("command", [])
        if command[:3] == ["python", "manage.py", "serve"]:
            assert service["healthcheck"]["test"][:5] == ["CMD", "python", "manage.py", "alive", command[3]]
            assert service["depends_on"]["migrate"]["condition"] == "service_completed_successfully"
            assert service["init"] is True


def test_the_database_is_brought_up_to_date_once() -> None:
    migrating = [key for key, service in SERVICES.items() if "migrate" in service.get("command", [])]
    assert migrating == ["migrate"]
    assert not SERVICES["migrate"]["restart"].startswith(("always", "unless-stopped"))


def test_workers_have_time_to_hand_their_channels_over() -> None:
    from workers.fleet.runtime import DRAIN_SECONDS

    assert int(SERVICES["worker"]["stop_grace_period"].removesuffix("s")) > DRAIN_SECONDS
    assert int(unit(DOCKER / "systemd" / "aigirl-live@.service")["Service"]["TimeoutStopSec"]) > DRAIN_SECONDS


def test_a_worker_may_have_all_its_threads() -> None:
    assert SERVICES["worker"]["pids_limit"] > 4 * plan.LIVE_THREADS
    assert int(unit(DOCKER / "systemd" / "aigirl-live@.service")["Service"]["TasksMax"]) > 4 * plan.LIVE_THREADS


def test_the_plan_counts_on_as_many_channels_as_a_worker_takes() -> None:
    assert plan.CHANNELS_PER_WORKER == control.CHANNELS_PER_WORKER


def test_redis_runs_as_the_embedded_one_does(tmp_path: Path) -> None:
    ours = SERVICES["redis"]["command"][1:]
    embedded = valkey.command(tmp_path / "socket")
    position = embedded.index("--save")
    assert ours == embedded[position:]


OF_THE_WEB_SERVER = {"FORWARDED_ALLOW_IPS"}
"""Read by uvicorn."""


def test_settings_in_containers_are_settings_of_ours() -> None:
    for key, service in SERVICES.items():
        if key not in OTHER_IMAGES:
            assert set(service.get("environment", {})) <= set(Env.model_fields) | OF_THE_WEB_SERVER, key
    written = {word.partition("=")[0] for words in dockerfile() if words[0] == "ENV" for word in words[1:]}
    assert {word for word in written if not word.startswith("PIP_")} <= set(Env.model_fields) | OF_THE_INTERPRETER


def test_settings_in_units_are_settings_of_ours() -> None:
    for path in UNITS:
        section = unit(path)
        if section.has_option("Service", "Environment"):
            assert section["Service"]["Environment"].partition("=")[0] in Env.model_fields, path.name


def test_every_name_compose_asks_for_is_a_setting_or_told_of() -> None:
    asked = {name for path in COMPOSE_FILES for name in re.findall(r"\$\{([A-Z_]+)", path.read_text())}
    assert asked - set(Env.model_fields) == OF_COMPOSE
    deployment = (ROOT / "docs" / "deployment.md").read_text()
    assert not [each for each in OF_COMPOSE if f"`{each}`" not in deployment]


def test_volumes_and_files_of_compose_exist() -> None:
    used = {
        volume.partition(":")[0]
        for service in SERVICES.values()
        for volume in service.get("volumes", [])
        if not volume.startswith(("$", ".", "/"))
    }
    assert used == set(COMPOSE["volumes"])
    bound = [volume.split(":")[0] for service in SERVICES.values() for volume in service.get("volumes", [])]
    assert [path for path in bound if path.startswith("./")] == ["./Caddyfile"]
    assert (DOCKER / "Caddyfile").is_file()
    assert (DOCKER / SERVICES["web"]["build"]["context"] / SERVICES["web"]["build"]["dockerfile"]).is_file()


def test_the_world_reaches_the_proxy_and_nothing_else() -> None:
    ports = {key: service["ports"] for key, service in SERVICES.items() if "ports" in service}
    assert ports == {"proxy": ["80:80", "443:443", "443:443/udp"]}
    assert f"reverse_proxy web:{port_of_the_site()} {{" in (DOCKER / "Caddyfile").read_text()


def test_the_proxy_reaches_the_site_and_nothing_else() -> None:
    beside_it = {key for key, service in SERVICES.items() if "front" in service.get("networks", [])}
    assert beside_it == {"proxy", "web"}
    assert SERVICES["proxy"]["networks"] == ["front"]
    # What is said to this port of visitors is believed, so that none but the proxy may reach it.
    assert SERVICES["web"]["environment"]["FORWARDED_ALLOW_IPS"] == "*"


def test_with_a_proxy_of_ones_own_the_site_is_on_loopback_and_ours_stays_away() -> None:
    assert OWN_PROXY["services"]["web"]["ports"] == [f"127.0.0.1:${{WEB_PORT:-8000}}:{port_of_the_site()}"]
    assert OWN_PROXY["services"]["proxy"]["profiles"] == ["never"]
    assert set(OWN_PROXY["services"]) == {"web", "proxy"}


def port_of_the_site() -> str:
    command = SERVICES["web"]["command"]
    return str(command[command.index("--port") + 1])


def test_the_image_takes_all_that_runs_and_no_more() -> None:
    copied = [
        word.rstrip("/")
        for words in dockerfile()
        if words[0] == "COPY" and not words[1].startswith("--from")
        for word in words[1:-1]
    ]
    assert {*PACKAGES, "overlay_static", "manage.py"} <= set(copied)
    belongs = {name(path) for path in tracked()}
    assert not [path for path in copied if path not in belongs and not any(b.startswith(f"{path}/") for b in belongs)]
    allowed = {line[1:] for line in (DOCKER / "Dockerfile.dockerignore").read_text().splitlines() if line[:1] == "!"}
    assert {path.replace("overlay_static/package.json", "overlay_static") for path in copied} - {
        "overlay_static/package-lock.json"
    } == allowed


def test_the_image_runs_as_nobody_in_particular() -> None:
    users = [words[1] for words in dockerfile() if words[0] == "USER"]
    assert users
    assert users[-1].split(":")[0] not in {"root", "0"}


def test_the_image_holds_no_secret() -> None:
    text = (DOCKER / "Dockerfile").read_text()
    assert not re.search(r"(?i)(password|secret_key|field_keys|token|api_key)\s*=", text)
    assert not [words for words in dockerfile() if words[0] == "ADD" or (words[0] == "COPY" and ".env" in words)]


@pytest.mark.parametrize("path", UNITS, ids=lambda path: path.name)
def test_units_start_what_is_there(path: Path) -> None:
    section = unit(path)
    for key in ("Wants", "Requires", "After", "PartOf"):
        for other in section["Unit"].get(key, "").split():
            if other.startswith("aigirl"):
                assert (DOCKER / "systemd" / re.sub(r"@\w*\.", "@.", other)).is_file()
    if section.has_option("Service", "ExecStart"):
        program, *arguments = shlex.split(section["Service"]["ExecStart"])
        assert program == "/opt/aigirl/.venv/bin/python" or (ROOT / program.removeprefix("/opt/aigirl/")).is_file()
        if arguments[:2] == ["manage.py", "serve"]:
            assert arguments[2].replace("%i", "") in served()


def test_the_target_wants_every_process() -> None:
    wanted = unit(DOCKER / "systemd" / "aigirl.target")["Unit"]["Wants"].split()
    assert {re.sub(r"aigirl-(\w+).*", r"\1", each) for each in wanted} == served() | {"migrate"}
