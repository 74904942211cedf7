/** A person with a browser who signs in, picks an organization and approves, each step callable by itself. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { HTMLElement } from 'node-html-parser';
import { Browser, type Page } from './browser.js';

/** The password of every account of the demo directory. */
export const DEMO_PASSWORD = 'demo-password';

export interface OfferedOrganization {
  id: string;
  /** What stands beside its radio button. */
  label: string;
}

const labelOf = (page: HTMLElement, input: HTMLElement): string => {
  const id = input.getAttribute('id');
  const label = (id === undefined ? null : page.querySelector(`label[for="${id}"]`)) ?? input.closest('label');
  return (label?.textContent ?? '').replace(/\s+/g, ' ').trim();
};

/**
 * The organizations that a consent page offers.
 * @param page the consent page
 */
export const offeredOrganizations = (page: Page): OfferedOrganization[] =>
  page.html.querySelectorAll('input[type=radio][name=organization_id]').map((input) => ({
    id: input.getAttribute('value') ?? '',
    label: labelOf(page.html, input),
  }));

/** Where the browser was sent when it left the server; an error that shows the page when it did not leave. */
export const clientRedirect = (page: Page): URL => {
  if (!page.leftFor) {
    throw new Error(`Not sent to the client: ${page.url} (${page.status})\n${page.html.textContent}`);
  }
  return page.leftFor;
};

export interface Choices {
  email?: string;
  password?: string;
  /** Part of the organization's name on the consent page; `Acme Robotics` by default. */
  organization?: string;
  decision?: 'approve' | 'deny';
}

export class Person {
  readonly browser = new Browser();

  /** @param email the account's email address */
  constructor(readonly email = 'ada@example.com') {}

  /** Opens an authorization URL (or any other): the sign-in page, or the consent page when signed in already. */
  open(url: string | URL): Promise<Page> {
    return this.browser.open(url);
  }

  /** Fills the sign-in page. */
  async signIn(page: Page, password = DEMO_PASSWORD): Promise<Page> {
    for (;;) {
      const next = await this.browser.submit(page, 'input[name=password]', { email: this.email, password });
      if (next.status !== 429 || !next.html.textContent.includes('Too many people sign in')) return next;
      // As the page says: the password was not tried.
      await sleep(1_000 * Number(next.headers.get('retry-after')));
    }
  }

  /** Opens an authorization URL and signs in where it asks for that: the consent page. */
  async openConsent(url: string | URL): Promise<Page> {
    const page = await this.open(url);
    return page.html.querySelector('input[name=password]') ? this.signIn(page) : page;
  }

  /** Picks an organization and presses a button of the consent page; the page that follows, which left for the client. */
  decide(page: Page, organization: string, decision: 'approve' | 'deny' = 'approve'): Promise<Page> {
    const choice = offeredOrganizations(page).find(({ label }) => label.includes(organization));
    if (!choice && decision === 'approve') {
      throw new Error(`${organization} is not offered by ${page.url} (${page.status}):\n${page.html.textContent}`);
    }
    const values = { decision, ...(choice ? { organization_id: choice.id } : {}) };
    return this.browser.submit(page, `button[name=decision][value=${decision}]`, values);
  }

  /** Presses "switch account" on the consent page: the sign-in page. */
  switchAccount(page: Page): Promise<Page> {
    return this.browser.submit(page, 'form[action$="/switch-account"]');
  }
}

/**
 * Goes the whole way from the authorization URL back to the client.
 * @param url the authorization URL
 * @param choices who signs in and what they choose
 * @returns where the client is called back, with code or error, state and iss
 */
export const signInAndConsent = async (url: string | URL, choices: Choices = {}): Promise<URL> => {
  const person = new Person(choices.email);
  const signInPage = await person.open(url);
  const consentPage = await person.signIn(signInPage, choices.password);
  return clientRedirect(await person.decide(consentPage, choices.organization ?? 'Acme Robotics', choices.decision));
};
