import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { expect, test } from '@jest/globals';
import { freePort } from './childServer.js';

/** Ports enough that some would be given twice if they were chosen by chance alone: about eight pairs of 600. */
const PORTS = 600;

test('never gives the same port twice, though nothing listens there yet', async () => {
  const ports = new Set<number>();
  for (let taken = 0; taken < PORTS; taken++) ports.add(await freePort());

  expect(ports.size).toBe(PORTS);
});

test('reserves a port among processes', async () => {
  const port = await freePort();
  const elsewhere = promisify(execFile)(process.execPath, [
    '-e',
    `require('node:dgram').createSocket('udp4').unref().bind({ port: ${port}, address: '127.0.0.1' })`,
  ]);

  await expect(elsewhere).rejects.toThrow('EADDRINUSE');
});
