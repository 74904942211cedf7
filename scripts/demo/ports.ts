/** Finds out before anything starts whether a port is free, so that the message can say what to do. */
import { createServer } from 'node:net';

/**
 * Whether something listens on a port of this machine already.
 * @param port the port
 */
export const isTaken = (port: number): Promise<boolean> =>
  new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'EADDRINUSE') {
        resolve(true);
      } else {
        reject(error);
      }
    });
    probe.listen(port, '127.0.0.1', () => probe.close(() => resolve(false)));
  });

/**
 * What to tell somebody whose port is taken.
 * @param port the port
 * @param what who wants it
 * @param variable the environment variable that moves it
 */
export const takenMessage = (port: number, what: string, variable: string): string =>
  `Port ${port} is taken, and ${what} needs it. Stop the program that listens there ` +
  `(lsof -i :${port} shows it), or choose another port: ${variable}=${port + 10} npm run demo`;
