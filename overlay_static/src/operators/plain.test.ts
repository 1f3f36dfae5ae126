import { describe, expect, it } from 'vitest';
import { firstTab, plain } from './plain';

describe('behaviour in attributes', () => {
  it('stays where it is one expression', () => {
    for (const text of ['open = !open', "{'rotate-90': open}", 'toggleFavorite($event, index);', "activeTab == 'a;b'"])
      expect(plain(text)).toBeNull();
  });

  it('is one expression where it was several', () => {
    expect(plain('if (!$event.metaKey) selectItem(true, false)')).toBe('!$event.metaKey && selectItem(true, false)');
    expect(plain("'width: ' + changeListWidth + 'px'")).toBe("{ width: changeListWidth + 'px' }");
    expect(plain("sidebarDesktopOpen = !sidebarDesktopOpen; localStorage.setItem('a', 'b');")).toBe('sidebarDesktopOpen = !sidebarDesktopOpen');
    expect(plain('openSearchResults = true; currentIndex = 0')).toBe('openSearch()');
    expect(plain("openSearchResults = false; if ($refs.searchInput.value === '') { $refs.searchInput.blur() }")).toBe('leaveSearch($refs.searchInput)');
    expect(plain("activeTab ? window.location.pathname + '#' + activeTab : window.location.pathname")).toBe('here(activeTab)');
  });

  it('tells which tab is open at first', () => {
    expect(firstTab("{ activeTab: 'general',\n sidebarMobileOpen: false }")).toBe('general');
    expect(firstTab('{ sidebarMobileOpen: false }')).toBe('');
  });
});
