import { fileURLToPath } from 'node:url';
import { describe, expect, test } from '@jest/globals';
import { createRenderer } from '../../src/pages/render.js';
import type { ConnectionsData, ConsentData, ViewData } from '../../src/pages/viewData.js';
import { connection, consent, page, samples } from './samples.js';

const render = createRenderer(fileURLToPath(new URL('../../views', import.meta.url)), '/oauth');

/** Every sample of every view, after `change`. */
const renderAll = (change: <T>(value: T) => T = (value) => value): [string, string][] =>
  (Object.keys(samples) as (keyof ViewData)[]).flatMap((view) =>
    samples[view].map((data, index): [string, string] => [`${view} ${index}`, render(view, change(data))]),
  );

/** The same data with markup in place of every text; dates stay dates. */
const poisoned = <T>(data: T): T =>
  JSON.parse(JSON.stringify(data), (_key, value: unknown) =>
    typeof value === 'string' && !/^\d{4}-/.test(value) ? `"'><script>alert(1)</script><b onclick=x>` : value,
  ) as T;

const forms = (html: string): string[] => html.match(/<form.*?<\/form>/gs) ?? [];
const organizations = (count: number) =>
  Array.from({ length: count }, (_, index) => ({ id: `org_${index}`, name: `Org ${index}`, personal: false }));

describe('every view', () => {
  test.each(renderAll(poisoned))('%s shows markup in its data as text', (_name, html) => {
    expect(html.match(/<script/g)).toHaveLength(1);
    expect(html).not.toContain('<b onclick');
    expect(html).toContain('&lt;script&gt;');
  });

  test.each(renderAll())('%s has no inline script or style', (_name, html) => {
    expect(html).not.toMatch(/<style|\sstyle=|\son[a-z]+=|javascript:|<script(?![^>]*\ssrc="\/oauth\/assets\/)/i);
  });

  test.each(renderAll())('%s has a csrf_token in each form that posts, and in no other', (_name, html) => {
    for (const form of forms(html)) {
      if (!form.includes('method="post"')) {
        expect(form).toContain('method="get"');
        expect(form).not.toContain('csrf_token');
        continue;
      }
      expect(form).toContain('<input type="hidden" name="csrf_token" value="the-token">');
    }
  });

  test.each(renderAll())('%s is complete: one h1, links below the issuer, nothing undefined', (_name, html) => {
    expect(html.match(/<h1/g)).toHaveLength(1);
    expect(html).not.toContain('undefined');
    expect(html).not.toMatch(/(?:href|action)="\/(?:account|login|logout|assets)/);
    expect(html).toMatch(/assets\/style\.css\?v=[\w-]{16}"/);
  });
});

describe('consent', () => {
  const preselected = (data: Partial<ConsentData>) =>
    /value="([^"]*)" required checked/.exec(render('consent', { ...consent, selected: undefined, ...data }))?.[1];

  test('preselects only what was chosen before, or the only organization', () => {
    expect(preselected({})).toBeUndefined();
    expect(preselected({ selected: 'org_2' })).toBe('org_2');
    expect(preselected({ organizations: organizations(1) })).toBe('org_0');
  });

  test('can be denied without an organization', () => {
    const deny = '<button class="button" type="submit" name="decision" value="deny" formnovalidate>Deny</button>';
    expect(render('consent', consent)).toContain(deny);
  });

  test('without any organization says why and only leads back', () => {
    const html = render('consent', { ...consent, organizations: [] });
    expect(html).toContain('MCP access is off everywhere.');
    expect(html).toMatch(/value="deny" formnovalidate>.*Return to <bdi>Claude Code/);
    expect(html).not.toContain('value="approve"');
  });

  test('shows forty organizations with a filter, eight without', () => {
    const html = render('consent', { ...consent, organizations: organizations(40) });
    expect(html.match(/type="radio"/g)).toHaveLength(40);
    expect(html).toContain('hidden data-filter="organizations"');
    expect(render('consent', { ...consent, organizations: organizations(8) })).not.toContain('data-filter');
  });

  test('says where, until when and whether the client is known', () => {
    const html = render('consent', {
      ...consent,
      client: { name: 'Cursor', id: 'dcr_2', uri: 'https://cursor.test/' },
    });
    expect(html).toContain('23 December 2026, 11:09 UTC');
    expect(html).toContain('an app on this device (localhost)');
    const app = render('consent', { ...consent, redirect: { host: 'cursor:', local: true } });
    expect(app).toContain('an app on this device. Continue');
    expect(html).toContain('Unverified');
    expect(html).not.toContain('cursor.test');
  });

  test('links no address of the client that a browser would run', () => {
    const client = { ...consent.client, uri: 'javascript:alert(1)' };
    expect(render('consent', { ...consent, client })).not.toContain('javascript:');
  });
});

describe('connections', () => {
  const data: ConnectionsData = { page, connections: [connection], resourceUrl: 'http://localhost:3001/mcp' };

  test('without any says how to connect a client', () => {
    const html = render('connections', { ...data, connections: [] });
    expect(html).toContain('claude mcp add --transport http my-server http://localhost:3001/mcp');
    expect(html).not.toContain('<table');
  });

  test('marks a rejected one with the reason and links its removal', () => {
    const html = render('connections', data);
    expect(html).toContain('Rejected</span> <span>MCP access is switched off for this organization');
    expect(html).toContain('href="/oauth/account/connections/con_1/remove"');
  });
});

test('a missing field is refused by the compiler', () => {
  // @ts-expect-error `page` is missing
  expect(() => render('signedOut', {})).toThrow();
});
