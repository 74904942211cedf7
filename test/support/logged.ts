/** Waits for what a server under test writes: it comes through a pipe, after the answer. */
import { once } from 'node:events';
import type { TestServer } from './server.js';

/**
 * The first line of the server's output that holds a text, as soon as it is there.
 * @throws when it does not come within 20 seconds
 */
export async function logged(server: TestServer, text: string): Promise<string> {
  const signal = AbortSignal.timeout(20_000);
  for (;;) {
    const line = server
      .output()
      .split('\n')
      .slice(0, -1)
      .find((one) => one.includes(text));
    if (line !== undefined) return line;
    const { stdout } = server.process();
    if (!stdout) throw new Error('The server has no standard output.');
    await once(stdout, 'data', { signal });
  }
}
