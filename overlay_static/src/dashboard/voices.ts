import { csrfToken } from './api';
import { sliderLimits } from './sliders';

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
  /** Lowest and highest pitch. */
  readonly pitches: Span;
  /** Slowest and fastest at pitch 1, each times the pitch at another one; null: the pitch leaves the speed alone. */
  readonly paces: Span | null;
}

export interface Catalogue {
  readonly voices: readonly VoiceLine[];
  /** There is a voice server, and it does not tell its voices. */
  readonly silent: boolean;
}

type Span = readonly [number, number];

/** What the form lets ask for. */
const ASKED: Span = [0.5, 2];
const STEPS = 20;
const OF_SERVERS = ['openai', 'piper'];

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
    .replace(', {date}', voice.cost_date && `, ${voice.cost_date}`);
}

/** What there is to know of a choice: its price, how high it goes where that is less than can be asked, and whether its
 * server has it. */
export function voiceNote(chosen: string, found: Catalogue, words: DOMStringMap, language: string): string {
  const voice = found.voices.find((each) => key(each) === chosen);
  const notes = [costNote(voice, words, language)];
  if (voice && (voice.pitches[0] > ASKED[0] || voice.pitches[1] < ASKED[1])) {
    const [low, high] = voice.pitches.map((pitch) => pitch.toLocaleString(language));
    notes.push((words.reach ?? '').replace('{low}', low!).replace('{high}', high!));
  }
  const engine = chosen.split(':', 1)[0]!;
  const ofServer = OF_SERVERS.includes(engine);
  if (found.silent) notes.push(ofServer || engine === 'auto' ? (words.silent ?? '') : '');
  else if (!voice && ofServer && found.voices.length) notes.push(words.gone ?? '');
  return notes.filter(Boolean).join(' ');
}

