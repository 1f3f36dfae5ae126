// Notes what moves on a page by itself, from its first moment on.
window.__shifts = [];
new PerformanceObserver((list) => {
  for (const { value, hadRecentInput, sources } of list.getEntries()) {
    if (hadRecentInput) continue;
    const what = sources.map(({ node }) => node?.parentElement?.outerHTML.slice(0, 120) ?? 'something').join(', ');
    window.__shifts.push({ value, what });
  }
}).observe({ type: 'layout-shift', buffered: true });
