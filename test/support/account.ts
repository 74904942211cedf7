/** What a person does with their connections on the account pages. */
import type { Person } from './person.js';
import type { TestServer } from './server.js';

/**
 * Removes a connection of a person who is signed in.
 * @param connectionId as introspection names it
 */
export const removeConnection = async (server: TestServer, person: Person, connectionId: string): Promise<void> => {
  const path = `/account/connections/${connectionId}/remove`;
  const confirmation = await person.open(server.url(path));
  const after = await person.browser.submit(confirmation, `form[action$="${path}"]`);
  if (after.status !== 200) throw new Error(`Not removed: ${after.url} (${after.status})`);
};
