/**
 * Endpoints that clients post forms to, in front of everything else: they are asked so often that what pages need on the
 * way, sessions and views, would cost more than the answer.
 */
import { randomUUID } from 'node:crypto';
import type { RequestListener } from 'node:http';
import type { Logger } from 'pino';
import type { Config } from '../config.js';
import type { Tally } from '../metrics.js';
import type { Stores } from '../stores/stores.js';
import { answerFields } from './answerFields.js';
import { readBody } from './boundedBody.js';
import { clientAddress } from './clientAddress.js';
import { visibleError } from './errors.js';
import { assertForm, formOf } from './form.js';
import { errorJson, jsonAnswer, send, sendNothing } from './jsonAnswer.js';
import { refusalOf } from './refusal.js';
import { noteAnswered } from './requestLog.js';

/** A form that was posted. */
export interface Posted {
  /** The Authorization header; empty when there is none. */
  readonly authorization: string;
  /** The address that it came from. */
  readonly ip: string;
  readonly form: URLSearchParams;
  /** Calls back when the client goes away before it is answered; at once when it has gone. */
  readonly whenGone: (gone: () => void) => void;
}

interface Surroundings {
  readonly config: Config;
  readonly log: Logger;
  readonly tally: Tally;
  readonly stores: Stores;
}

/** Open to web clients of every origin, as `crossOrigin.ts` tells them beforehand. */
const OPEN_FIELDS = [
  'Access-Control-Allow-Origin',
  '*',
  'Access-Control-Expose-Headers',
  'WWW-Authenticate,Retry-After',
];

/**
 * An endpoint for POST.
 * @param path below the issuer's, for the log
 * @param repeatable names of fields that may come more than once
 * @param respond gives the body of the answer, or none; what it throws is answered as an OAuth error
 */
export function clientEndpoint(
  { config, log, tally, stores }: Surroundings,
  path: string,
  repeatable: readonly string[],
  respond: (posted: Posted) => Promise<object | undefined>,
): RequestListener {
  const fields = [...answerFields(config.secure), ...OPEN_FIELDS];
  return (req, res) => {
    const request = {
      requestId: randomUUID(),
      ip: clientAddress(req, config.trustProxy),
      method: 'POST',
      path,
      startedAt: performance.now(),
    };
    const own = [...fields, 'X-Request-Id', request.requestId];
    const whenGone = (gone: () => void): void => {
      if (res.closed) gone();
      else res.once('close', gone);
    };
    const answer = async (body: Buffer): Promise<void> => {
      stores.beginRequest();
      const { authorization = '', 'content-type': contentType = '' } = req.headers;
      assertForm(contentType);
      const said = await respond({ authorization, ip: request.ip, form: formOf(body, repeatable), whenGone });
      if (said) send(res, 200, jsonAnswer(own, JSON.stringify(said)));
      else sendNothing(res, own);
      noteAnswered(log, tally, { ...request, status: 200 });
    };
    const refuse = (thrown: unknown): void => {
      const error = visibleError(thrown);
      const { json, fields: more } = errorJson(error);
      send(res, error.status, jsonAnswer([...own, ...more], json));
      const why = error.status >= 500 ? { cause: thrown } : { refusal: refusalOf(error) };
      noteAnswered(log, tally, { ...request, status: error.status, ...why });
    };
    readBody(req, (body) => void answer(body).catch(refuse), refuse);
  };
}
