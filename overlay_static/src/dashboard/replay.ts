/** Plays one turn again, sentence by sentence; the next is fetched while one is heard. */
import { post, Refusal } from './api';

export function replayPage(): void {
  const ground = document.querySelector<HTMLElement>('[data-replay]');
  const button = ground?.querySelector<HTMLButtonElement>('[data-replay-button]');
  const told = ground?.querySelector<HTMLElement>('[data-replay-told]');
  if (!ground || !button || !told) return;
  const sentences = [...ground.querySelectorAll<HTMLElement>('[data-sentence]')];
  let playing: AbortController | null = null;

  button.addEventListener('click', () => {
    if (playing) playing.abort();
    else void play();
  });

  async function play(): Promise<void> {
    const mine = (playing = new AbortController());
    button!.textContent = ground!.dataset.stop ?? '';
    told!.textContent = '';
    try {
      let next = fetched(0);
      for (let number = 0; number < sentences.length && !mine.signal.aborted; number += 1) {
        const sound = await next;
        if (number + 1 < sentences.length) {
          next = fetched(number + 1);
          next.catch(() => undefined); // told when its turn comes
        }
        sentences[number]!.classList.add('now');
        await heard(sound, mine.signal).finally(() => sentences[number]!.classList.remove('now'));
      }
    } catch (error) {
      told!.textContent = error instanceof Refusal ? error.message : (ground!.dataset.failed ?? '');
    } finally {
      playing = null;
      button!.textContent = ground!.dataset.play ?? '';
    }
  }

  async function fetched(number: number): Promise<Blob> {
    const fields = new FormData();
    fields.set('sentence', sentences[number]!.dataset.sentence!);
    const response = await post(ground!.dataset.replay!, fields);
    if (response.headers.has('X-Voice-Stands-In')) {
      const voice = decodeURIComponent(response.headers.get('X-Voice') ?? '');
      told!.textContent = (ground!.dataset.stoodIn ?? '').replace('{voice}', voice);
    }
    return response.blob();
  }
}

/** Resolves when the sound is over or is to stop. */
async function heard(sound: Blob, stop: AbortSignal): Promise<void> {
  if (stop.aborted) return;
  const url = URL.createObjectURL(sound);
  const audio = new Audio(url);
  try {
    await new Promise<void>((resolve, reject) => {
      audio.addEventListener('ended', () => resolve());
      audio.addEventListener('error', () => reject(new Error('The sound cannot be played.')));
      stop.addEventListener('abort', () => {
        audio.pause();
        resolve();
      });
      audio.play().catch(reject);
    });
  } finally {
    URL.revokeObjectURL(url);
  }
}
