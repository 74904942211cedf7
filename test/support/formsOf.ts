/** A person's forms posted one by one, without the pages before and after them. */
import { csrfOf, post } from './forms.js';
import type { Person } from './person.js';
import type { TestServer } from './server.js';

/**
 * Signs a person in.
 * @returns posts a form of that session and resolves with the status and where the answer leads
 */
export async function formsOf(server: TestServer, person: Person) {
  const token = csrfOf(await person.openConsent(server.url('/login')));
  return async (path: string, fields: Record<string, string> = {}): Promise<string> => {
    const { status, headers } = await post(person.browser, server.url(path), { csrf_token: token, ...fields });
    return `${status} ${headers.get('location') ?? ''}`;
  };
}
