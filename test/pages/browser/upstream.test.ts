/** Signing in with an upstream in a real browser: how the pages look, and the whole way under their CSP. */
import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { describeInChromium } from '../../support/chromium.js';
import type { TestServer } from '../../support/server.js';
import { startWithUpstream, type TestUpstream } from '../../support/upstream.js';
import { expectGoodLooks } from './looks.js';
import { newVisitor } from './visitor.js';

describeInChromium('signing in with an upstream', (browser) => {
  let server: TestServer;
  let upstream: TestUpstream;
  beforeAll(async () => {
    const config = JSON.parse(await readFile('config/default.json', 'utf8'));
    const name = 'the identity provider of Acme Robotics International Limited';
    ({ server, upstream } = await startWithUpstream({ config: { ...config, upstream: { name } } }));
  });
  afterAll(() => Promise.all([server.stop(), upstream.stop()]));

  test('looks right beside the password, and when it was refused', async () => {
    const visitor = await newVisitor(browser());
    await visitor.page.goto(server.url('/login'));
    await expectGoodLooks(visitor, 'sign-in-upstream');
    await visitor.page.goto(server.url('/login/upstream/callback?state=over'));
    expect(await visitor.page.getByRole('alert').textContent()).toMatch(/Start again from this page/);
    await expectGoodLooks(visitor, 'sign-in-upstream-refused');
    await visitor.context.close();
  });

  test.each([true, false])('leads there and back (JavaScript: %s)', async (scripts) => {
    await upstream.person('mary', { email: 'mary@example.com', email_verified: true, name: 'Mary' });
    const visitor = await newVisitor(browser(), scripts);
    await visitor.page.goto(server.url('/login?return_to=/account'));
    await visitor.page.getByRole('link', { name: 'Continue with' }).click();
    await visitor.page.locator('input[name=login]').fill('mary');
    await visitor.page.getByRole('button', { name: 'Sign in' }).click();
    await visitor.page.waitForURL(server.url('/account'));
    if (scripts) await expectGoodLooks(visitor, 'profile-upstream');
    expect(visitor.complaints).toEqual([]);
    await visitor.context.close();
  });
});
