import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { describeInChromium } from '../../support/chromium.js';
import { startServer, type TestServer } from '../../support/server.js';
import { expectGoodLooks } from './looks.js';
import { fillSignIn, signedInVisitor, WITH_AND_WITHOUT_SCRIPTS } from './visitor.js';

let server: TestServer;

beforeAll(async () => {
  server = await startServer({ env: { SMTP_URL: 'smtp://127.0.0.1:9' } });
});
afterAll(() => server.stop());

describeInChromium('profile settings', (browser) => {
  describe.each(WITH_AND_WITHOUT_SCRIPTS)('%s', (_words, scripts) => {
    const email = scripts ? 'ada@example.com' : 'grace@example.com';

    test('shows where one is signed in, and signs out there', async () => {
      const other = await signedInVisitor(browser(), server, '/account', { email });
      const visitor = await signedInVisitor(browser(), server, '/account', { email, scripts });
      const { page, context } = visitor;
      expect(await page.locator('.session').allInnerTexts()).toEqual([
        expect.stringMatching(/Chrome on Linux\s+This one[\s\S]*active now/),
        expect.stringMatching(/Chrome on Linux[\s\S]*Sign out/),
      ]);
      await expectGoodLooks(visitor, 'profile');
      await page.getByRole('button', { name: 'Sign out Chrome on Linux' }).click();
      expect(await page.getByRole('status').textContent()).toContain('That session was signed out.');
      expect(await page.locator('.session').count()).toBe(1);
      await other.page.reload();
      await other.page.getByRole('heading', { name: 'Sign in' }).waitFor();
      for (const one of [context, other.context]) await one.close();
    });

    test('a new password needs the old one, and ends all other sessions', async () => {
      const other = await signedInVisitor(browser(), server, '/account', { email });
      const visitor = await signedInVisitor(browser(), server, '/account', { email, scripts });
      const { page, context } = visitor;
      const change = async (current: string, next: string) => {
        await page.getByLabel('Current password').fill(current);
        await page.getByLabel('New password').fill(next);
        await page.getByRole('button', { name: 'Change password' }).click();
      };
      await change('not my password', 'a better password');
      const field = page.getByLabel('Current password');
      expect(await field.getAttribute('aria-describedby')).toBe('current-password-error');
      expect(await page.locator('#current-password-error').textContent()).toBe('This is not your current password.');
      await expectGoodLooks(visitor, 'profile-refused');
      await change('demo-password', 'a better password');
      expect(await page.getByRole('status').textContent()).toContain('Your password was changed.');
      await expectGoodLooks(visitor, 'profile-changed');
      await other.page.reload();
      await fillSignIn(other.page, email);
      expect(await other.page.getByRole('alert').textContent()).toMatch(/Email or password is not right/);
      await fillSignIn(other.page, email, 'a better password');
      await other.page.getByRole('heading', { name: 'Profile settings' }).waitFor();
      for (const one of [context, other.context]) await one.close();
    });
  });

  test('a forgotten password is asked for from the sign-in page', async () => {
    const visitor = await signedInVisitor(browser(), server, '/account', { email: 'linus@example.com' });
    const { page, context } = visitor;
    await context.clearCookies();
    await page.goto(server.url('/login'));
    await page.getByRole('link', { name: 'Forgotten your password?' }).click();
    await expectGoodLooks(visitor, 'password-forgotten');
    await page.getByLabel('Email').fill('nobody@example.com');
    await page.getByRole('button', { name: 'Send the link' }).click();
    await page.getByRole('heading', { name: 'Look into your mailbox' }).waitFor();
    await expectGoodLooks(visitor, 'password-forgotten-sent');
    await context.close();
  });
});
