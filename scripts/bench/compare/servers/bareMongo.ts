/**
 * What Node.js and the drivers themselves cost: reads the token from Redis and then, side by side, the four records from
 * MongoDB with the same commands as this server, and answers the JSON that was prepared for this token.
 */
import { Redis } from 'ioredis';
import { z } from 'zod';
import { tokenHash } from '#src/ids.js';
import { AccessToken } from '#src/oauth/tokens/accessTokenRecord.js';
import { connectMongo } from '#src/stores/mongo/open.js';
import { memberId } from '#src/stores/records/member.js';
import type { Sample } from '../samples.js';
import { input, listening } from './ready.js';

export interface BareMongoInput {
  readonly samples: readonly Sample[];
  readonly mongodbUri: string;
  readonly redisUrl: string;
}

interface Found {
  readonly _id: string;
  readonly record: string;
}

const { samples, mongodbUri, redisUrl } = await input<BareMongoInput>();
const answers = new Map(samples.map(({ token, answer }) => [token, answer]));
const { db } = await connectMongo(mongodbUri);
const redis = new Redis(redisUrl);
const Kept = z.object({ value: AccessToken });

const find = (collection: string, _id: string, more: object = {}): Promise<Found | null> => {
  const options = { projection: { _id: 0, record: 1, revision: 1 }, maxTimeMS: 5_000 };
  return db.collection<Found>(collection).findOne({ ...more, _id }, options);
};

async function answerOf(token: string): Promise<string> {
  const { value } = Kept.parse(JSON.parse((await redis.get(`mcp:access-token:${tokenHash(token)}`)) ?? '{}'));
  const { connectionId, accountId, organizationId } = value;
  const found = await Promise.all([
    find('connections', connectionId, { keptUntil: { $not: { $lte: new Date() } } }),
    find('accounts', accountId),
    find('organizations', organizationId),
    find('members', memberId(organizationId, accountId)),
  ]);
  for (const one of found) JSON.parse(one?.record ?? '');
  return answers.get(token) ?? '';
}

listening(
  (req, res) => {
    let body = '';
    req.setEncoding('latin1');
    req.on('data', (chunk: string) => {
      body += chunk;
    });
    req.on('end', async () => {
      const json = await answerOf(new URLSearchParams(body).get('token') ?? '');
      res.writeHead(200, { 'Content-Type': 'application/json', 'Content-Length': json.length }).end(json);
    });
  },
  samples.map(({ asked }) => asked),
);
