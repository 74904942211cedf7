/** What the Dockerfile says; no engine runs it here. */
import { execFile, execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { beforeAll, describe, expect, test } from '@jest/globals';
import { Environment } from '../../src/environment.js';
import { copyOf, type Stage, stagesOf, tracked } from './dockerfile.js';

let stages: Stage[];
let final: Stage;
beforeAll(async () => {
  stages = stagesOf(await readFile('Dockerfile', 'utf8'));
  final = stages.at(-1) as Stage;
});

const values = (stage: Stage, name: string): string[] =>
  stage.instructions.filter((instruction) => instruction.name === name).map(({ value }) => value);
const only = (stage: Stage, name: string): string => {
  const [value = '', ...more] = values(stage, name);
  expect(more).toEqual([]);
  return value;
};

/** The environment of the container as the Dockerfile sets it. */
const environment = (): Record<string, string> =>
  Object.fromEntries(
    values(final, 'ENV').flatMap((line) => line.split(' ').map((pair) => pair.split('=') as [string, string])),
  );

describe('every stage', () => {
  test('begins from the same pinned Node.js version, which the project supports', () => {
    expect(new Set(stages.map(({ image }) => image)).size).toBe(1);
    expect(final.image).toMatch(/^node:24(\.\d+)*-\w+-slim$/);
  });

  test('copies only what is in the repository, or in a stage before it', () => {
    for (const [index, stage] of stages.entries())
      for (const instruction of stage.instructions.filter(({ name }) => name === 'COPY')) {
        const { from, sources } = copyOf(instruction);
        if (from !== undefined) expect(stages.slice(0, index).map(({ name }) => name)).toContain(from);
        else
          for (const source of sources) expect({ source, files: tracked(source) }).not.toEqual({ source, files: [] });
      }
  });

  test('copies nothing that .dockerignore keeps out', async () => {
    const lines = (await readFile('.dockerignore', 'utf8')).split('\n').filter((line) => /^[^#]/.test(line));
    expect(lines[0]).toBe('*');
    const letIn = lines.slice(1).map((line) => line.replace(/^!/, ''));
    const copied = stages.flatMap(({ instructions }) =>
      instructions
        .filter(({ name }) => name === 'COPY')
        .map(copyOf)
        .flatMap(({ from, sources }) => (from === undefined ? sources : [])),
    );
    expect(new Set(copied)).toEqual(new Set(letIn));
  });

  test('runs no install script of a package, and never copies a secret or a local file', () => {
    for (const stage of stages) {
      for (const command of values(stage, 'RUN').filter((line) => line.startsWith('npm ci')))
        expect(command).toContain('--ignore-scripts');
      expect(values(stage, 'ADD')).toEqual([]);
      expect(
        values(stage, 'COPY').filter(
          (line) => / (\.|data|\.env|node_modules) /.test(` ${line} `) && !line.includes('--from'),
        ),
      ).toEqual([]);
    }
  });
});

describe('the container', () => {
  test('has neither compiler nor development dependencies, and no folder of its own but /data to write to', () => {
    expect(values(final, 'RUN').filter((line) => !line.includes('/data'))).toEqual([]);
    expect(values(final, 'COPY').filter((line) => line.includes('node_modules'))).toEqual([
      '--from=dependencies /app/node_modules node_modules',
    ]);
    expect(JSON.parse(only(final, 'VOLUME'))).toEqual([environment().DATA_DIR]);
  });

  test('runs as a user that is not root, named by number so that an orchestrator can tell', () => {
    expect(only(final, 'USER')).toMatch(/^[1-9]\d*:[1-9]\d*$/);
    const order = final.instructions.map(({ name }) => name);
    expect(order.lastIndexOf('RUN')).toBeLessThan(order.indexOf('USER'));
  });

  test('is the process itself, so that SIGTERM reaches it', () => {
    expect(JSON.parse(only(final, 'CMD'))).toEqual(['node', 'dist/main.js']);
    expect(values(final, 'ENTRYPOINT')).toEqual([]);
    expect(only(final, 'STOPSIGNAL')).toBe('SIGTERM');
  });

  test('sets only variables that the server reads, to values that it takes', () => {
    const names = Object.keys(environment());
    expect(Object.keys(Environment.shape)).toEqual(expect.arrayContaining(names));
    expect(Environment.parse(environment())).toMatchObject({
      NODE_ENV: 'production',
      PORT: Number(only(final, 'EXPOSE')),
    });
  });

  test('says what it is', () => {
    expect(only(final, 'LABEL')).toContain('org.opencontainers.image.title="mcp-authorization-server"');
  });

  test('is healthy while its own server answers and not otherwise, asked by Node.js alone', async () => {
    const [, json = ''] = /CMD (\[.*\])$/.exec(only(final, 'HEALTHCHECK')) ?? [];
    const [program, ...args] = JSON.parse(json) as string[];
    expect(program).toBe('node');
    const asked = (port: number): Promise<number | null> =>
      new Promise((resolve) => {
        const child = execFile(process.execPath, args, { env: { PORT: `${port}` } }, () => resolve(child.exitCode));
      });
    const server = createServer(({ url }, response) => response.writeHead(url === '/health/alive' ? 200 : 404).end());
    await once(server.listen(0, '127.0.0.1'), 'listening');
    const { port } = server.address() as AddressInfo;
    expect(await asked(port)).toBe(0);
    server.removeAllListeners('request').on('request', (_, response) => response.writeHead(503).end());
    expect(await asked(port)).toBe(1);
    server.close();
    server.closeAllConnections();
    expect(await asked(port)).toBe(1);
  });
});

test('no runtime dependency needs an install script: those that have one bring their binary or are optional', async () => {
  const { packages } = JSON.parse(await readFile('package-lock.json', 'utf8'));
  const withScript = Object.entries<{ hasInstallScript?: true; dev?: true }>(packages)
    .filter(([, { hasInstallScript, dev }]) => hasInstallScript && !dev)
    .map(([path]) => path.replace('node_modules/', ''));
  expect(withScript).toEqual(['lmdb', 'msgpackr-extract']);
  expect(execFileSync('git', ['check-ignore', 'server.env', 'config.json'], { encoding: 'utf8' })).toBe(
    'server.env\nconfig.json\n',
  );
});
