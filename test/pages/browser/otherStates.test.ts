/** The pages and states that no other test in a browser meets look good and are accessible too. */
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { accountByEmail } from '../../../src/accounts/findAccount.js';
import { organizationsOf } from '../../../src/organizations/organizationsOf.js';
import { switchMcpAccess } from '../../../src/organizations/switchMcpAccess.js';
import { describeInChromium } from '../../support/chromium.js';
import { TestClient } from '../../support/client.js';
import { linkIn, type MailServer, startMailServer } from '../../support/mailServer.js';
import { startServer, type TestServer } from '../../support/server.js';
import { inStore, pathOf } from '../organizationVisit.js';
import { expectGoodLooks } from './looks.js';
import { fillSignIn, newVisitor, signedInVisitor } from './visitor.js';

let server: TestServer;
let mail: MailServer;
let acme: string;
beforeAll(async () => {
  mail = await startMailServer();
  server = await startServer({ env: { SMTP_URL: mail.url } });
  acme = await pathOf(server, 'Acme Robotics');
});
afterAll(async () => {
  await server?.stop();
  await mail?.stop();
});

/** The link in the mail that something sends. */
async function mailedLink(send: () => Promise<void>): Promise<string> {
  const before = mail.messages.length;
  await send();
  while (mail.messages.length === before) await sleep(20);
  return linkIn(mail.messages.at(-1));
}

describeInChromium('whoever is not signed in', (browser) => {
  test('is told what is wrong with an address, and that one signed out', async () => {
    const client = await TestClient.register(server);
    const app = await TestClient.register(server, undefined, 'cursor://anysphere.cursor-mcp/oauth/callback');
    const visitor = await newVisitor(browser());
    const addresses: [string, string][] = [
      ['signed-out', server.url('/logout')],
      ['not-found', server.url('/nothing/here')],
      ['unknown-client', client.authorize({ client_id: 'nobody' }).url],
      ['error-of-a-client', app.authorize({ prompt: 'none' }).url],
      ['interaction-over', server.url('/interaction/AAAAAAAAAAAAAAAAAAAAA')],
      ['invitation-unknown', server.url('/invitations/AAAAAAAAAAAAAAAAAAAAA')],
    ];
    for (const [state, address] of addresses) {
      await visitor.page.goto(address);
      await expectGoodLooks(visitor, state);
    }
    await visitor.context.close();
  });

  test('sets a forgotten password', async () => {
    const visitor = await newVisitor(browser());
    const { page } = visitor;
    const link = await mailedLink(async () => {
      await page.goto(server.url('/password/forgotten'));
      await page.getByLabel('Email').fill('ada@example.com');
      await page.getByRole('button', { name: 'Send the link' }).click();
    });
    await page.goto(link);
    await expectGoodLooks(visitor, 'password-reset');
    await page.evaluate(() => document.querySelector('input[minlength]')?.removeAttribute('minlength'));
    await page.getByLabel('New password').fill('short');
    await page.getByRole('button', { name: 'Set password' }).click();
    const field = page.getByLabel('New password');
    expect(await field.getAttribute('aria-invalid')).toBe('true');
    expect(await field.getAttribute('aria-describedby')).toContain('new-password-error');
    await expectGoodLooks(visitor, 'password-reset-refused');
    await field.fill('a better password');
    await page.getByRole('button', { name: 'Set password' }).click();
    await page.getByText('Sign in with the new one').waitFor();
    await expectGoodLooks(visitor, 'sign-in-password-changed');
    await visitor.context.close();
  });

  test('and has no organization to pick can return to the client', async () => {
    await inStore(server, async (stores) => {
      const grace = await accountByEmail(stores.durable, 'grace@example.com');
      for (const { id } of await organizationsOf(stores.durable, grace?.id ?? ''))
        await switchMcpAccess(stores, { kind: 'operator' }, id, false);
    });
    const client = await TestClient.register(server);
    const visitor = await newVisitor(browser());
    await visitor.page.goto(client.authorize().url);
    await fillSignIn(visitor.page, 'grace@example.com');
    await visitor.page.getByRole('heading', { name: 'No organization to connect' }).waitFor();
    await expectGoodLooks(visitor, 'consent-none');
    await visitor.context.close();
  });
});

describeInChromium('an admin', (browser) => {
  test('is told that a role is missing; an invited person who has an account signs in first', async () => {
    const beacon = await pathOf(server, 'Beacon Labs');
    const visitor = await signedInVisitor(browser(), server, `${beacon}/members/add`, { email: 'grace@example.com' });
    const { page } = visitor;
    const send = () => page.getByRole('button', { name: 'Send invitation' }).click();
    await page.getByLabel('Email address').fill('linus@example.com');
    await send();
    await page.getByRole('alert').waitFor();
    await expectGoodLooks(visitor, 'organization-member-add-without-role');
    await page.getByLabel('PubNub Insights').check();
    const link = await mailedLink(send);
    await page.goto(server.url(`${beacon}/members`));
    await page.getByRole('link', { name: 'Withdraw the invitation' }).click();
    await page.getByRole('dialog').waitFor();
    await expectGoodLooks(visitor, 'invitation-withdraw-dialog');
    const invited = await newVisitor(browser());
    await invited.page.goto(link);
    await expectGoodLooks(invited, 'invitation-sign-in');
    await invited.page.getByRole('link', { name: 'Sign in' }).click();
    await fillSignIn(invited.page, 'linus@example.com');
    await invited.page.getByRole('button', { name: 'Accept invitation' }).waitFor();
    await expectGoodLooks(invited, 'invitation-accept');
    for (const { context } of [visitor, invited]) await context.close();
  });

  test('is asked before a member is removed, and reads that nothing matches', async () => {
    const visitor = await signedInVisitor(browser(), server, `${acme}/members`, { email: 'grace@example.com' });
    const { page } = visitor;
    await page.getByRole('link', { name: 'Remove Linus Torvalds' }).click();
    await page.getByRole('dialog').waitFor();
    await expectGoodLooks(visitor, 'organization-member-remove-dialog');
    await page.keyboard.press('Escape');
    await page.goto(server.url(`${acme}/audit?person=nobody-at-all`));
    await expectGoodLooks(visitor, 'organization-audit-none');
    await visitor.context.close();
  });
});
