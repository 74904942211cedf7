/** How a page looks and whether everybody can use it: light and dark, phone and desktop, with axe on each. */
import { mkdir, readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { expect } from '@jest/globals';
import type axe from 'axe-core';
import type { Page } from 'playwright-core';
import type { Visitor } from './visitor.js';

/** What puts `axe` into a page. */
const AXE = await readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const SCREENSHOTS = 'test/screenshots';
const PHONE = { width: 360, height: 740 };
const DESKTOP = { width: 1440, height: 900 };
const LOOKS = [
  { colorScheme: 'light', viewport: PHONE, axe: true },
  { colorScheme: 'dark', viewport: PHONE, axe: false },
  { colorScheme: 'light', viewport: DESKTOP, axe: false },
  { colorScheme: 'dark', viewport: DESKTOP, axe: true },
] as const;

/** Puts axe into the page unless it is there from the look before, which costs more than what it then does. */
async function violationsOf(page: Page): Promise<string[]> {
  if (await page.evaluate(() => !('axe' in window))) await page.evaluate(AXE);
  const violations = await page.evaluate(async () => {
    const { run } = (window as unknown as { axe: typeof axe }).axe;
    return (await run({ resultTypes: ['violations'] })).violations;
  });
  return violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ target }) => target.join(' ')).join(', ')}`);
}

/** Runs in the page: navigation that is cut off, and words that a narrow column breaks into letters. */
function clumsyPlaces(): string[] {
  const cut = [...document.querySelectorAll('.tabs')].filter((tabs) => tabs.scrollWidth > tabs.clientWidth);
  const squeezed = [...document.querySelectorAll('.rows td')].filter(
    (cell) => cell.clientWidth > 0 && cell.clientWidth < 64 && cell.clientHeight > 3 * cell.clientWidth,
  );
  return [
    ...cut.map(({ textContent }) => `cut off: ${textContent?.replace(/\s+/g, ' ')}`),
    ...squeezed.map(({ textContent }) => `squeezed: ${textContent?.trim()}`),
  ];
}

/** What axe and the eye would object to in the page as it is now. */
async function objections(page: Page, axe: boolean): Promise<string[]> {
  const overflow = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
  const clumsy = await page.evaluate(clumsyPlaces);
  const violations = axe ? await violationsOf(page) : [];
  return [...violations, ...clumsy, ...(overflow > 0 ? [`wider than the window by ${overflow} px`] : [])];
}

/** The same page where axe can run, which needs a script: with our own scripts left out. */
async function mirrorOf({ page, browser }: Visitor): Promise<Page> {
  const body = await page.content();
  const mirror = await (await browser.newContext()).newPage();
  await mirror.route('**/*', (route) => {
    if (route.request().isNavigationRequest()) return route.fulfill({ body, contentType: 'text/html; charset=utf-8' });
    return route.request().resourceType() === 'script' ? route.abort() : route.continue();
  });
  await mirror.goto(page.url());
  return mirror;
}

/**
 * Looks at the page in every way there is, keeps a screenshot of each, and lets axe look at each width and each theme.
 * @param state names the screenshots, e.g. `connections-empty`
 */
export async function expectGoodLooks(visitor: Visitor, state: string): Promise<void> {
  await mkdir(SCREENSHOTS, { recursive: true });
  const { page, scripts } = visitor;
  const inspected = scripts ? page : await mirrorOf(visitor);
  const found: Record<string, string[]> = {};
  for (const { colorScheme, viewport, axe } of LOOKS) {
    for (const shown of new Set([page, inspected])) {
      await shown.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
      await shown.setViewportSize(viewport);
    }
    const look = `${state}-${colorScheme}-${viewport.width}${scripts ? '' : '-plain'}`;
    if (scripts || axe) await page.screenshot({ path: `${SCREENSHOTS}/${look}.png`, fullPage: true });
    // Without our scripts the same styles apply, so one look is enough for axe.
    const problems = await objections(inspected, axe && (scripts || viewport === PHONE));
    if (problems.length > 0) found[look] = problems;
  }
  if (inspected !== page) await inspected.context().close();
  expect(found).toEqual({});
}
