/**
 * The operators' pages under a policy that evaluates nothing. Their library (django-unfold) writes behaviour for Alpine
 * into attributes; the build of Alpine that comes here in place of its own reads them without evaluation.
 */
import './operators.css';
import { keepFresh } from './fresh';
import { firstTab, plain } from './plain';

type Data = Record<string, unknown>;

interface Alpine {
  data(name: string, make: (...given: unknown[]) => Data): void;
  interceptInit(callback: (element: Element) => void): void;
}

interface Page extends Data {
  sidebarDesktopOpen: boolean;
  openSearchResults?: boolean;
  currentIndex?: number;
  $watch(name: string, changed: (value: boolean) => void): void;
}

/** Functions of unfold's own script that make a component. */
const COMPONENTS = ['theme', 'searchForm', 'searchDropdown', 'searchCommand'] as const;
const SIDEBAR = 'sidebarDesktopOpen';

const site = window as unknown as Record<(typeof COMPONENTS)[number], (...given: unknown[]) => Data> & {
  Alpine: Alpine;
  getCurrentTab(): string | null;
  htmx?: { config: Record<string, unknown> };
};

/** The state of the whole page, and what its attributes cannot say. */
function page(tab: string): Data {
  return {
    activeTab: site.getCurrentTab() ?? tab,
    sidebarMobileOpen: false,
    sidebarDesktopOpen: (localStorage.getItem(SIDEBAR) ?? '1') === '1',
    init(this: Page) {
      this.$watch(SIDEBAR, (open) => localStorage.setItem(SIDEBAR, open ? '1' : '0'));
    },
    here(tab: string) {
      return location.pathname + location.search + (tab && tab !== 'general' ? `#${tab}` : '');
    },
    openSearch(this: Page) {
      this.openSearchResults = true;
      this.currentIndex = 0;
    },
    leaveSearch(this: Page, input: HTMLInputElement) {
      this.openSearchResults = false;
      if (input.value === '') input.blur();
      else input.value = '';
    },
  };
}

function reword(element: Element): void {
  for (const { name, value } of Array.from(element.attributes)) {
    if (!name.startsWith('x-')) continue;
    const words = plain(value);
    if (words !== null) element.setAttribute(name, words);
  }
}

document.addEventListener('alpine:init', () => {
  for (const name of COMPONENTS) site.Alpine.data(name, (...given) => site[name](...given));
  const tab = firstTab(document.body.getAttribute('x-data') ?? '');
  site.Alpine.data('page', () => page(tab));
  document.body.setAttribute('x-data', 'page');
  document.body.removeAttribute('x-init');
  site.Alpine.interceptInit(reword);
});
document.addEventListener('DOMContentLoaded', keepFresh);
if (site.htmx) {
  // Its marks of what is loading are in our own styles, and nothing in an attribute of its is code.
  site.htmx.config.includeIndicatorStyles = false;
  site.htmx.config.allowEval = false;
}
