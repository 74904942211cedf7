/**
 * Sends all requests of standard input at once and prints their statuses, both as JSON. A process of its own, so that those
 * who measure how long others wait meanwhile do not wait for this.
 */
import { request } from 'node:http';
import { json } from 'node:stream/consumers';

const statuses = await Promise.all(
  (await json(process.stdin)).map(
    ({ url, headers, body }) =>
      new Promise((resolve, reject) => {
        const sent = request(url, { method: body === undefined ? 'GET' : 'POST', headers, agent: false }, (answer) => {
          answer.resume().on('end', () => resolve(answer.statusCode));
        });
        sent.on('error', reject).end(body);
      }),
  ),
);
process.stdout.write(JSON.stringify(statuses));
