/** Draws each of the characters one may begin with. The drawing code comes when it is needed. */
export function starterPage(): void {
  const places = [...document.querySelectorAll<HTMLElement>('[data-starter-look]')];
  if (places.length > 0) void draw(places);
}

async function draw(places: readonly HTMLElement[]): Promise<void> {
  const [{ portrait }, { lookFrom }] = await Promise.all([import('../avatars/svg/portrait'), import('../avatars/look')]);
  for (const place of places) {
    const spec = JSON.parse(place.dataset.starterLook ?? '{}') as Record<string, unknown>;
    place.replaceChildren(portrait(lookFrom(spec), 'hair'));
  }
}
