"""The built avatars in a browser without the rest of the product: for pictures of them and for measuring them."""

from __future__ import annotations

import io
import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image
from playwright.sync_api import Route, sync_playwright

DIST = Path(__file__).resolve().parents[1] / "overlay_static" / "dist"
CHROMIUM = "/usr/bin/chromium"
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
"""No GPU and no emulation of one, as in OBS with its acceleration off."""
ORIGIN = "http://stage.invalid"

MOODS = ("neutral", "happy", "sad", "angry", "surprised", "shy", "smug", "thinking")
VISEMES = ("sil", "PP", "FF", "TH", "DD", "kk", "CH", "SS", "nn", "RR", "aa", "E", "I", "O", "U")

FACES: dict[str, dict[str, Any]] = {
    "soft": {"kind": "svg"},
    "sharp": {
        "kind": "svg",
        "face": "sharp",
        "hair": "ponytail",
        "fringe": "swept",
        "outfit": "sailor",
        "accessories": ["cat_ears", "choker"],
        "palette": {"hair": "#3a3f63", "eyes": "#e2b04a", "outfit": "#2d3a6e", "accent": "#d9364f", "skin": "#ffe6db"},
    },
    "gentle": {
        "kind": "svg",
        "face": "gentle",
        "hair": "waves",
        "fringe": "curtain",
        "outfit": "knit",
        "accessories": ["flower"],
        "palette": {"hair": "#f3a6c0", "eyes": "#8a6bd8", "outfit": "#7fb79c", "accent": "#ff8aa0", "skin": "#fff0e8"},
    },
    "cool": {
        "kind": "svg",
        "face": "cool",
        "hair": "long",
        "fringe": "straight",
        "outfit": "gothic",
        "accessories": ["glasses"],
        "palette": {"hair": "#2e2b3a", "eyes": "#d64c67", "outfit": "#3b2340", "accent": "#c22f4f", "skin": "#f6d0b8"},
    },
    "bob": {
        "kind": "svg",
        "face": "soft",
        "hair": "bob",
        "fringe": "choppy",
        "outfit": "jacket",
        "accessories": ["headphones", "cowlick"],
        "palette": {"hair": "#d9573b", "eyes": "#3fae7a", "outfit": "#4a2b33", "accent": "#ffc14d", "skin": "#b97d56"},
    },
}
"""Name -> avatar object: every face, hair style, fringe and outfit is worn by one of them."""

PAGE = """<!doctype html><html><head><style>
html, body { margin: 0; height: 100%; overflow: hidden; background: transparent }
.avatar, .avatar > svg { display: block; width: 100%; height: 100% }
</style></head><body></body></html>"""


class Stage:
    """A page with nothing but an avatar. `media` maps addresses to files the avatar may load."""

    def __init__(self, size: int = 800, media: Mapping[str, bytes] | None = None) -> None:
        self.size = size
        self.media: dict[str, bytes] = dict(media or {})

    def __enter__(self) -> Stage:
        self._playwright = sync_playwright().start()
        self._browser = self._playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        self._page = self._browser.new_page(viewport={"width": self.size, "height": self.size})
        self._page.route(f"{ORIGIN}/**", self._serve)
        self._page.goto(ORIGIN)
        entry = json.loads((DIST / ".vite" / "manifest.json").read_text())["src/avatars/sheet.ts"]["file"]
        self._page.add_script_tag(url=f"{ORIGIN}/static/{entry}", type="module")
        self._page.wait_for_function("() => !!window.aigirlSheet")
        return self

    def __exit__(self, *_error: object) -> None:
        self._browser.close()
        self._playwright.stop()

    def still(self, spec: Mapping[str, Any], **wish: Any) -> Image.Image:
        """One picture (RGBA); `mood`, `mouth`, `state`, `gesture` and `after` (ms into the gesture) as in sheet.ts."""
        self._page.evaluate("wish => window.aigirlSheet.still(wish)", {"spec": dict(spec), **wish})
        return Image.open(io.BytesIO(self._page.screenshot(omit_background=True))).convert("RGBA")

    def measure(self, spec: Mapping[str, Any], milliseconds: int, state: str = "talking") -> dict[str, float]:
        """`fps`, and JavaScript of one frame `p50` and `p95` in ms, while she is `talking` or `idle`."""
        measured: dict[str, float] = self._page.evaluate(
            "([spec, ms, state]) => window.aigirlSheet.measure(spec, ms, state)", [dict(spec), milliseconds, state]
        )
        return measured

    def drawn(self, spec: Mapping[str, Any], state: str) -> int:
        """How many of 120 frames, two seconds, bring another picture while she is `idle` or `talking`."""
        count: int = self._page.evaluate(
            "([spec, state]) => window.aigirlSheet.drawn(spec, state)", [dict(spec), state]
        )
        return count

    def blank_fps(self, milliseconds: int) -> float:
        """Frames a second of an empty page: what the machine gives at this moment."""
        fps: float = self._page.evaluate(
            """ms => new Promise((done) => {
              document.body.replaceChildren();
              let begun = 0, count = 0;
              const frame = (now) => {
                begun ||= now;
                count += 1;
                if (now - begun < ms) requestAnimationFrame(frame);
                else done((count - 1) * 1000 / (now - begun));
              };
              requestAnimationFrame(frame);
            })""",
            milliseconds,
        )
        return fps

    def _serve(self, route: Route) -> None:
        path = route.request.url.removeprefix(ORIGIN)
        if path in self.media:
            route.fulfill(body=self.media[path], content_type="image/png")
        elif path.startswith("/static/"):
            route.fulfill(path=DIST / path.removeprefix("/static/"))
        else:
            route.fulfill(body=PAGE, content_type="text/html")


def picture_set(stage: Stage) -> dict[str, Any]:
    """A broadcaster's set of pictures, drawn by the drawn character; the stage serves the files from now on."""
    spec = FACES["gentle"]
    wishes: dict[str, dict[str, Any]] = {
        "idle": {},
        "half": {"mouth": "SS"},
        "talk": {"mouth": "aa"},
        "offline": {"state": "offline"},
    }
    for mood in MOODS[1:]:
        faces = {mood: "sil", f"{mood}_half": "SS", f"{mood}_talk": "aa"}
        wishes |= {slot: {"mood": mood, "mouth": mouth} for slot, mouth in faces.items()}
    pictures = {}
    for number, (slot, wish) in enumerate(wishes.items()):
        file = io.BytesIO()
        stage.still(spec, **wish).save(file, "PNG")
        pictures[slot] = f"/media/avatars/{number:032x}.png"
        stage.media[pictures[slot]] = file.getvalue()
    return {"kind": "png", "pictures": pictures, "mouth": {"half": 0.18, "open": 0.5, "hysteresis": 0.06}, "bounce": 8}


def least_difference(images: Iterable[Image.Image]) -> float:
    """Of the two most alike: the share of pixels that clearly differ."""
    arrays = [np.asarray(image, dtype=np.int16) for image in images]
    return min(
        float((np.abs(one - other).max(axis=2) > 24).mean())
        for number, one in enumerate(arrays)
        for other in arrays[:number]
    )


def corners(image: Image.Image) -> list[int]:
    """Alpha of the four corners."""
    right, bottom = image.width - 1, image.height - 1
    alpha = image.getchannel("A")
    return [int(alpha.getpixel(at)) for at in ((0, 0), (right, 0), (0, bottom), (right, bottom))]  # type: ignore[arg-type]
