/**
 * The introspection endpoint, in front of everything else: APIs ask at every call, so it decides what this server costs.
 * It reads the request itself and answers from what `introspect` says.
 */
import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { readBody } from '../http/boundedBody.js';
import { bodyTooLarge, HttpError, visibleError } from '../http/errors.js';
import { assertForm, formOf } from '../http/form.js';
import { errorJson, PERSONAL_FIELDS, sendJson } from '../http/jsonAnswer.js';
import type { IntrospectionResult } from '../metrics.js';
import { AnswerCache, requestHash } from './answerCache.js';
import type { OauthContext } from './context.js';
import { introspect } from './introspection.js';
import { type Authenticate, createAuthentication } from './introspectionAuthentication.js';

export type IntrospectionEndpoint = (req: IncomingMessage, res: ServerResponse) => void;

/** Handles `POST /introspect` (RFC 7662); every answer is JSON and is never cached by anybody else. */
export function createIntrospectionEndpoint(oauth: OauthContext): IntrospectionEndpoint {
  const { stores, signer } = oauth;
  const note = noteOf(oauth);
  const authenticate = createAuthentication(oauth);
  let cached = { keys: signer.keys, answers: new AnswerCache(stores) };
  /** A signed token is good only as long as its key is, which the store's revision says nothing of. */
  const answersNow = (): AnswerCache => {
    if (cached.keys !== signer.keys) cached = { keys: signer.keys, answers: new AnswerCache(stores) };
    return cached.answers;
  };

  return (req, res) => {
    const answer = (body: Buffer): void => {
      stores.beginRequest();
      const { authorization = '', 'content-type': contentType = '' } = req.headers;
      const answers = answersNow();
      const request = requestHash(authorization, contentType, body.toString('latin1'));
      // Read before anything that the answer says is.
      const revision = stores.revision();
      const known = answers.at(revision, request);
      if (known !== undefined) {
        note('active');
        sendJson(res, 200, PERSONAL_FIELDS, known);
      } else
        newAnswer(oauth, authenticate, authorization, contentType, body).then(
          (said) => {
            const json = JSON.stringify(said);
            note(said.active ? 'active' : 'inactive');
            if (said.active) answers.keep(revision, request, said, json);
            sendJson(res, 200, PERSONAL_FIELDS, json);
          },
          (error: unknown) => refuse(oauth, note, res, error),
        );
    };
    readBody(req, answer, () => refuse(oauth, note, res, bodyTooLarge()));
  };
}

type Note = (result: IntrospectionResult) => void;

/**
 * Counts introspections. A line for each is written at `debug` only: this server answers thousands a second, and the
 * lines would cost more than the answers.
 */
function noteOf({ tally, log }: OauthContext): Note {
  const each = log.isLevelEnabled('debug');
  return (result) => {
    tally.introspections[result] += 1;
    if (each) log.debug({ path: '/introspect', result }, 'request');
  };
}

/** @throws HttpError when the request is not one that is answered with `active` */
async function newAnswer(
  oauth: OauthContext,
  authenticate: Authenticate,
  authorization: string,
  contentType: string,
  body: Buffer,
) {
  assertForm(contentType);
  const form = formOf(body);
  const server = authenticate(authorization, form);
  const token = form.get('token');
  if (!token) throw new HttpError(400, 'invalid_request', 'The parameter token is missing (RFC 7662, section 2.1).');
  return introspect(oauth, server, token);
}

function refuse(oauth: OauthContext, note: Note, res: ServerResponse, thrown: unknown): void {
  const error = visibleError(thrown);
  const failed = error.status >= 500;
  const requestId = randomUUID();
  note(failed ? 'unavailable' : 'refused');
  if (failed) oauth.log.error({ requestId, path: '/introspect', status: error.status, err: thrown }, 'request failed');
  const { json, fields } = errorJson(error);
  sendJson(res, error.status, [...PERSONAL_FIELDS, ...fields, 'X-Request-Id', requestId], json);
}
