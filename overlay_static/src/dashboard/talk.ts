import { post, Refusal } from './api';

const WITH_AMOUNT = new Set(['cheer', 'gift', 'raid', 'tip']);

/** The talk box: sends without loading the page, keeps the name, is ready for the next line at once. */
export function talkBox(ground: HTMLElement): void {
  const form = ground.querySelector<HTMLFormElement>('[data-talk]');
  const kind = form?.querySelector<HTMLSelectElement>('select[name=kind]');
  const text = form?.querySelector<HTMLInputElement>('input[name=text]');
  const amount = form?.querySelector<HTMLElement>('[data-amount]');
  const sent = form?.querySelector<HTMLElement>('[data-sent]');
  if (!form || !kind || !text || !amount || !sent) return;

  const showAmount = (): void => {
    amount.hidden = !WITH_AMOUNT.has(kind.value);
  };
  kind.addEventListener('change', showAmount);
  showAmount();

  form.addEventListener('submit', (event) => {
    event.preventDefault();
    void send();
  });
  ground.querySelector('[data-ideas]')?.addEventListener('click', (event) => {
    const idea = (event.target as HTMLElement).closest('button');
    if (!idea) return;
    text.value = idea.textContent?.trim() ?? '';
    text.focus();
  });

  async function send(): Promise<void> {
    const { name, line } = { name: field('name'), line: text!.value };
    const fields = new FormData(form!);
    text!.value = '';
    text!.focus();
    try {
      await post((ground.dataset.api ?? '') + 'talk/', fields);
      tell(`${name}: ${line || kind!.selectedOptions[0]?.text}`, false);
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      // What was typed is not lost, unless something new stands there.
      text!.value ||= line;
      tell(error.message, true);
    }
  }

  function field(name: string): string {
    return form!.querySelector<HTMLInputElement>(`input[name=${name}]`)?.value ?? '';
  }

  function tell(words: string, wrong: boolean): void {
    sent!.textContent = words;
    sent!.classList.toggle('wrong', wrong);
  }
}
