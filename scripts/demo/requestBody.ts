/** Reads the JSON body of a request to the demo MCP server. */
import type { IncomingMessage } from 'node:http';

const LARGEST = 256 * 1024;

/** The body is larger than the demo MCP server reads. */
export class BodyTooLarge extends Error {
  override name = 'BodyTooLarge';
}

/**
 * The parsed body; a `SyntaxError` when it is no JSON.
 * @param request the request whose body nobody has read yet
 */
export const readBody = async (request: IncomingMessage): Promise<unknown> => {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > LARGEST) {
      throw new BodyTooLarge(`The body is larger than ${LARGEST} bytes.`);
    }
    chunks.push(chunk);
  }
  return JSON.parse(Buffer.concat(chunks).toString('utf8'));
};
