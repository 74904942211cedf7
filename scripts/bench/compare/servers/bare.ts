/**
 * What Node.js itself costs: reads the body, parses the form, and answers the JSON that was prepared for this token.
 * It knows no client, no clock and no store.
 */
import type { Sample } from '../samples.js';
import { input, listening } from './ready.js';

const samples = await input<readonly Sample[]>();
const answers = new Map(samples.map(({ token, answer }) => [token, answer]));

listening(
  (req, res) => {
    let body: Buffer | undefined;
    req.on('data', (chunk: Buffer) => {
      body = body ? Buffer.concat([body, chunk]) : chunk;
    });
    req.on('end', () => {
      const token = new URLSearchParams(body?.toString('latin1')).get('token') ?? '';
      const json = answers.get(token) ?? '{"active":false}';
      res.writeHead(200, { 'Content-Type': 'application/json', 'Content-Length': json.length }).end(json);
    });
  },
  samples.map(({ asked }) => asked),
);
