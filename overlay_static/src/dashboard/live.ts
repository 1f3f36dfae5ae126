/** Ids of the parts of the channel page that the server draws anew. */
const PART = /^part-/;

/**
 * Puts fresh parts in the place of the old ones with the same id. Untouched parts are left alone, so that nothing
 * flickers; what was focused stays focused and what was folded open stays open.
 */
export function swapParts(current: ParentNode, fresh: ParentNode, seen: Map<string, string>): void {
  for (const part of Array.from(fresh.querySelectorAll<HTMLElement>('[id]'))) {
    if (!PART.test(part.id)) continue;
    const html = tokenless(part.outerHTML);
    const old = current.querySelector<HTMLElement>(`#${part.id}`);
    if (!old || seen.get(part.id) === html) continue;
    seen.set(part.id, html);
    if (part.hidden && !old.hidden && old.dataset.stays) finish(old, old.dataset.stays);
    else swap(old, part);
  }
}

/**
 * She was heard: the list goes with the next page. Taken away now, everything would jump under a moderator's finger.
 * What nobody can have heard her without is done now.
 */
function finish(list: HTMLElement, words: string): void {
  const title = list.querySelector('h2');
  if (title) title.textContent = words;
  for (const step of Array.from(list.querySelectorAll('li[data-needed]'))) {
    step.classList.add('done');
    const mark = step.querySelector('.mark-done');
    if (mark) mark.textContent = '✓';
  }
}

/** The forms' tokens differ in every answer and mean no change. */
export function tokenless(html: string): string {
  return html.replace(/(name="csrfmiddlewaretoken" value=")[^"]*/g, '$1');
}

function swap(old: HTMLElement, fresh: HTMLElement): void {
  const open = Array.from(old.querySelectorAll<HTMLDetailsElement>('details[open][id]'), (each) => each.id);
  const focused = old.contains(document.activeElement) ? document.activeElement : null;
  const focusedId = focused?.id || focused?.closest('details[id]')?.id || '';
  old.replaceWith(fresh);
  for (const id of open) fresh.querySelector(`#${id}`)?.setAttribute('open', '');
  if (focusedId) {
    const target = fresh.querySelector<HTMLElement>(`#${focusedId}`);
    (target?.querySelector<HTMLElement>('summary') ?? target)?.focus({ preventScroll: true });
  }
}
