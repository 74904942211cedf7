/** A browser without JavaScript: cookies, redirects and HTML forms, and nothing else. */
import { type HTMLElement, parse } from 'node-html-parser';
import { CookieJar } from 'tough-cookie';

const MOST_REDIRECTS = 10;

export interface Page {
  readonly url: URL;
  readonly status: number;
  readonly headers: Headers;
  readonly html: HTMLElement;
  /** Where the browser was sent, when that is outside the server it started on; nothing was requested there. */
  readonly leftFor?: URL;
}

/** The values that a form sends without its buttons: what it was rendered with, and what the person changed. */
const fieldsOf = (form: HTMLElement, changes: Record<string, string>): URLSearchParams => {
  const fields = new URLSearchParams();
  for (const input of form.querySelectorAll('input[name]')) {
    const name = input.getAttribute('name') ?? '';
    const type = input.getAttribute('type') ?? 'text';
    const unchecked = (type === 'radio' || type === 'checkbox') && !input.hasAttribute('checked');
    if (unchecked || name in changes || type === 'submit' || input.hasAttribute('disabled')) continue;
    fields.append(name, input.getAttribute('value') ?? '');
  }
  for (const [name, value] of Object.entries(changes)) fields.append(name, value);
  return fields;
};

/**
 * Where an answer leads a browser on: by a redirect, or from a page that leads on by itself, whose link has to say the same.
 * @returns undefined for an answer that leads nowhere
 */
export const leadsTo = (status: number, headers: Headers, text: string): string | undefined => {
  const location = headers.get('location');
  if (location !== null) return status >= 300 && status <= 399 ? location : undefined;
  const refresh = headers.get('refresh');
  if (refresh === null) return undefined;
  const [, url = ''] = /^0; url=(\S+)$/.exec(refresh) ?? [];
  const link = parse(text).querySelector('main a[href]')?.getAttribute('href');
  if (status !== 200 || link !== url)
    throw new Error(`A page (${status}) that leads to ${refresh} and links to ${link}`);
  return url;
};

/** One browser with its own cookies. */
export class Browser {
  readonly jar = new CookieJar(undefined, { prefixSecurity: 'strict' });

  /**
   * @param headers sent with every request, as a proxy in front of the server would add them
   * @param reached where an address is connected to, when that is elsewhere: behind a proxy that speaks TLS
   */
  constructor(
    private readonly headers: Record<string, string> = {},
    private readonly reached: (url: URL) => URL = (url) => url,
  ) {}

  /**
   * Opens a URL as if it had been typed, or opened by another program.
   * @param url where to go
   */
  open(url: string | URL): Promise<Page> {
    return this.#navigate(new URL(url), { method: 'GET', headers: { 'sec-fetch-site': 'none' } });
  }

  /**
   * Submits a form of a page.
   * @param page the page that holds the form
   * @param selector finds the form, or something inside it, such as the button that is pressed
   * @param values what the person typed, chose and pressed
   */
  submit(page: Page, selector: string, values: Record<string, string> = {}): Promise<Page> {
    const found = page.html.querySelector(selector);
    const form = found?.tagName === 'FORM' ? found : found?.closest('form');
    if (!form) {
      throw new Error(`${page.url} (${page.status}) has no form for ${selector}:\n${page.html.textContent}`);
    }
    const method = (form.getAttribute('method') ?? 'get').toUpperCase();
    const url = new URL(form.getAttribute('action') ?? page.url, page.url);
    const fields = fieldsOf(form, values);
    const headers = { 'sec-fetch-site': 'same-origin' };
    if (method === 'GET') {
      url.search = fields.toString();
      return this.#navigate(url, { method, headers });
    }
    return this.#navigate(url, { method, body: fields, headers: { ...headers, origin: 'null' } });
  }

  async #navigate(start: URL, first: RequestInit): Promise<Page> {
    const site = new Headers(first.headers).get('sec-fetch-site') ?? 'none';
    let url = start;
    let init = first;
    for (let redirects = 0; redirects <= MOST_REDIRECTS; redirects++) {
      const response = await this.send(url, init);
      const { status, headers } = response;
      const text = await response.text();
      const html = parse(text);
      const location = leadsTo(status, headers, text);
      if (location === undefined) return { url, status, headers, html };
      const next = new URL(location, url);
      if (next.origin !== start.origin) return { url, status, headers, html, leftFor: next };
      url = next;
      if (status !== 307 && status !== 308) init = { method: 'GET', headers: { 'sec-fetch-site': site } };
    }
    throw new Error(`More than ${MOST_REDIRECTS} redirects from ${start}.`);
  }

  /** Sends one request with this browser's cookies and keeps those of the answer; follows nothing. */
  async send(url: URL, init: RequestInit = {}): Promise<Response> {
    const headers = new Headers({ ...this.headers, ...Object.fromEntries(new Headers(init.headers)) });
    if (!headers.has('accept')) headers.set('accept', 'text/html');
    const cookie = await this.jar.getCookieString(url.href);
    if (cookie) headers.set('cookie', cookie);
    const response = await fetch(this.reached(url), { ...init, headers, redirect: 'manual' });
    for (const line of response.headers.getSetCookie()) await this.jar.setCookie(line, url.href);
    return response;
  }
}
