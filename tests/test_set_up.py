"""When the set-up of ./start.sh cannot go on, its last line says why and what to do. Only `python` is played."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from aigirl_site.env import ROOT

NAMES = ("python", "python3", "python3.11", "python3.12", "python3.13", "python3.14")
TOOLS = ("bash", "cat", "chmod", "cp", "cut", "dirname", "env", "grep", "mkdir", "rm", "sed", "sleep", "tail", "tr")
NOBODY = 65534
PLAYED = """#!{bash}
case "$*" in
  *"sys.version_info < (3, 11)"*) exit {too_old:d} ;;
  --version) echo "Python {version}" ;;
  "-c import venv, ensurepip") exit {no_venv:d} ;;
  "-m venv "*) mkdir -p "$3/bin" && cp "$0" "$3/bin/python" ;;
  "-m pip --version") ;;
  "-m pip install "*) cat "{log}"; exit 1 ;;
  *) exec "{real}" "$@" ;;
esac
"""


@dataclass
class Place:
    """A directory with what the set-up needs of the repository, and the Pythons of its machine."""

    root: Path
    bin: Path
    shims: Path
    """Where a version manager offers its Pythons; stands first on PATH."""
    tools: Path

    def play(
        self,
        *,
        version: str = "3.12.4",
        log: str = "",
        too_old: bool = False,
        no_venv: bool = False,
        where: Path | None = None,
    ) -> None:
        """Every Python there, in `bin` if nothing else is said, has this version, and its pip fails with this log."""
        where = where or self.bin
        said = where / "pip.log"
        said.write_text(log)
        text = PLAYED.format(
            bash=shutil.which("bash"), too_old=too_old, no_venv=no_venv, version=version, log=said, real=sys.executable
        )
        for name in NAMES:
            (where / name).write_text(text)
            (where / name).chmod(0o755)

    def complaint(self, *, user: int | None = None, named: Path | None = None) -> str:
        """The last line of a start that fails; `named` is the Python it was told to take."""
        done = subprocess.run(
            [self.root / "start.sh"],
            env={"PATH": f"{self.shims}:{self.bin}:{self.tools}"} | ({"PYTHON": str(named)} if named else {}),
            capture_output=True,
            text=True,
            timeout=60,
            user=user,
        )
        assert done.returncode == 1, done.stdout
        return done.stderr.splitlines()[-1]


@pytest.fixture
def place() -> Iterator[Place]:
    # Not in pytest's own directory, into which another user may not look.
    with tempfile.TemporaryDirectory(prefix="aigirl-set-up-") as above:
        made = Place(*(Path(above) / name for name in ("repository", "bin", "shims", "tools")))
        Path(above).chmod(0o755)
        (made.root / "aigirl_site").mkdir(parents=True)
        for directory in (made.bin, made.shims, made.tools):
            directory.mkdir()
        # Whatever Python the machine has is out of sight.
        for tool in TOOLS:
            (made.tools / tool).symlink_to(shutil.which(tool) or tool)
        for name in ("start.sh", "aigirl_site/setup.sh", "requirements.txt", "requirements-assets.txt"):
            shutil.copy(ROOT / name, made.root / name)
        made.play()
        yield made


def retry(left: int) -> str:
    return (
        f"WARNING: Retrying (Retry(total={left}, connect=None, read=None, redirect=None, status=None)) after "
        "connection broken by 'NewConnectionError('<pip._vendor.urllib3.connection.HTTPSConnection object at 0x7f1c>: "
        "Failed to establish a new connection: [Errno -2] Name or service not known')': /simple/django/\n"
    )


def not_found(wanted: str, versions: str) -> str:
    return (
        f"ERROR: Could not find a version that satisfies the requirement {wanted} (from versions: {versions})\n"
        f"ERROR: No matching distribution found for {wanted}\n"
    )


OUT_OF_REACH = "".join(map(retry, (4, 3, 2, 1, 0)))
OTHER_PYTHON = (
    "ERROR: Ignored the following versions that require a different python version: 1.2 Requires-Python <3.14\n"
)
OTHER_HASH = (
    "ERROR: THESE PACKAGES DO NOT MATCH THE HASHES FROM THE REQUIREMENTS FILE. If you have updated the package\n"
)
NO_SPACE = "ERROR: Could not install packages due to an OSError: [Errno 28] No space left on device\n"


@pytest.mark.parametrize(
    ("log", "said"),
    [
        (OUT_OF_REACH + not_found("django==5.2", "none"), "servers cannot be reached; connect this machine"),
        (not_found("django==99.1", "5.1, 5.2, 5.2.1"), "have no django==99.1 for Python 3.14.0; remove "),
        (retry(4) + not_found("django==99.1", "5.1, 5.2"), "have no django==99.1 for Python 3.14.0; remove "),
        (OTHER_PYTHON + not_found("onnx==1.2", "none"), "have no onnx==1.2 for Python 3.14.0; remove "),
        (OTHER_HASH, "is not the one that was locked; go round the mirror or proxy"),
        (NO_SPACE, "the disk is full; free about 2 GB"),
        ("error: subprocess-exited-with-error\n", "; the whole story is in "),
    ],
    ids=["no network", "no such pin", "no such pin, once tried again", "Python too new", "other hash", "disk", "other"],
)
def test_what_pip_could_not_do_is_said_in_one_sentence(log: str, said: str, place: Place) -> None:
    place.play(version="3.14.0", log=log)
    complaint = place.complaint()
    assert complaint.startswith("Installing Python packages (about a minute) failed")
    assert said in complaint


def test_a_python_that_is_too_old_is_named(place: Place) -> None:
    place.play(version="3.9.2", too_old=True)
    assert place.complaint().startswith(
        "AI Girl needs Python 3.11 or newer (found: Python 3.9.2); install it, or name one"
    )


def test_a_python_without_its_venv_module_is_named(place: Place) -> None:
    place.play(no_venv=True)
    assert place.complaint().endswith(
        "has no venv module; on Debian and Ubuntu install it with: sudo apt install python3-venv"
    )


@pytest.mark.parametrize("no_venv", [False, True])
def test_the_machines_own_python_comes_before_a_version_managers(no_venv: bool, place: Place) -> None:
    log = not_found("django==99.1", "5.1, 5.2")
    place.play(version="3.11.2", log=log, no_venv=no_venv)
    place.play(version="3.13.1", log=log, where=place.shims)
    assert ("for Python 3.13.1;" if no_venv else "for Python 3.11.2;") in place.complaint()


@pytest.mark.parametrize(
    ("fault", "said"),
    [({"too_old": True, "version": "3.9.2"}, "(found: Python 3.9.2)"), ({"no_venv": True}, "has no venv module")],
    ids=["too old", "no venv"],
)
def test_no_other_is_taken_for_the_one_that_was_named(fault: dict[str, Any], said: str, place: Place) -> None:
    place.play(where=place.shims, **fault)
    assert said in place.complaint(named=place.shims / "python3")


def test_a_named_one_that_is_not_there_is_said(place: Place) -> None:
    assert "(found: none)" in place.complaint(named=place.root / "python3.12")


def test_a_directory_nobody_may_write_to_is_named(place: Place) -> None:
    place.root.chmod(0o555)
    # The machine's owner may write everywhere.
    complaint = place.complaint(user=NOBODY if os.geteuid() == 0 else None)
    place.root.chmod(0o755)
    assert complaint == (
        f"{place.root} cannot be written to; put the repository into a directory this user may write to."
    )
