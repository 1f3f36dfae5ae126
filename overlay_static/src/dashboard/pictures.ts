import { csrfToken, post, Refusal } from './api';

interface Brought {
  readonly name: string;
  readonly label: string;
  readonly url: string;
  readonly slot: string;
}

/** Her own pictures: brought and deleted without leaving the page, since the rest of the form is not saved yet. */
export function pictureShelf(form: HTMLFormElement, changed: () => void): void {
  const gallery = form.querySelector<HTMLElement>('[data-gallery]');
  const file = form.querySelector<HTMLInputElement>('input[type=file]');
  const button = form.querySelector<HTMLButtonElement>('[data-bring]');
  const problem = form.querySelector<HTMLElement>('[data-bring-problem]');
  const bringing = document.querySelector<HTMLFormElement>('#picture-add');
  const deleting = document.querySelector<HTMLFormElement>('#picture-delete');
  if (!gallery || !file || !button || !problem || !bringing || !deleting) return;
  const words = { bring: button.textContent ?? '', busy: button.dataset.busy ?? '', failed: button.dataset.failed ?? '' };

  const tell = (text: string): void => {
    problem.textContent = text;
    problem.hidden = text === '';
  };
  const send = async (url: string, fields: FormData): Promise<{ pictures: readonly Brought[]; message: string } | null> => {
    fields.set('csrfmiddlewaretoken', csrfToken());
    tell('');
    try {
      const answer = (await (await post(url, fields)).json()) as { pictures: readonly Brought[]; message: string };
      tell(answer.message);
      return answer;
    } catch (error) {
      tell(error instanceof Refusal ? error.message : words.failed);
      return null;
    }
  };

  bringing.addEventListener('submit', (event) => {
    event.preventDefault();
    const fields = new FormData();
    for (const one of Array.from(file.files ?? [])) fields.append('picture', one);
    button.disabled = true;
    button.textContent = words.busy;
    void send(bringing.action, fields).then((answer) => {
      button.disabled = false;
      button.textContent = words.bring;
      if (!answer) return;
      file.value = '';
      for (const picture of answer.pictures) enter(form, gallery, picture);
      if (answer.pictures.length) changed();
    });
  });
  // Choosing is enough: nobody expects a second button.
  file.addEventListener('change', () => {
    if (file.files?.length) bringing.requestSubmit();
  });
  deleting.addEventListener('submit', (event) => {
    event.preventDefault();
    const name = (event.submitter as HTMLButtonElement | null)?.value ?? '';
    const fields = new FormData();
    fields.set('name', name);
    void send(deleting.action, fields).then((answer) => {
      if (!answer || answer.message) return;
      gallery.querySelector(`[data-name="${name}"]`)?.remove();
      for (const option of Array.from(form.querySelectorAll(`.slot option[value="${name}"]`))) option.remove();
      changed();
    });
  });
}

/** Puts the picture on the shelf and into every list, and into the slot its name speaks of when that is free. */
function enter(form: HTMLFormElement, gallery: HTMLElement, picture: Brought): void {
  const lists = Array.from(form.querySelectorAll<HTMLSelectElement>('.slot select'));
  if (!gallery.querySelector(`[data-name="${picture.name}"]`)) {
    const item = document.createElement('li');
    item.dataset.name = picture.name;
    const image = new Image();
    image.src = picture.url;
    image.alt = '';
    const label = document.createElement('span');
    label.textContent = picture.label;
    const remove = document.createElement('button');
    Object.assign(remove, { className: 'quiet', name: 'name', value: picture.name, textContent: gallery.dataset.delete ?? '' });
    remove.setAttribute('form', 'picture-delete');
    remove.setAttribute('aria-label', `${gallery.dataset.delete ?? ''} ${picture.label}`);
    item.append(image, label, remove);
    gallery.append(item);
    for (const list of lists) list.append(new Option(picture.label, picture.name));
  }
  const resting = lists.find((list) => list.name === 'slot_idle');
  const slot = picture.slot || (resting?.value ? '' : 'idle');
  const list = lists.find((one) => one.name === `slot_${slot}`);
  if (list && !list.value) list.value = picture.name;
}
