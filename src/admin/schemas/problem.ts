/** What a refusal of the Admin API looks like (RFC 9457). */
import { z } from 'zod';
import { named } from './named.js';

export const Problem = named(
  'Problem',
  z.strictObject({
    type: z.url().describe('The kind of problem; the address describes it. Its last part is `code`.'),
    title: z.string().describe('The kind of problem in words; the same for every problem of that kind.'),
    status: z.int().min(400).max(599),
    detail: z.string().describe('What is wrong with this request and what to do.'),
    instance: z.string().describe('This occurrence; the UUID stands in the log as `requestId`.'),
    code: z.string().describe('The kind of problem, the same at every issuer.'),
    errors: z
      .array(
        z.strictObject({
          pointer: z.string().describe('Where: a JSON pointer into the body, or the name of a parameter.'),
          detail: z.string(),
        }),
      )
      .exactOptional()
      .describe('Each place that is wrong, when there are several or they can be told.'),
  }),
);
export type Problem = z.infer<typeof Problem>;
