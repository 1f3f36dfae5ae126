"""The main job as a newcomer sees it: the service started without keys, the overlay in a real browser, a typed line."""

from __future__ import annotations

import io
import re

import pytest
from PIL import Image

from benchmarks.service import Service
from tests.browser.hearing import Browser

pytestmark = [
    pytest.mark.browser,
    pytest.mark.system,
    pytest.mark.timeout(300),
    pytest.mark.asyncio(loop_scope="session"),
]


async def test_a_typed_line_is_heard_with_a_moving_mouth(newcomers: Service, drawing: Browser) -> None:
    key = newcomers.overlay_url.partition("#k=")[2]
    page = await drawing.open(newcomers.overlay_url)
    await page.state("idle")

    newcomers.manage("chat", "demo", "Viewer", "hello, who are you?")
    await page.state("talking")
    await page.state("idle")
    await page.page.wait_for_timeout(500)
    sound = await page.heard()
    corners = await page.page.screenshot(omit_background=True)
    mouth_at_rest = await page.mouth()

    assert sound.voiced_seconds > 0.8
    assert 0.05 < sound.loudest <= 1.0
    during = sound.mouths_between(sound.starts_at, sound.ends_at)
    assert len(set(during)) >= 5
    assert set(sound.mouths_between(sound.ends_at + 0.120, sound.ends_at + 0.5)) == {"sil"}
    assert mouth_at_rest == "sil"
    assert page.complaints == []

    image = Image.open(io.BytesIO(corners)).convert("RGBA")
    right, bottom = image.width - 1, image.height - 1
    assert [image.getpixel(at)[3] for at in ((0, 0), (right, 0), (0, bottom), (right, bottom))] == [0, 0, 0, 0]  # type: ignore[index]

    logs = "".join(path.read_text(errors="replace") for path in newcomers.logs)
    assert logs
    assert key not in logs
    assert not re.search(r"#k=(?!\[hidden\])", logs)
