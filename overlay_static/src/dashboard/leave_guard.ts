/** Asks before changes are thrown away. */
export function leaveGuard(form: HTMLFormElement): void {
  let saving = false;
  const before = snapshot();
  form.addEventListener('submit', () => (saving = true));
  window.addEventListener('beforeunload', (event) => {
    if (!saving && snapshot() !== before) event.preventDefault();
  });

  function snapshot(): string {
    const values = new FormData(form);
    return JSON.stringify(Array.from(values.entries()).filter(([name]) => name !== 'csrfmiddlewaretoken'));
  }
}
