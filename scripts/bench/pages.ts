/**
 * How long each page takes with 40 organizations and 10,000 connections of one person in the embedded store; each has
 * to answer in under 50 ms. Run it with `npm run bench:pages`.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Command } from 'commander';
import { createProgram, run, say, withExamples } from '../cli/command.js';
import { exitCodes } from '../cli/exitCodes.js';
import { giveMuch } from './pages/giveMuch.js';
import { PageVisit } from './pages/pageVisit.js';
import { startServer } from './startedServer.js';

const ROUNDS = 40;
const MOST_MS = 50;

async function measure(visit: PageVisit, path: string): Promise<{ median: number; slowest: number }> {
  for (let n = 0; n < 5; n++) await visit.get(path);
  const times: number[] = [];
  for (let n = 0; n < ROUNDS; n++) {
    const started = performance.now();
    await visit.get(path);
    times.push(performance.now() - started);
  }
  times.sort((a, b) => a - b);
  return { median: times[Math.floor(ROUNDS / 2)] ?? 0, slowest: times.at(-1) ?? 0 };
}

type Row = readonly [page: string, { readonly median: number; readonly slowest: number }];

/** Milliseconds of each page. */
async function measureAll(issuer: string, dataDir: string): Promise<Row[]> {
  const { organization, connection } = await giveMuch(join(dataDir, 'store'));
  const visit = new PageVisit(issuer);
  const login = await measure(visit, '/login');
  await visit.signIn('ada@example.com', 'demo-password');
  const pages: [string, string][] = [
    ['Consent', await visit.authorize()],
    ['MCP Connections', '/account/connections'],
    ['… searched', '/account/connections?text=cursor'],
    ['… nothing found', '/account/connections?text=no-such-client'],
    ['Remove connection', `/account/connections/${connection}/remove`],
    ['Profile', '/account'],
    ['Create an organization', '/organizations/new'],
    ['Organization settings', `/organizations/${organization}/settings`],
    ['Switch MCP access off', `/organizations/${organization}/settings/mcp-access`],
    ['Organization connections', `/organizations/${organization}/connections`],
    ['… searched', `/organizations/${organization}/connections?text=cursor`],
    ['Members', `/organizations/${organization}/members`],
    ['Audit log', `/organizations/${organization}/audit`],
  ];
  const rows: Row[] = [['Sign-in', login]];
  for (const [name, path] of pages) rows.push([name, await measure(visit, path)]);
  return rows;
}

const lines = (rows: readonly Row[]): string[] => [
  'page                       median    slowest',
  ...rows.map(([name, { median, slowest }]) => {
    const verdict = median < MOST_MS ? '' : `  over ${MOST_MS} ms`;
    return `${name.padEnd(24)} ${median.toFixed(1).padStart(6)} ms  ${slowest.toFixed(1).padStart(6)} ms${verdict}`;
  }),
];

async function bench(_options: object, command: Command): Promise<void> {
  const dataDir = await mkdtemp(join(tmpdir(), 'bench-pages-'));
  const server = await startServer({ DATA_DIR: dataDir });
  try {
    const rows = await measureAll(server.issuer, dataDir);
    say(command, { text: lines(rows), json: { milliseconds: Object.fromEntries(rows) } });
    if (rows.some(([, { median }]) => median >= MOST_MS)) process.exitCode = exitCodes.refused;
  } finally {
    await server.stop();
    await rm(dataDir, { recursive: true, force: true });
  }
}

await run(
  withExamples(
    createProgram(
      'bench:pages',
      `How long each page takes with much in the embedded store; fails when one takes ${MOST_MS} ms or more.`,
    ),
    'npm run bench:pages',
    'npm run --silent bench:pages -- --json',
  ).action(bench),
);
