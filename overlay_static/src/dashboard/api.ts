/** An answer of our API that is no success; the message is for people. */
export class Refusal extends Error {}

interface ErrorBody {
  readonly message?: string;
  readonly fields?: Record<string, readonly string[]>;
}

export function csrfToken(): string {
  return document.querySelector<HTMLInputElement>('input[name=csrfmiddlewaretoken]')?.value ?? '';
}

/** POSTs fields and answers the response. Throws `Refusal` with what to tell, also when nothing answered. */
export async function post(url: string, fields: FormData): Promise<Response> {
  let response: Response;
  try {
    response = await fetch(url, {
      method: 'POST',
      body: fields,
      headers: { 'X-CSRFToken': csrfToken(), Accept: 'application/json' },
    });
  } catch {
    throw new Refusal(document.body.dataset.noAnswer ?? '');
  }
  if (!response.ok) throw new Refusal(await reason(response));
  return response;
}

async function reason(response: Response): Promise<string> {
  try {
    const body = (await response.json()) as ErrorBody;
    const wrong = Object.values(body.fields ?? {}).flat();
    return wrong.join(' ') || body.message || String(response.status);
  } catch {
    return String(response.status);
  }
}
