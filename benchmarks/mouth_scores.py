"""How near a mouth is to the truth. All figures are over 10 ms frames, or over the closures and onsets of the clips."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from benchmarks.mouth_training.engines import GAP, Timed

ACCEPTED = {
    "sil": ("sil", "XA"), "p": ("PP", "A"), "b": ("PP", "A"), "m": ("PP", "A"), "f": ("FF", "G"), "v": ("FF", "G"),
    "th": ("TH DD SS", "BFHC"), "t": ("DD nn SS", "BCEFH"), "d": ("DD nn", "BCEFH"), "k": ("kk DD", "BCEFH"),
    "g": ("kk DD", "BCEFH"), "x": ("kk", "BCEFH"), "sh": ("CH SS", "BF"), "ch": ("CH SS", "BF"), "s": ("SS CH", "BF"),
    "z": ("SS CH", "BF"), "ts": ("SS DD CH", "BF"), "n": ("nn DD", "BCEFH"), "ng": ("nn kk", "BCEF"),
    "l": ("nn DD", "HBCEF"), "r": ("RR E O", "BCEF"), "rr": ("RR DD nn", "BCEFH"), "j": ("I E", "BC"),
    "w": ("U O", "FE"), "i": ("I E", "BC"), "I": ("I E", "BC"), "y": ("I E", "BC"), "Y": ("U I O E", "FBEC"),
    "e": ("E I", "CB"), "E": ("E aa", "CD"), "@": ("E aa I", "CBD"), "ae": ("aa E", "CD"), "a": ("aa E", "DC"),
    "A": ("aa O", "DCE"), "uh": ("aa E", "CD"), "er": ("RR E O", "ECBF"), "o": ("O U", "EF"), "ao": ("O aa", "EDF"),
    "u": ("U O", "FE"), "U": ("U O", "FEB"),
}  # fmt: skip
"""Shapes an animator would accept for each sound: of the fifteen, and of the nine that Rhubarb names."""
NINE_OF = {
    "sil": "X", "PP": "A", "FF": "G", "TH": "B", "DD": "B", "kk": "B", "CH": "B", "SS": "B", "nn": "B", "RR": "E",
    "aa": "D", "E": "C", "I": "B", "O": "E", "U": "F",
}  # fmt: skip
GROUPS = {
    "closed": "p b m", "lip-teeth": "f v", "round": "w u U o ao Y", "open": "a A ae uh E e @ er",
    "narrow": "th t d k g x sh ch s z ts n ng l r rr j i I y", "silence": "sil",
}  # fmt: skip
GROUP_OF = {name: group for group, names in GROUPS.items() for name in names.split()} | {GAP: "not judged"}
OPENING = {
    "sil": 0.0, "p": 0.0, "b": 0.0, "m": 0.0, "f": 0.12, "v": 0.12, "th": 0.22, "t": 0.22, "d": 0.22, "k": 0.3,
    "g": 0.3, "x": 0.35, "sh": 0.22, "ch": 0.22, "s": 0.18, "z": 0.18, "ts": 0.18, "n": 0.25, "ng": 0.3, "l": 0.32,
    "r": 0.3, "rr": 0.3, "j": 0.25, "w": 0.18, "i": 0.28, "I": 0.33, "y": 0.33, "Y": 0.3, "e": 0.5, "E": 0.6, "@": 0.42,
    "ae": 0.8, "a": 0.9, "A": 1.0, "uh": 0.65, "er": 0.42, "o": 0.6, "ao": 0.7, "u": 0.25, "U": 0.3,
}  # fmt: skip
FRAME = 0.010
NEAR_BOUNDARY = 1
"""Frames around a boundary within which the neighbour is as good."""
CLOSURE_NEAR = 0.040
ONSET_MISSED = 0.150
LONG_SILENCE = 0.120
SEEN_OPEN = 0.10
ONSET_GROUPS = ("closed", "lip-teeth", "round", "open")


@dataclass(frozen=True, slots=True)
class Entry:
    """A shape of the mouth under test: seconds, name, opening, and the sound fed when it was final."""

    start: float
    end: float
    viseme: str
    opening: float
    emitted: float = 0.0


@dataclass
class Tally:
    """Adds up clips; `figures` tells the result."""

    right9: int = 0
    right15: int = 0
    frames: int = 0
    groups: dict[str, list[int]] = field(default_factory=lambda: {group: [0, 0] for group in GROUPS})
    closures: list[int] = field(default_factory=lambda: [0, 0, 0])
    """True ones, found ones, shown ones."""
    onsets: list[float] = field(default_factory=list)
    missed: int = 0
    false_open: list[int] = field(default_factory=lambda: [0, 0])
    openings: list[tuple[float, float]] = field(default_factory=list)
    ahead: list[float] = field(default_factory=list)
    cpu: float = 0.0
    seconds: float = 0.0

    def add(self, truth: Timed, shown: Sequence[Entry], seconds: float, cpu: float) -> None:
        """One clip. `truth` may have gaps: nothing is spoken there."""
        sounds = _breathing(truth)
        count = int(seconds / FRAME)
        true = ["sil"] * count
        for start, end, name in sounds:
            true[round(start / FRAME) : min(count, round(end / FRAME))] = [name] * max(
                0, min(count, round(end / FRAME)) - round(start / FRAME)
            )
        seen, opening = ["sil"] * count, [0.0] * count
        for entry in shown:
            for frame in range(round(entry.start / FRAME), min(count, round(entry.end / FRAME))):
                seen[frame], opening[frame] = entry.viseme, entry.opening
        for frame in range(count):
            if true[frame] == GAP:
                continue
            self.frames += 1
            near = true[max(0, frame - NEAR_BOUNDARY) : frame + NEAR_BOUNDARY + 1]
            near = [name for name in near if name != GAP]
            right9 = any(NINE_OF[seen[frame]] in ACCEPTED[name][1] for name in near)
            self.right9 += right9
            self.right15 += any(seen[frame] in ACCEPTED[name][0].split() for name in near)
            group = self.groups[GROUP_OF[true[frame]]]
            group[0] += right9
            group[1] += 1
            self.openings.append((OPENING[true[frame]], opening[frame]))
        self._closures(sounds, shown)
        self._onsets(sounds, shown)
        self._silences(true, opening)
        self.ahead += [entry.emitted - entry.start for entry in shown]
        self.cpu += cpu
        self.seconds += seconds

    def _closures(self, sounds: Timed, shown: Sequence[Entry]) -> None:
        true = [(start, end) for start, end, group in _merged(sounds) if group == "closed"]
        found = [(entry.start + entry.end) / 2 for entry in shown if entry.viseme == "PP"]
        taken: set[int] = set()
        for start, end in true:
            match = next(
                (
                    i
                    for i, middle in enumerate(found)
                    if i not in taken and start - CLOSURE_NEAR <= middle <= end + CLOSURE_NEAR
                ),
                None,
            )
            if match is not None:
                taken.add(match)
        self.closures[0] += len(true)
        self.closures[1] += len(taken)
        self.closures[2] += len(found)

    def _onsets(self, sounds: Timed, shown: Sequence[Entry]) -> None:
        nine = {"closed": "A", "lip-teeth": "G", "round": "EF", "open": "CDE"}
        for start, _, group in _merged(sounds):
            if group not in ONSET_GROUPS:
                continue
            errors = [abs(entry.start - start) for entry in shown if NINE_OF[entry.viseme] in nine[group]]
            error = min(errors, default=9.0)
            if error > ONSET_MISSED:
                self.missed += 1
            else:
                self.onsets.append(error)

    def _silences(self, true: Sequence[str], opening: Sequence[float]) -> None:
        run = 0
        for frame, name in enumerate([*true, "p"]):
            if name == "sil":
                run += 1
                continue
            if run * FRAME >= LONG_SILENCE:
                self.false_open[0] += sum(value > SEEN_OPEN for value in opening[frame - run : frame])
                self.false_open[1] += run
            run = 0

    def figures(self) -> dict[str, float]:
        """The line of the table."""
        true, found, shown = self.closures
        recall, precision = found / max(1, true), found / max(1, shown)
        f1 = 2 * recall * precision / max(1e-9, recall + precision)
        shares = [right / total for right, total in self.groups.values() if total]
        onsets = np.array(self.onsets or [0.0]) * 1000
        opened = np.array(self.openings)
        varies = bool(opened[:, 1].std() > 0)
        return {
            "acc9": round(self.right9 / self.frames, 3),
            "macro6": round(float(np.mean(shares)), 3),
            "acc15": round(self.right15 / self.frames, 3),
            "closure_recall": round(recall, 3),
            "closure_f1": round(f1, 3),
            "onset_median_ms": round(float(np.median(onsets)), 1),
            "onset_p95_ms": round(float(np.percentile(onsets, 95)), 1),
            "onset_missed": round(self.missed / max(1, self.missed + len(self.onsets)), 3),
            "false_open": round(self.false_open[0] / max(1, self.false_open[1]), 3),
            "open_corr": round(float(np.corrcoef(opened.T)[0, 1]), 3) if varies else 0.0,
            "cpu_ms_per_s": round(self.cpu / self.seconds * 1000, 2),
            "lookahead_p95_ms": round(float(np.percentile(self.ahead or [0.0], 95)) * 1000, 1),
        }


def _breathing(truth: Timed) -> Timed:
    """A breath (h) looks like what follows it."""
    found: Timed = []
    after = "@"
    for start, end, name in reversed(truth):
        looks = after if name == "h" else name
        if looks not in {"sil", GAP}:
            after = looks
        found.append((start, end, looks))
    return found[::-1]


def _merged(sounds: Timed) -> list[tuple[float, float, str]]:
    """Neighbours of one visual group as one."""
    found: list[tuple[float, float, str]] = []
    for start, end, name in sounds:
        group = GROUP_OF[name]
        if found and found[-1][2] == group and start - found[-1][1] < FRAME:
            found[-1] = (found[-1][0], end, group)
        else:
            found.append((start, end, group))
    return found
