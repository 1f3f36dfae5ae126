"""Who may know whom: the contracts of pyproject.toml, and the one door to the environment."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest
from django.template.backends.django import get_installed_libraries
from importlinter.api import read_configuration
from importlinter.application import use_cases

from aigirl_site.env import ROOT
from tests.guards.tracked import PACKAGES, name, product, tree

READS_ENVIRONMENT = {
    "aigirl_site/env.py": "the one place that reads settings",
    "aigirl_site/asgi.py": "names the settings module for Django",
    "aigirl_site/celery.py": "names the settings module for Django",
    "manage.py": "names the settings module for Django",
    "aigirl_site/management/commands/up.py": "starts itself again with the settings its options ask for",
    "aigirl_site/backups/database.py": "hands the environment on to PostgreSQL's programs",
    "aigirl_site/supervisor/plan.py": "hands the environment on to the processes it starts",
}
"""File -> why it may touch os.environ."""


def contracts() -> list[str]:
    return [options["name"] for options in read_configuration(str(ROOT / "pyproject.toml"))["contracts_options"]]


@pytest.fixture(scope="module")
def report() -> dict[str, bool]:
    """Contract name -> kept. The import graph is built once for all of them."""
    options = use_cases.read_user_options(config_filename=str(ROOT / "pyproject.toml"))
    use_cases._register_contract_types(options)
    built = use_cases.create_report(options, cache_dir=None)
    assert not built.could_not_run, built.invalid_contract_options
    return {contract.name: check.kept for contract, check in built.get_contracts_and_checks()}


@pytest.mark.parametrize("contract", contracts())
def test_the_contract_is_kept(contract: str, report: dict[str, bool]) -> None:
    assert report[contract], f"Broken: {contract!r}. `lint-imports` shows the chain of imports."


def test_the_contracts_cover_every_package() -> None:
    assert set(read_configuration(str(ROOT / "pyproject.toml"))["session_options"]["root_packages"]) == set(PACKAGES)


def test_templates_take_tags_and_parts_from_no_room_above_or_beside_theirs() -> None:
    floor = {"channels_app": 0, "billing": 1, "personas": 1, "workers": 2, "aigirl_site": 3}
    libraries = {tag: path.partition(".")[0] for tag, path in get_installed_libraries().items()}
    wrong = []
    for room in PACKAGES:
        for template in sorted((ROOT / room).rglob("*.html")):
            text = template.read_text()
            loaded = {libraries[tag] for tags in re.findall(r"{% load ([\w ]+) %}", text) for tag in tags.split()}
            taken = loaded | set(re.findall(r"""{% (?:include|extends) ["'](\w+)/""", text))
            others = taken.intersection(PACKAGES) - {room}
            wrong += [(name(template), other) for other in others if floor[other] >= floor[room]]
    assert wrong == []


def environment_lines(path: Path) -> list[int]:
    """Lines that touch the process environment."""
    found = []
    for node in ast.walk(tree(path)):
        attribute = isinstance(node, ast.Attribute) and node.attr in {"environ", "environb", "getenv", "getenvb"}
        taken = isinstance(node, ast.ImportFrom) and node.module == "os"
        if attribute and isinstance(node, ast.Attribute) and getattr(node.value, "id", "") == "os":
            found.append(node.lineno)
        if taken and isinstance(node, ast.ImportFrom) and {"environ", "getenv"} & {item.name for item in node.names}:
            found.append(node.lineno)
    return found


def test_only_the_typed_environment_reads_variables() -> None:
    touching = {name(path): environment_lines(path) for path in product()}
    unexpected = {file: lines for file, lines in touching.items() if lines and file not in READS_ENVIRONMENT}
    assert not unexpected, "Read settings through aigirl_site.env (settings.ENV) instead of os.environ."


def test_no_file_is_excused_for_nothing() -> None:
    stale = [file for file in READS_ENVIRONMENT if not (ROOT / file).exists() or not environment_lines(ROOT / file)]
    assert not stale


def test_the_scan_sees_every_way_to_read_a_variable(tmp_path: Path) -> None:
    sample = tmp_path / "sample.py"
    sample.write_text("import os\nfrom os import environ\na = os.environ['A']\nb = os.getenv('B')\n")
    assert environment_lines(sample) == [2, 3, 4]
