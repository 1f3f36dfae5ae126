"""Processor time of the service by stage of the line, as `sampled/sitecustomize.py` notes it inside its processes."""

from __future__ import annotations

import json
from pathlib import Path

SAMPLED = Path(__file__).resolve().parent / "sampled"


def environment(folder: Path, paths: str = "") -> dict[str, str]:
    """What the service's processes must find around them. `paths`: the PYTHONPATH there was."""
    folder.mkdir(parents=True, exist_ok=True)
    return {"AIGIRL_SAMPLED": str(folder), "PYTHONPATH": ":".join(filter(None, (str(SAMPLED), paths)))}


def seconds(folder: Path) -> dict[str, float]:
    """So far, by stage; those of the web process begin with "web: "."""
    spent: dict[str, float] = {}
    for file in folder.glob("*.json"):
        prefix = "web: " if file.name.startswith("web") else ""
        for stage, used in json.loads(file.read_text()).items():
            spent[prefix + stage] = spent.get(prefix + stage, 0.0) + used
    return spent
