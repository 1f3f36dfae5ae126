/** Behaviour that stands in the pages' attributes, in words a reader that evaluates nothing understands. Pure. */

const SEVERAL = /;\s*\S/;
/** A style as text would be written into the page; as a value it is set. */
const STYLE = /^'([a-z]+): ' \+ (\w+) \+ 'px'$/;
const CONDITION = /^if \((.+)\) ([^{};]+)$/;

/** What a page remembers of an attribute: the tab that is open at first. */
export function firstTab(data: string): string {
  return /activeTab: '([^']*)'/.exec(data)?.[1] ?? '';
}

/**
 * The same for Alpine's build without evaluation, which knows one expression at a time and no global names: what it
 * cannot say is a method of the page (`main.ts`). Null: it can be said as it stands.
 */
export function plain(expression: string): string | null {
  const text = expression.trim();
  if (text.includes('window.location')) return 'here(activeTab)';
  const style = STYLE.exec(text);
  if (style) return `{ ${style[1]}: ${style[2]} + 'px' }`;
  const condition = CONDITION.exec(text);
  if (condition) return `${condition[1]} && ${condition[2]}`;
  if (!SEVERAL.test(text)) return null;
  if (text.startsWith('sidebarDesktopOpen =')) return 'sidebarDesktopOpen = !sidebarDesktopOpen';
  if (text.startsWith('openSearchResults = true')) return 'openSearch()';
  if (text.startsWith('openSearchResults = false')) return 'leaveSearch($refs.searchInput)';
  return null;
}
