/** The workflows for GitHub: what of them can be checked where they cannot run. */
import { execFileSync } from 'node:child_process';
import { access, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from '@jest/globals';
import { parse } from 'yaml';
import { z } from 'zod';

const FOLDER = '.github/workflows';
const Permissions = z.record(z.string(), z.enum(['read', 'write']));
const Job = z.object({
  'runs-on': z.string(),
  'timeout-minutes': z.number(),
  permissions: Permissions.optional(),
  strategy: z.object({ matrix: z.object({ node: z.array(z.number()) }) }).optional(),
  services: z.record(z.string(), z.object({ image: z.string(), ports: z.array(z.string()) })).default({}),
  env: z.record(z.string(), z.string()).default({}),
  steps: z.array(
    z.object({ uses: z.string().optional(), run: z.string().optional(), with: z.looseObject({}).optional() }),
  ),
});
const Workflow = z.object({ permissions: Permissions, jobs: z.record(z.string(), Job) });

const texts = new Map<string, string>();
const workflows = new Map<string, z.infer<typeof Workflow>>();
beforeAll(async () => {
  for (const file of await readdir(FOLDER)) {
    const text = await readFile(join(FOLDER, file), 'utf8');
    texts.set(file, text);
    workflows.set(file, Workflow.parse(parse(text)));
  }
});
const steps = () => [...workflows.values()].flatMap(({ jobs }) => Object.values(jobs).flatMap((job) => job.steps));

describe('every workflow', () => {
  test('pins each action to a commit and says which version that is', () => {
    const used = [...texts.values()].flatMap((text) => text.split('\n').filter((line) => line.includes('uses:')));
    expect(used.length).toBeGreaterThan(0);
    for (const line of used) expect(line).toMatch(/uses: [\w./-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$/);
  });

  test('may read the repository and nothing else, but for the one that reports findings', () => {
    expect(
      [...workflows].map(([file, { permissions, jobs }]) => [file, permissions, Object.values(jobs)[0]?.permissions]),
    ).toEqual([
      ['audit.yml', { contents: 'read' }, undefined],
      ['ci.yml', { contents: 'read' }, undefined],
      ['codeql.yml', {}, { contents: 'read', 'security-events': 'write' }],
      ['dependency-review.yml', { contents: 'read' }, undefined],
    ]);
    for (const step of steps().filter(({ uses }) => uses?.startsWith('actions/checkout@')))
      expect(step.with).toEqual({ 'persist-credentials': false });
  });

  test('puts nothing that a pull request says into a shell, and its shell can be parsed', () => {
    for (const { run } of steps()) {
      if (run === undefined) continue;
      expect(run).not.toContain('${{');
      execFileSync('bash', ['-n', '-c', run]);
    }
  });
});

test('known vulnerabilities of what runs in production are looked up at every change and once a week', () => {
  expect(workflows.get('audit.yml')?.jobs.audit?.steps.at(-1)?.run).toBe('npm audit --omit=dev --package-lock-only');
  expect(texts.get('audit.yml')).toMatch(/^ {2}schedule:$/m);
});

test('CI runs .ci/run on every supported version of Node.js, against MongoDB 8 as a replica set and Redis', async () => {
  const job = workflows.get('ci.yml')?.jobs.test;
  const { engines } = JSON.parse(await readFile('package.json', 'utf8'));
  expect(job?.strategy?.matrix.node).toEqual([20, 22, 24]);
  expect(engines.node).toBe('>=20.20');
  expect(job?.steps.at(-1)?.run).toBe('.ci/run');
  await access('.ci/run');
  const script = job?.steps.map(({ run }) => run ?? '').join('\n') ?? '';
  expect(script).toMatch(/mongo:8 --replSet (\w+)/);
  const replicaSet = /--replSet (\w+)/.exec(script)?.[1];
  expect(new URL(job?.env.MONGODB_URI ?? '').searchParams.get('replicaSet')).toBe(replicaSet);
  const { port } = new URL(job?.env.REDIS_URL ?? '');
  expect(job?.services.redis).toMatchObject({ image: expect.stringMatching(/^redis:/), ports: [`${port}:6379`] });
});
