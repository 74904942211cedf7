/**
 * Preloaded into a server under test (`node --import`): ends the process with SIGKILL right before or right after one of
 * its writes, or lets commits find a conflict. A test counts writes with `{ countWrites: true }`, answered by `{ writes }` so far, and arms it with
 * `{ crash: { write, when } }`, answered by `{ armed: true }`; the write that comes next is number 1.
 * `{ conflicts }`, answered in the same way, makes so many commits to come fail as if somebody else had been faster, and
 * `{ away }` lets the write of that number fail as if the store did not answer; `{ unanswered }` makes it, and then fails.
 */
import { ConflictError } from '#src/stores/durable.js';
import { EmbeddedDurableStore } from '#src/stores/embedded/durable.js';
import { EmbeddedVolatileStore } from '#src/stores/embedded/volatile.js';
import { MongoDurableStore } from '#src/stores/mongo/durable.js';
import { RedisVolatileStore } from '#src/stores/redis/volatile.js';
import { StoreUnavailableError } from '#src/stores/stores.js';

let writes = 0;
let crash;
let conflicts = 0;
let away;
let unanswered;

const die = () => {
  process.kill(process.pid, 'SIGKILL');
  // The signal needs no turn of the event loop, but nothing must go on behind it.
  return new Promise(() => undefined);
};

function wrap({ prototype }, ...methods) {
  for (const method of methods) {
    const original = prototype[method];
    prototype[method] = async function (...args) {
      writes += 1;
      const mine = writes;
      if (crash?.write === mine && crash.when === 'before') await die();
      if (away === mine) {
        away = undefined;
        throw new StoreUnavailableError('the volatile store');
      }
      const result = await original.apply(this, args);
      if (crash?.write === mine && crash.when === 'after') await die();
      if (unanswered === mine) {
        unanswered = undefined;
        throw new StoreUnavailableError('the answer of a store');
      }
      return result;
    };
  }
}
wrap(EmbeddedDurableStore, 'commit');
wrap(MongoDurableStore, 'commit');
const { commit } = EmbeddedDurableStore.prototype;
EmbeddedDurableStore.prototype.commit = async function (...args) {
  if (conflicts > 0) {
    conflicts -= 1;
    throw new ConflictError(args[0][0].collection.name);
  }
  return commit.apply(this, args);
};
wrap(EmbeddedVolatileStore, 'set', 'add', 'remove', 'removeFromGroup');
wrap(RedisVolatileStore, 'set', 'add', 'remove', 'removeFromGroup');

process.on('message', (message) => {
  if (message?.countWrites) {
    process.send({ writes });
    writes = 0;
  }
  if (message?.crash) {
    writes = 0;
    crash = message.crash;
    process.send({ armed: true });
  }
  if (message?.away !== undefined) {
    writes = 0;
    away = message.away;
    process.send({ armed: true });
  }
  if (message?.unanswered !== undefined) {
    writes = 0;
    unanswered = message.unanswered;
    process.send({ armed: true });
  }
  if (message?.conflicts !== undefined) {
    conflicts = message.conflicts;
    process.send({ armed: true });
  }
});
process.channel?.unref();
