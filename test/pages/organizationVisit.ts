/** People at the pages of an organization of the demo directory. */
import { join } from 'node:path';
import { organizationByIdOrName } from '../../src/organizations/findOrganization.js';
import { openEmbeddedStores } from '../../src/stores/embedded/open.js';
import { type AuditEvent, auditEvents } from '../../src/stores/records/auditEvent.js';
import type { Stores } from '../../src/stores/stores.js';
import type { Page } from '../support/browser.js';
import { Person } from '../support/person.js';
import type { TestServer } from '../support/server.js';

/** Works on the store of a running server. */
export async function inStore<T>({ dataDir }: TestServer, work: (stores: Stores) => Promise<T>): Promise<T> {
  const stores = await openEmbeddedStores(join(dataDir, 'store'));
  try {
    return await work(stores);
  } finally {
    await stores.close();
  }
}

/** The path of an organization's pages. */
export const pathOf = (server: TestServer, name: string): Promise<string> =>
  inStore(server, async ({ durable }) => `/organizations/${(await organizationByIdOrName(durable, name)).id}`);

/** What an organization's audit log holds, oldest first. */
export const eventsOf = (server: TestServer, name: string): Promise<AuditEvent[]> =>
  inStore(server, async ({ durable }) => {
    const { id } = await organizationByIdOrName(durable, name);
    return durable.list(auditEvents, 'byOrganization', [id]);
  });

/** Somebody who is signed in. */
export async function signedIn(server: TestServer, email: string, password?: string): Promise<Person> {
  const person = new Person(email);
  await person.signIn(await person.open(server.url('/login')), password);
  return person;
}

/** The words of a page, or of a part of it. */
export function words(page: Page, selector = 'main'): string {
  return (page.html.querySelector(selector)?.textContent ?? '').replace(/\s+/g, ' ').trim();
}

/** The row of a table that holds this text. */
export function rowWith(page: Page, text: string) {
  const row = page.html.querySelectorAll('tbody tr').find(({ textContent }) => textContent.includes(text));
  if (!row) throw new Error(`No row with "${text}" in ${page.url} (${page.status}):\n${words(page)}`);
  return row;
}

/** Follows a link of a row. */
export function follow(person: Person, page: Page, rowText: string, linkText: string): Promise<Page> {
  const link = rowWith(page, rowText)
    .querySelectorAll('a')
    .find(({ textContent }) => textContent.includes(linkText));
  const href = link?.getAttribute('href');
  if (!href) throw new Error(`No link "${linkText}" in the row of "${rowText}".`);
  return person.open(new URL(href, page.url));
}
