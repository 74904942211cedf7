/** A real browser for tests: Debian's Chromium, or the one that CHROMIUM_PATH names. */
import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { afterAll, beforeAll, describe, jest, test } from '@jest/globals';
import { type Browser, chromium } from 'playwright-core';

const ARGUMENTS = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--no-first-run',
];

/** Where Chromium is; undefined when this machine has none. */
function executable(): string | undefined {
  const named = process.env.CHROMIUM_PATH;
  if (named) return named;
  const folders = ['/usr/bin', ...(process.env.PATH ?? '').split(delimiter)];
  return folders.map((folder) => join(folder, 'chromium')).find((path) => existsSync(path));
}

/**
 * Describes tests that need a browser. Without one they are skipped with a printed reason; with REQUIRE_SERVICES=1 that
 * is a failure.
 * @param tests gets a way to the browser, which is open while its tests run
 */
export function describeInChromium(name: string, tests: (browser: () => Browser) => void): void {
  const path = executable();
  if (path === undefined) {
    withoutChromium(name);
    return;
  }
  // Axe looks at each page in several ways, on machines that may have other things to do.
  jest.setTimeout(120_000);
  describe(name, () => {
    let browser: Browser | undefined;
    beforeAll(async () => {
      browser = await chromium.launch({ executablePath: path, args: ARGUMENTS });
    });
    afterAll(async () => {
      await browser?.close();
    });
    tests(() => {
      if (!browser) throw new Error('The browser is open only while tests run.');
      return browser;
    });
  });
}

function withoutChromium(name: string): void {
  const reason = `${name}: no Chromium on this machine; install it or set CHROMIUM_PATH`;
  if (process.env.REQUIRE_SERVICES === '1') {
    test(name, () => {
      throw new Error(reason);
    });
    return;
  }
  process.stdout.write(`skipped: ${reason}\n`);
  describe.skip(reason, () => {
    test('needs Chromium', () => undefined);
  });
}
