// Notes what moves on a page by itself, from its first moment on until somebody touches it: what follows a touch may be
// its answer, however late that comes.
window.__shifts = [];
let touched = Infinity;
for (const kind of ['pointerdown', 'keydown', 'input']) {
  addEventListener(kind, () => { touched = Math.min(touched, performance.now()); }, { capture: true });
}
new PerformanceObserver((list) => {
  for (const { value, startTime, sources } of list.getEntries()) {
    if (startTime > touched) continue;
    const what = sources.map(({ node }) => node?.parentElement?.outerHTML.slice(0, 120) ?? 'something').join(', ');
    window.__shifts.push({ value, what });
  }
}).observe({ type: 'layout-shift', buffered: true });
