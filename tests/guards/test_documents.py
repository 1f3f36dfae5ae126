"""The documents say what the code does: settings, the overlay protocol, links."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from aigirl_site.env import ROOT, Env
from channels_app.overlay import opus, protocol
from tests.guards.tracked import name, tracked

SETTINGS = set(Env.model_fields)
CONFIGURATION = ROOT / "docs" / "configuration.md"
PROTOCOL = ROOT / "docs" / "overlay-protocol.md"


def example_settings() -> set[str]:
    """Names in .env.example, set or commented out."""
    return set(re.findall(r"^(?:# ?)?([A-Z][A-Z0-9_]+)=", (ROOT / ".env.example").read_text(), re.MULTILINE))


def documented_settings() -> set[str]:
    """Names in the first column of the tables of docs/configuration.md."""
    return set(re.findall(r"^\| `([A-Z][A-Z0-9_]+)` \|", CONFIGURATION.read_text(), re.MULTILINE))


def test_the_example_names_every_setting_and_no_other() -> None:
    assert example_settings() == SETTINGS


def test_the_configuration_page_names_every_setting_and_no_other() -> None:
    assert documented_settings() == SETTINGS


def test_every_setting_of_the_example_has_a_meaning_above_it() -> None:
    lines = (ROOT / ".env.example").read_text().splitlines()
    bare = []
    for number, line in enumerate(lines):
        if re.match(r"^(# ?)?[A-Z][A-Z0-9_]+=", line) and not re.match(r"^# [A-Z]?[^=]{8,}$", lines[number - 1]):
            bare.append(line)
    assert not bare


def test_the_example_can_be_used_as_it_stands(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for setting in SETTINGS:
        monkeypatch.delenv(setting, raising=False)
    read = Env(_env_file=ROOT / ".env.example", DATA_DIR=tmp_path)  # type: ignore[call-arg]
    assert read.is_loopback
    assert not read.has_llm


def table(heading: str, column: int = 0) -> set[str]:
    """The code words in a column of the table under this heading of the protocol page."""
    section = PROTOCOL.read_text().split(f"## {heading}\n", 1)[1].split("\n## ", 1)[0]
    rows = [line.split("|")[1:-1] for line in section.splitlines() if line.startswith("| `")][1:]
    return {word for row in rows for word in re.findall(r"`([^`]+)`", row[column])}


def test_the_protocol_page_names_every_message_of_the_page_and_no_other() -> None:
    assert table("Page to server") == set(protocol.TO_SERVER)


def test_the_protocol_page_names_every_message_to_the_page_and_no_other() -> None:
    assert table("Server to page") == set(protocol.TO_PAGE)


def test_the_protocol_page_names_states_acks_and_limits_as_they_are() -> None:
    text = PROTOCOL.read_text()
    assert set(protocol.STATES) <= table("Server to page", 1)
    assert set(protocol.ACKS) <= table("Page to server", 1)
    assert set(protocol.ENCODINGS) <= table("Page to server", 1) & table("Server to page", 1)
    assert f"packets of {opus.PACKET * 1000 // protocol.RATE} ms" in text
    assert f"the last {opus.MARGIN} samples" in text
    assert f"for {opus.HELD_SECONDS} s" in text
    for code in (protocol.CLOSE_NO_KEY, protocol.CLOSE_FORBIDDEN, protocol.CLOSE_NO_HELLO, protocol.CLOSE_TOO_MANY):
        assert str(code) in text
    assert f"{protocol.MAX_FRAME // 1024} KiB a frame" in text
    assert f"{protocol.MESSAGES_PER_SECOND} messages a second (burst {protocol.MESSAGE_BURST})" in text
    assert f"{protocol.MAX_SOCKETS_PER_KEY} sockets per key" in text


def anchors(page: Path) -> set[str]:
    """Fragments the headings of a Markdown page can be linked by."""
    headings = re.findall(r"^#+ (.+)$", page.read_text(), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.strip().lower()).replace(" ", "-") for heading in headings}


def links() -> list[tuple[Path, str]]:
    """(page, target) of every link and picture that stays inside the repository."""
    found = []
    for page in tracked(".md"):
        prose = re.sub(r"```.*?```", "", page.read_text(), flags=re.DOTALL)
        targets = re.findall(r"\]\(([^)\s]+)\)", prose) + re.findall(r'(?:src|href)="([^"]+)"', prose)
        found += [(page, target) for target in targets if not re.match(r"[a-z]+:", target)]
    return found


def test_every_link_leads_somewhere() -> None:
    dead = []
    for page, target in links():
        path, _hash, fragment = target.partition("#")
        file = (page.parent / path).resolve() if path else page
        if not file.exists() or (fragment and file.suffix == ".md" and fragment not in anchors(file)):
            dead.append(f"{name(page)} -> {target}")
    assert not dead


def test_links_were_found() -> None:
    assert any(page.name == "README.md" for page, _target in links())
