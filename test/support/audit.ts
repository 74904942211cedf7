/** The audit log of an organization, as an account admin downloads it. */
import { answerOf } from './client.js';
import { Person } from './person.js';
import type { TestServer } from './server.js';

export interface LoggedEvent {
  readonly action: string;
  readonly connectionId?: string;
  readonly actor: { readonly kind: string; readonly ip?: string };
}

/** The path of the pages of the organization that a signed-in person has chosen. */
export const organizationPath = async (server: TestServer, person: Person, name: string): Promise<string> => {
  const page = await person.open(server.url('/account/connections'));
  const button = page.html
    .querySelectorAll('button[name=organization_id]')
    .find(({ textContent }) => textContent.includes(name));
  const id = button?.getAttribute('value');
  if (!id) throw new Error(`${name} is not in the menu of ${person.email}.`);
  return server.url(`/organizations/${id}`);
};

/** Signs in at the sign-in page itself, as somebody who wants to see the own account. */
export const signedInPerson = async (server: TestServer, email?: string): Promise<Person> => {
  const person = new Person(email);
  const page = await person.signIn(await person.open(server.url('/login')));
  if (page.status !== 200) throw new Error(`Not signed in: ${page.status}`);
  return person;
};

/** The events of an organization, newest first. */
export const auditLog = async (server: TestServer, person: Person, organization: string): Promise<LoggedEvent[]> => {
  const url = new URL(`${await organizationPath(server, person, organization)}/audit.json`);
  const answer = await answerOf(await person.browser.send(url));
  if (answer.status !== 200) throw new Error(`No audit log: ${answer.status} ${answer.text}`);
  return JSON.parse(answer.text) as LoggedEvent[];
};
