/**
 * The introspection endpoint, in front of everything else: APIs ask at every call, so it decides what this server costs.
 * It reads the request itself and answers from what `introspect` says.
 */
import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { answerFields, type HeaderFields } from '../http/answerFields.js';
import { readBody } from '../http/boundedBody.js';
import { clientAddress } from '../http/clientAddress.js';
import { visibleError } from '../http/errors.js';
import { errorJson, type JsonAnswer, jsonAnswer, send } from '../http/jsonAnswer.js';
import { refusalOf } from '../http/refusal.js';
import type { IntrospectionResult } from '../metrics.js';
import { AnswerCache, requestHash } from './answerCache.js';
import type { OauthContext } from './context.js';
import { INACTIVE, introspect } from './introspection.js';
import { createTokenAskedAbout } from './introspectionRequest.js';

export type IntrospectionEndpoint = (req: IncomingMessage, res: ServerResponse) => void;

/** Handles `POST /introspect` (RFC 7662); every answer is JSON and is never cached by anybody else. */
export function createIntrospectionEndpoint(oauth: OauthContext): IntrospectionEndpoint {
  const { stores, signer } = oauth;
  const fields = answerFields(oauth.config.secure);
  const note = noteOf(oauth);
  const tokenAskedAbout = createTokenAskedAbout(oauth);
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
        send(res, 200, known);
        return;
      }
      const newAnswer = async (): Promise<JsonAnswer> => {
        const ip = () => clientAddress(req, oauth.config.trustProxy);
        const access = answers.accessOf(request) ?? (await tokenAskedAbout(authorization, contentType, body, ip));
        const said = access ? await introspect(oauth, access) : INACTIVE;
        const answer = jsonAnswer(fields, JSON.stringify(said));
        if (access && said.active) answers.keep(revision, request, access, answer);
        note(said.active ? 'active' : 'inactive');
        return answer;
      };
      newAnswer().then(
        (said) => send(res, 200, said),
        (error: unknown) => refuse(oauth, note, fields, res, error),
      );
    };
    readBody(req, answer, (error) => refuse(oauth, note, fields, res, error));
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

function refuse(oauth: OauthContext, note: Note, own: HeaderFields, res: ServerResponse, thrown: unknown): void {
  const error = visibleError(thrown);
  const failed = error.status >= 500;
  const requestId = randomUUID();
  note(failed ? 'unavailable' : 'refused');
  if (!failed) oauth.tally.countRefusal('/introspect', refusalOf(error));
  if (failed) oauth.log.error({ requestId, path: '/introspect', status: error.status, err: thrown }, 'request failed');
  const { json, fields } = errorJson(error);
  send(res, error.status, jsonAnswer([...own, ...fields, 'X-Request-Id', requestId], json));
}
