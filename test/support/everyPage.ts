/** Every kind of HTML answer that the server gives, signed out, signed in, refused and broken. */
import { organizationPath, signedInPerson } from './audit.js';
import { Browser, type Page } from './browser.js';
import { TestClient } from './client.js';
import { csrfOf } from './forms.js';
import { clientRedirect, Person } from './person.js';
import type { TestServer } from './server.js';

export interface NamedPage {
  readonly name: string;
  readonly page: Page;
}

/**
 * Opens all of them.
 * @param server with the demo directory
 */
export const everyPage = async (server: TestServer): Promise<NamedPage[]> => {
  const client = await TestClient.register(server);
  const ada = await signedInPerson(server);
  const { accessToken: _ } = await client.connect();
  return [
    ...(await ofStrangers(server, client)),
    ...(await ofConsent(client)),
    ...(await ofAccount(server, ada)),
    ...(await ofOrganization(server, ada)),
    ...(await ofRefusals(server)),
  ];
};

const all = (pages: Record<string, Promise<Page>>): Promise<NamedPage[]> =>
  Promise.all(Object.entries(pages).map(async ([name, page]) => ({ name, page: await page })));

const open = (url: string): Promise<Page> => new Browser().open(url);

const ofStrangers = async (server: TestServer, client: TestClient): Promise<NamedPage[]> => {
  const stranger = new Person('nobody@example.com');
  const elsewhere = await TestClient.register(server, undefined, 'https://client.example/callback');
  return all({
    'sign-in': open(server.url('/login')),
    'sign-in of a client': open(client.authorize().url),
    'refused sign-in': stranger.open(server.url('/login')).then((page) => stranger.signIn(page, 'wrong')),
    'signed out': open(server.url('/logout')),
    'not found': open(server.url('/nothing/here')),
    'not found at the root': open(`http://localhost:${server.port}/`.replace(/\/$/, '/%ff')),
    'unknown client': open(client.authorize({ client_id: 'nobody' }).url),
    'unregistered address': open(client.authorize({ redirect_uri: 'https://evil.example/' }).url),
    'an error with the way to its client': open(elsewhere.authorize({ prompt: 'none' }).url),
    'an interaction of somebody else': open(server.url('/interaction/AAAAAAAAAAAAAAAAAAAAA')),
    'a resumed nothing': open(server.url('/authorize/AAAAAAAAAAAAAAAAAAAAA')),
    'an unknown invitation': open(server.url('/invitations/AAAAAAAAAAAAAAAAAAAAA')),
    'forgotten password': open(server.url('/password/forgotten')),
    'an unknown reset': open(server.url('/password/reset/AAAAAAAAAAAAAAAAAAAAA')),
  });
};

const ofConsent = async (client: TestClient): Promise<NamedPage[]> => {
  const person = new Person();
  const consent = await person.openConsent(client.authorize().url);
  const undecided = await person.browser.submit(consent, 'button[name=decision][value=approve]');
  return all({
    consent: Promise.resolve(consent),
    'consent without a choice': Promise.resolve(undecided),
    ...(await ofAnswers(client)),
  });
};

/** What a person who has answered gets: the page that leads on, and after the client used the code that they have answered. */
const ofAnswers = async (client: TestClient): Promise<Record<string, Promise<Page>>> => {
  const person = new Person();
  const { url, verifier } = client.authorize();
  const consent = await person.openConsent(url);
  const leadingOn = await person.decide(consent, 'Acme Robotics');
  await client.exchange(clientRedirect(leadingOn).searchParams.get('code') ?? '', verifier);
  const again = await person.openConsent(client.authorize({ scope: 'mcp:read' }).url);
  return {
    'leading on to the client': Promise.resolve(leadingOn),
    answered: person.decide(consent, 'Acme Robotics'),
    'consent of a client that is connected': Promise.resolve(again),
  };
};

const ofAccount = async (server: TestServer, ada: Person): Promise<NamedPage[]> => {
  const list = await ada.open(server.url('/account/connections'));
  const removal = list.html.querySelector('a[href$="/remove"]')?.getAttribute('href') ?? '/none';
  const profile = await ada.open(server.url('/account'));
  return all({
    connections: Promise.resolve(list),
    'connections, searched': ada.open(server.url('/account/connections?text=nothing')),
    removal: ada.open(new URL(removal, list.url)),
    'no such connection': ada.open(server.url('/account/connections/con_none/remove')),
    profile: Promise.resolve(profile),
    'profile, refused name': ada.browser.submit(profile, 'input[name=name]', { name: ' ' }),
    'new organization': ada.open(server.url('/organizations/new')),
    joined: ada.open(server.url('/invitations/accepted')),
  });
};

const ofOrganization = async (server: TestServer, ada: Person): Promise<NamedPage[]> => {
  const path = await organizationPath(server, ada, 'Acme Robotics');
  const members = await ada.open(`${path}/members`);
  const add = await ada.open(`${path}/members/add`);
  const link = (part: string) => {
    const href = members.html.querySelector(`a[href$="${part}"]`)?.getAttribute('href');
    return ada.open(new URL(href ?? '/none', members.url));
  };
  const invited = await ada.browser.submit(add, 'input[name=email]', {
    email: 'guest@example.com',
    'role:insights': 'on',
  });
  const address = invited.html.querySelector('#invitation-link')?.textContent ?? server.url('/none');
  return all({
    settings: ada.open(`${path}/settings`),
    'switching off': ada.open(`${path}/settings/mcp-access`),
    members: Promise.resolve(members),
    'adding a member': Promise.resolve(add),
    'members with a link': Promise.resolve(invited),
    invitation: open(address),
    'invitation of another account': ada.open(address),
    roles: link('/roles'),
    'removing a member': link('/remove'),
    'connections of an organization': ada.open(`${path}/connections`),
    'audit log': ada.open(`${path}/audit`),
    'no such organization': ada.open(server.url('/organizations/org_none/settings')),
  });
};

const ofRefusals = async (server: TestServer): Promise<NamedPage[]> => {
  const linus = await signedInPerson(server, 'linus@example.com');
  const ada = await signedInPerson(server);
  const acme = await organizationPath(server, ada, 'Acme Robotics');
  const page = await linus.open(server.url('/account'));
  return all({
    'settings, refused': linus.open(`${acme}/settings`),
    'a forged form': linus.browser.submit(page, 'input[name=name]', { csrf_token: 'x', name: csrfOf(page) }),
  });
};
