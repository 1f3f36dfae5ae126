/** Parts of a page that show the present: asked for anew every few seconds, for as long as somebody can see them. */

const EVERY_MS = 5000;
/** An answer that takes longer is as good as none. */
const PATIENCE_MS = 20_000;

export function keepFresh(): void {
  for (const part of Array.from(document.querySelectorAll<HTMLElement>('[data-fresh][id]')))
    renewLater(part);
}

/** Only after an answer the next question: where answers are slow, none piles up behind another. */
function renewLater(part: HTMLElement): void {
  window.setTimeout(() => void renew(part).finally(() => renewLater(part)), EVERY_MS);
}

async function renew(part: HTMLElement): Promise<void> {
  if (document.hidden || isInUse(part)) return;
  try {
    const response = await fetch(part.dataset.fresh ?? '', { signal: AbortSignal.timeout(PATIENCE_MS) });
    // Whoever is signed out is sent to another page, which is no part of this one.
    const page = response.ok && !response.redirected ? await response.text() : '';
    const fresh = new DOMParser().parseFromString(page, 'text/html').getElementById(part.id);
    if (fresh && !isInUse(part)) part.replaceChildren(...Array.from(fresh.childNodes));
    part.toggleAttribute('data-old', !fresh);
  } catch {
    // The site is away: what is shown is marked as old until it comes back.
    part.toggleAttribute('data-old', true);
  }
}

/** What somebody has the keyboard on, or is marking to copy, is not taken away. */
function isInUse(part: HTMLElement): boolean {
  const selection = document.getSelection();
  const isMarking = selection !== null && !selection.isCollapsed && selection.containsNode(part, true);
  return isMarking || part.contains(document.activeElement);
}
