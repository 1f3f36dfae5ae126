/** Writes the moments of a page in the reader's own time and language; without this script they stand there in UTC. */
export function localTimes(ground: ParentNode): void {
  for (const time of Array.from(ground.querySelectorAll<HTMLTimeElement>('time[datetime]'))) {
    const moment = new Date(time.dateTime);
    if (Number.isNaN(moment.getTime())) continue;
    const language = document.documentElement.lang;
    // A moment may be a way to what happened then: the link stays.
    (time.querySelector('a') ?? time).textContent = moment.toLocaleTimeString(language, { hour: '2-digit', minute: '2-digit' });
    time.title = moment.toLocaleString(language, { dateStyle: 'long', timeStyle: 'medium' });
  }
}
