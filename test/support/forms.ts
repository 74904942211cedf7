/** Posting a form field by field, as an attacker does who need not keep to what the page offers. */
import type { Browser, Page } from './browser.js';
import { type Answer, answerOf } from './client.js';

/** The token of a page's forms. */
export const csrfOf = (page: Page): string =>
  page.html.querySelector('input[name=csrf_token]')?.getAttribute('value') ?? '';

export type Fields = Record<string, string> | [string, string][];

/**
 * Posts fields with a browser's cookies; redirects are not followed.
 * @param headers beside `Sec-Fetch-Site: same-origin`, or instead of it
 */
export const post = async (
  browser: Browser,
  url: string | URL,
  fields: Fields,
  headers: Record<string, string> = {},
): Promise<Answer> =>
  answerOf(
    await browser.send(new URL(url), {
      method: 'POST',
      headers: { 'sec-fetch-site': 'same-origin', ...headers },
      body: new URLSearchParams(fields),
    }),
  );
