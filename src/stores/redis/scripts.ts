/** Lua scripts: what Redis has to do in one step. Each touches a single key, so any cluster runs it. */

/** KEYS[1] a value's key; ARGV: the text it must still have, its new text, its lifetime in ms. 1 when it was replaced. */
export const REPLACE_IF_SAME = `
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
redis.call('SET', KEYS[1], ARGV[2], 'PX', ARGV[3])
return 1`;

/** KEYS[1] a value's key; ARGV: how its text must begin. 1 when it was deleted. */
export const DELETE_IF_BEGINS = `
local text = redis.call('GET', KEYS[1])
if not text or string.sub(text, 1, #ARGV[1]) ~= ARGV[1] then return 0 end
return redis.call('DEL', KEYS[1])`;

/**
 * KEYS[1] a group's key; ARGV: a key hash, when its value expires, the time now, how many to keep. Keeps those that
 * expire last, and the group only as long as the last of them.
 */
export const ADD_TO_GROUP = `
redis.call('ZADD', KEYS[1], ARGV[2], ARGV[1])
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', ARGV[3])
redis.call('ZREMRANGEBYRANK', KEYS[1], 0, -1 - ARGV[4])
local last = redis.call('ZRANGE', KEYS[1], -1, -1, 'WITHSCORES')
if last[2] then redis.call('PEXPIRE', KEYS[1], math.max(1, math.ceil(last[2] - ARGV[3]))) end
return 1`;
