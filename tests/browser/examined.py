"""What every page owes whoever looks at it: it can be used without eyes or a mouse, is light, and stands still."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from playwright.async_api import Page

from aigirl_site.env import ROOT

AXE = ROOT / "overlay_static" / "node_modules" / "axe-core" / "axe.min.js"
SCRIPTS_KB = 150
"""What the scripts of a page may weigh as they travel, those of the previews in it too."""
RESTLESS = 0.02
"""How much may move by itself before a visitor does anything, as browsers reckon it: a word of state that grows by a
letter is nothing, a card that is pushed away by another is too much."""
WATCH = Path(__file__).with_name("watch.js")
BROKEN = """
async () => {
  const rules = { resultTypes: ['violations'], runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'] };
  const { violations } = await axe.run(document, rules);
  return violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .map(({ id, help, nodes }) => `${id} (${help}): ${nodes.map((node) => node.html).slice(0, 3).join(' | ')}`);
}
"""
WEIGHT = "() => performance.getEntriesByType('resource').map(({ name, encodedBodySize }) => [name, encodedBodySize])"
WIDER = "() => document.documentElement.scrollWidth - window.innerWidth"


async def faults(page: Page) -> list[str]:
    """What is wrong with the page as it stands now, for whoever has to mend it. Empty when nothing is."""
    await page.wait_for_load_state("load")
    found = [*await _hard_to_use(page), *await _restless(page)]
    weight = await _script_bytes(page) / 1000
    if weight > SCRIPTS_KB:
        found.append(f"the scripts weigh {weight:.0f} KB")
    if (wider := await page.evaluate(WIDER)) > 0:
        found.append(f"the page is {wider} px wider than the window")
    return [f"{page.url.partition('#')[0]}: {fault}" for fault in found]


async def _hard_to_use(page: Page) -> list[str]:
    await page.evaluate(AXE.read_text())
    broken: list[str] = await page.evaluate(BROKEN)
    return broken


async def _restless(page: Page) -> list[str]:
    """What moved while nobody had touched anything."""
    shifts: list[dict[str, Any]] = await page.evaluate("() => window.__shifts")
    if sum(shift["value"] for shift in shifts) <= RESTLESS:
        return []
    return [f"moved by itself: {shift['what']} ({shift['value']:.4f})" for shift in shifts]


async def _script_bytes(page: Page) -> int:
    """Bytes of all its scripts as they came over the wire."""
    sizes: dict[str, int] = {}
    for frame in page.frames:
        files: list[tuple[str, int]] = await frame.evaluate(WEIGHT)
        sizes.update({name: size for name, size in files if name.partition("?")[0].endswith(".js")})
    return sum(sizes.values())
