import { csrfToken } from './api';

/** One line of the server's voice catalogue. */
export interface VoiceLine {
  readonly engine: string;
  readonly name: string;
  readonly label: string;
  readonly languages: readonly string[];
  readonly cost_per_1000: number | null;
  readonly cost_source: string;
  readonly cost_date: string;
  readonly placeholder: boolean;
}

/** The voices that can speak a language; "*" speaks every one. */
export function speaking(voices: readonly VoiceLine[], language: string): VoiceLine[] {
  return voices.filter((voice) => voice.languages.includes('*') || voice.languages.includes(language));
}

/** What a voice costs, in the page's own words; nobody is told a price we do not know. */
export function costNote(voice: VoiceLine | undefined, words: DOMStringMap, language: string): string {
  if (!voice) return '';
  if (voice.engine === 'auto') return words.auto ?? '';
  if (voice.cost_per_1000 === null) return words.unknown ?? '';
  if (voice.cost_per_1000 === 0) return words.free ?? '';
  return (words.cost ?? '')
    .replace('{cost}', voice.cost_per_1000.toLocaleString(language))
    .replace('{source}', voice.cost_source)
    .replace('{date}', voice.cost_date);
}

/** The words of the dictionary that count in a language, as one line to listen to. */
export function dictionaryLine(text: string, language: string): string {
  return text
    .split('\n')
    .filter((line) => line.includes('=') && !line.trimStart().startsWith('# '))
    .map((line) => /^\s*(?:([a-z]{2})\s*:)?\s*(.+?)\s*=/i.exec(line))
    .filter((found) => found !== null && (!found[1] || found[1].toLowerCase() === language))
    .map((found) => found![2])
    .join(', ');
}

/** The selects are filled from the catalogue, the buttons play a line in the voice as it stands in the form. */
export function voicePicker(form: HTMLFormElement): void {
  const select = form.querySelector<HTMLSelectElement>('[data-voice]');
  const button = form.querySelector<HTMLButtonElement>('[data-listen]');
  const language = form.querySelector<HTMLSelectElement>('select[name=language]');
  const note = form.querySelector<HTMLElement>('[data-voice-note]');
  if (!select || !button || !language || !note) return;
  const others = [...form.querySelectorAll<HTMLSelectElement>('[data-voice-in]')];
  const words = form.querySelector<HTMLTextAreaElement>('textarea[name=pronunciation]');
  const wordsButton = form.querySelector<HTMLButtonElement>('[data-listen-words]');
  const wordsNote = form.querySelector<HTMLElement>('[data-words-note]');
  let voices: VoiceLine[] = [];

  const fill = (): void => {
    options(select, speaking(voices, language.value));
    for (const other of others) options(other, speaking(voices, other.dataset.voiceIn ?? ''), other.options[0]);
    describe();
  };
  const describe = (): void => {
    const voice = voices.find((each) => `${each.engine}:${each.name}` === select.value);
    note.textContent = costNote(voice, note.dataset, document.documentElement.lang);
  };
  select.addEventListener('change', describe);
  language.addEventListener('change', fill);
  button.addEventListener('click', () => {
    const line = language.value === 'ru' ? button.dataset.lineRu : button.dataset.lineEn;
    void listen(button, note, line ?? '', describe);
  });
  wordsButton?.addEventListener('click', () => {
    const line = dictionaryLine(words?.value ?? '', language.value);
    if (line && wordsNote) void listen(wordsButton, wordsNote, line, () => undefined);
  });
  if (form.dataset.voices) void load(form.dataset.voices);

  async function load(url: string): Promise<void> {
    const response = await fetch(url);
    if (!response.ok) return;
    voices = (await response.json()) as VoiceLine[];
    fill();
  }

  async function listen(pressed: HTMLButtonElement, told: HTMLElement, line: string, after: () => void): Promise<void> {
    const label = pressed.textContent;
    pressed.disabled = true;
    pressed.textContent = button!.dataset.busy ?? label;
    told.textContent = '';
    try {
      await play(await sample(line));
      after();
    } catch (error) {
      told.textContent = error instanceof Refusal ? error.message : (button!.dataset.failed ?? '');
    } finally {
      pressed.disabled = false;
      pressed.textContent = label;
    }
  }

  async function sample(line: string): Promise<Blob> {
    const own = others.find((other) => other.dataset.voiceIn === language!.value)?.value;
    const [engine = '', ...name] = (own || select!.value).split(':');
    const fields = new FormData();
    fields.set('text', line);
    fields.set('engine', engine);
    fields.set('name', name.join(':'));
    fields.set('language', language!.value);
    for (const field of ['speed', 'pitch', 'instructions']) fields.set(field, value(`voice_${field}`));
    fields.set('pronunciation', words?.value ?? '');
    const response = await fetch(form.dataset.sample ?? '', {
      method: 'POST',
      body: fields,
      headers: { 'X-CSRFToken': csrfToken() },
    });
    if (response.status === 400) throw new Refusal(((await response.json()) as { message: string }).message);
    if (!response.ok) throw new Error(`The voice sample answered ${response.status}.`);
    return response.blob();
  }

  function value(name: string): string {
    return form.querySelector<HTMLInputElement>(`input[name=${name}]`)?.value ?? '';
  }
}

/** What the server asks to be changed first, in its own words. */
class Refusal extends Error {}

/** A voice that is not in the catalogue now (a provider without its key) stays chosen until somebody changes it. */
function options(select: HTMLSelectElement, voices: readonly VoiceLine[], first?: HTMLOptionElement): void {
  const present = select.value;
  const found = voices.map((voice) => new Option(voice.label, `${voice.engine}:${voice.name}`));
  const missing = present !== '' && !found.some((option) => option.value === present);
  const kept = missing ? [new Option(select.selectedOptions[0]?.text, present)] : [];
  select.replaceChildren(...(first ? [first] : []), ...kept, ...found);
  select.value = present;
}

async function play(sound: Blob): Promise<void> {
  const url = URL.createObjectURL(sound);
  const audio = new Audio(url);
  audio.addEventListener('ended', () => URL.revokeObjectURL(url));
  await audio.play();
}
