import { csrfToken } from './api';

/** One line of the server's voice catalogue. */
export interface VoiceLine {
  readonly engine: string;
  readonly name: string;
  readonly label: string;
  readonly languages: readonly string[];
  readonly cost_per_1000: number | null;
  readonly placeholder: boolean;
}

/** The voices that can speak a language; "*" speaks every one. */
export function speaking(voices: readonly VoiceLine[], language: string): VoiceLine[] {
  return voices.filter((voice) => voice.languages.includes('*') || voice.languages.includes(language));
}

/** The select is filled from the catalogue, the button plays one line in the voice as it stands in the form. */
export function voicePicker(form: HTMLFormElement): void {
  const select = form.querySelector<HTMLSelectElement>('[data-voice]');
  const button = form.querySelector<HTMLButtonElement>('[data-listen]');
  const language = form.querySelector<HTMLSelectElement>('select[name=language]');
  const note = form.querySelector<HTMLElement>('[data-voice-note]');
  if (!select || !button || !language || !note) return;
  let voices: VoiceLine[] = [];

  const fill = (): void => {
    const present = select.value;
    const options = speaking(voices, language.value).map((voice) => new Option(voice.label, `${voice.engine}:${voice.name}`));
    // A voice that is not in the catalogue now (a provider without its key) stays chosen until somebody changes it.
    if (!options.some((option) => option.value === present)) options.unshift(new Option(select.selectedOptions[0]?.text, present));
    select.replaceChildren(...options);
    select.value = present;
    describe();
  };
  const describe = (): void => {
    const voice = voices.find((each) => `${each.engine}:${each.name}` === select.value);
    const cost = voice?.cost_per_1000;
    note.textContent = cost ? (note.dataset.cost ?? '').replace('{cost}', cost.toLocaleString(document.documentElement.lang)) : '';
  };
  select.addEventListener('change', describe);
  language.addEventListener('change', fill);
  button.addEventListener('click', () => void listen());
  if (form.dataset.voices) void load(form.dataset.voices);

  async function load(url: string): Promise<void> {
    const response = await fetch(url);
    if (!response.ok) return;
    voices = (await response.json()) as VoiceLine[];
    fill();
  }

  async function listen(): Promise<void> {
    const label = button!.textContent;
    button!.disabled = true;
    button!.textContent = button!.dataset.busy ?? label;
    note!.textContent = '';
    try {
      await play(await sample());
    } catch {
      note!.textContent = button!.dataset.failed ?? '';
    } finally {
      button!.disabled = false;
      button!.textContent = label;
    }
  }

  async function sample(): Promise<Blob> {
    const [engine = '', ...name] = select!.value.split(':');
    const line = language!.value === 'ru' ? button!.dataset.lineRu : button!.dataset.lineEn;
    const fields = new FormData();
    fields.set('text', line ?? '');
    fields.set('engine', engine);
    fields.set('name', name.join(':'));
    fields.set('language', language!.value);
    fields.set('speed', value('voice_speed'));
    fields.set('pitch', value('voice_pitch'));
    const response = await fetch(form.dataset.sample ?? '', {
      method: 'POST',
      body: fields,
      headers: { 'X-CSRFToken': csrfToken() },
    });
    if (!response.ok) throw new Error(`The voice sample answered ${response.status}.`);
    return response.blob();
  }

  function value(name: string): string {
    return form.querySelector<HTMLInputElement>(`input[name=${name}]`)?.value ?? '1';
  }
}

async function play(sound: Blob): Promise<void> {
  const url = URL.createObjectURL(sound);
  const audio = new Audio(url);
  audio.addEventListener('ended', () => URL.revokeObjectURL(url));
  await audio.play();
}
