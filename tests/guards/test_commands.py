"""Whatever the documents, pages and scripts tell people to run exists, with the options they name."""

from __future__ import annotations

import re
from collections.abc import Iterator

from django.core.management import get_commands, load_command_class

from aigirl_site.env import ROOT
from tests.guards.tracked import PACKAGES, name, tracked

PLACES = (".md", ".html", ".sh", ".yml", ".service", ".target", ".timer", ".py", ".example", "")
DJANGO = re.compile(r"manage\.py(?:[\"'], ?[\"']| )(?P<command>[a-z_]+)(?P<rest>[^`|;&#\n]*)")
SCRIPT = re.compile(r"(?<![\w/.-])(?:python3? |\./)(?P<file>(?:[\w-]+/)*[\w-]+\.(?:py|sh))(?P<rest>[^`|;&#\n]*)")
OPTION = re.compile(r"(?<!\S)[`\"'\[]*(--[a-z][\w-]*)")
OF_THE_SHELL = {"start.sh": {"--port", "--data", "--workers", "--install", "--help"}}
"""Options of scripts that are not written in Python."""
PASSED_ON = {"test.sh"}
"""Scripts that hand their options to pytest, which refuses those it does not know."""
ELSEWHERE = {"tests/guards/test_commands.py"}


def texts() -> Iterator[tuple[str, str]]:
    """(file, text) of everything that may tell somebody to run something; migrations and locks do not."""
    for path in tracked(*PLACES):
        if path.suffix in PLACES and name(path) not in ELSEWHERE and "migrations" not in path.parts:
            try:
                yield name(path), path.read_text()
            except UnicodeDecodeError:
                continue


def found(pattern: re.Pattern[str]) -> list[tuple[str, re.Match[str]]]:
    return [(file, match) for file, text in texts() for match in pattern.finditer(text)]


def options_of(command: str) -> set[str]:
    """What `manage.py command` takes."""
    made = load_command_class(get_commands()[command], command)
    return set(made.create_parser("manage.py", command)._option_string_actions)


def test_every_command_of_manage_py_that_is_named_exists_with_its_options() -> None:
    known = get_commands()
    missing = []
    for file, match in found(DJANGO):
        command = match["command"]
        if command not in known:
            missing.append(f"{file}: {match[0].strip()}")
        elif unknown := set(OPTION.findall(match["rest"])) - options_of(command):
            missing.append(f"{file}: {command} has no {', '.join(sorted(unknown))}")
    assert not missing


def test_every_script_that_is_named_exists_with_its_options() -> None:
    missing = []
    for file, match in found(SCRIPT):
        script = ROOT / match["file"]
        if match["file"] == "manage.py" or match["file"] in PASSED_ON:
            continue
        if not script.is_file():
            missing.append(f"{file}: {match[0].strip()}")
            continue
        known = OF_THE_SHELL.get(match["file"])
        source = script.read_text()
        options = set(OPTION.findall(match["rest"]))
        unknown = options - known if known else {option for option in options if option not in source}
        missing += [f"{file}: {match['file']} has no {option}" for option in unknown]
    assert not missing


def test_every_command_of_ours_is_told_of() -> None:
    ours = {command for command, app in get_commands().items() if app in PACKAGES}
    told = "".join(
        (ROOT / "docs" / page).read_text() for page in ("quickstart.md", "configuration.md", "deployment.md")
    )
    untold = {command for command in ours if not re.search(rf"manage\.py {command}\b", told)}
    assert not untold, "Name it in docs/quickstart.md."


def test_the_search_sees_what_people_write() -> None:
    line = (
        'Run `python manage.py chat demo Viewer "hello" --event cheer` or ./start.sh --port 8010; python x/y.py --json'
    )
    django, script = DJANGO.search(line), SCRIPT.findall(line)
    assert django
    assert (django["command"], OPTION.findall(django["rest"])) == ("chat", ["--event"])
    assert [file for file, _rest in script] == ["manage.py", "start.sh", "x/y.py"]