/** What the sliders can do with a voice at a pitch. */
export function reach(voice: VoiceLine | undefined, pitch: number): { pitch: Span; speed: Span } {
  if (!voice) return { pitch: ASKED, speed: ASKED };
  const [lowest, highest] = voice.pitches;
  const at = Math.min(highest, Math.max(lowest, pitch));
  const paces = voice.paces ?? ASKED;
  const slowest = voice.paces ? Math.ceil(paces[0] * at * STEPS - 1e-6) / STEPS : ASKED[0];
  const fastest = voice.paces ? Math.floor(paces[1] * at * STEPS + 1e-6) / STEPS : ASKED[1];
  return { pitch: voice.pitches, speed: [Math.max(ASKED[0], slowest), Math.min(ASKED[1], fastest)] };
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

/** One select with its note and its button; `language` is empty for her own voice. */
interface Pick {
  readonly language: string;
  readonly select: HTMLSelectElement;
  readonly button: HTMLButtonElement;
  readonly note: HTMLElement;
  readonly told: HTMLElement;
}

/** The selects are filled from the catalogue, the buttons play a line in the voice as it stands in the form. */
export function voicePicker(form: HTMLFormElement): void {
  const words = form.querySelector<HTMLElement>('[data-voice-words]')?.dataset;
  const language = form.querySelector<HTMLSelectElement>('select[name=language]');
  const picks = [...form.querySelectorAll<HTMLElement>('[data-voice-pick]')].map(pickOf);
  const own = picks.find((pick) => !pick.language);
  if (!words || !language || !own) return;
  const dictionary = form.querySelector<HTMLTextAreaElement>('textarea[name=pronunciation]');
  const wordsButton = form.querySelector<HTMLButtonElement>('[data-listen-words]');
  const wordsTold = form.querySelector<HTMLElement>('[data-words-note]');
  const limits = sliderLimits(form, ['voice_pitch', 'voice_speed']);
  let found: Catalogue = { voices: [], silent: false };

  const spokenIn = (pick: Pick): string => pick.language || language.value;
  const chosen = (pick: Pick): string => pick.select.value || own.select.value;
  const describe = (pick: Pick): void => {
    pick.note.textContent = pick.select.value ? voiceNote(pick.select.value, found, words, pageLanguage()) : '';
  };
  const fill = (): void => {
    for (const pick of picks) {
      options(pick.select, speaking(found.voices, spokenIn(pick)), pick === own ? undefined : pick.select.options[0]);
      describe(pick);
    }
  };
  const limit = (): void => {
    const voice = found.voices.find((each) => key(each) === own.select.value);
    const { pitch, speed } = reach(voice, limits.wanted('voice_pitch'));
    limits.set('voice_pitch', pitch);
    limits.set('voice_speed', speed);
  };
  for (const pick of picks) {
    pick.select.addEventListener('change', () => {
      pick.told.textContent = '';
      describe(pick);
      if (pick === own) limit();
    });
    pick.button.addEventListener('click', () => {
      const line = spokenIn(pick) === 'ru' ? words.lineRu : words.lineEn;
      void listen(pick.button, pick.told, line ?? '', chosen(pick), spokenIn(pick));
    });
  }
  form.querySelector('input[name=voice_pitch]')?.addEventListener('change', limit);
  language.addEventListener('change', fill);
  wordsButton?.addEventListener('click', () => {
    const line = dictionaryLine(dictionary?.value ?? '', language.value);
    const voice = chosen(picks.find((pick) => pick.language === language.value) ?? own);
    if (line && wordsTold) void listen(wordsButton, wordsTold, line, voice, language.value);
  });
  if (form.dataset.voices) void load(form.dataset.voices);

  async function load(url: string): Promise<void> {
    const response = await fetch(url);
    if (!response.ok) return;
    found = (await response.json()) as Catalogue;
    fill();
  }

  async function listen(
    pressed: HTMLButtonElement,
    told: HTMLElement,
    line: string,
    voice: string,
    tongue: string,
  ): Promise<void> {
    const label = pressed.textContent;
    pressed.disabled = true;
    pressed.textContent = words!.busy ?? label;
    told.textContent = '';
    told.classList.remove('bad');
    try {
      const response = await sample(line, voice, tongue);
      const stoodIn = response.headers.has('X-Voice-Stands-In');
      await play(await response.blob());
      const spoke = decodeURIComponent(response.headers.get('X-Voice') ?? '');
      told.textContent = ((stoodIn ? words!.stoodIn : words!.heard) ?? '').replace('{voice}', spoke);
      told.classList.toggle('bad', stoodIn);
    } catch (error) {
      told.textContent = error instanceof Refusal ? error.message : (words!.failed ?? '');
      told.classList.add('bad');
    } finally {
      pressed.disabled = false;
      pressed.textContent = label;
    }
  }

  async function sample(line: string, voice: string, tongue: string): Promise<Response> {
    const [engine = '', ...name] = voice.split(':');
    const fields = new FormData();
    fields.set('text', line);
    fields.set('engine', engine);
    fields.set('name', name.join(':'));
    fields.set('language', tongue);
    for (const field of ['speed', 'pitch', 'instructions']) fields.set(field, value(`voice_${field}`));
    fields.set('pronunciation', dictionary?.value ?? '');
    const response = await fetch(form.dataset.sample ?? '', {
      method: 'POST',
      body: fields,
      headers: { 'X-CSRFToken': csrfToken() },
    });
    if (response.status === 400) throw new Refusal(((await response.json()) as { message: string }).message);
    if (!response.ok) throw new Error(`The voice sample answered ${response.status}.`);
    return response;
  }

  function value(name: string): string {
    return form.querySelector<HTMLInputElement>(`input[name=${name}]`)?.value ?? '';
  }
}

/** What the server asks to be changed first, in its own words. */
class Refusal extends Error {}

function key(voice: VoiceLine): string {
  return `${voice.engine}:${voice.name}`;
}

function pageLanguage(): string {
  return document.documentElement.lang;
}

function pickOf(element: HTMLElement): Pick {
  return {
    language: element.dataset.voicePick ?? '',
    select: element.querySelector('select')!,
    button: element.querySelector<HTMLButtonElement>('[data-listen]')!,
    note: element.querySelector<HTMLElement>('[data-note]')!,
    told: element.querySelector<HTMLElement>('[data-told]')!,
  };
}

/** A voice that is not in the catalogue now (a provider without its key) stays chosen until somebody changes it. */
function options(select: HTMLSelectElement, voices: readonly VoiceLine[], first?: HTMLOptionElement): void {
  const present = select.value;
  const listed = voices.map((voice) => new Option(voice.label, key(voice)));
  const missing = present !== '' && !listed.some((option) => option.value === present);
  const kept = missing ? [new Option(select.selectedOptions[0]?.text, present)] : [];
  select.replaceChildren(...(first ? [first] : []), ...kept, ...listed);
  select.value = present;
}

async function play(sound: Blob): Promise<void> {
  const url = URL.createObjectURL(sound);
  const audio = new Audio(url);
  audio.addEventListener('ended', () => URL.revokeObjectURL(url));
  await audio.play();
}
