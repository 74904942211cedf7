/**
 * Preloaded into a server under test (`node --import`): its clock runs ahead by an offset that the test moves over the
 * child's IPC channel with `{ advanceMs }`; the answer is `{ offsetMs }`. With TEST_CLOCK_STANDS_AT (milliseconds) it
 * stands still between those moves. The product itself has no clock setting.
 */
const RealDate = globalThis.Date;
const standsAt = process.env.TEST_CLOCK_STANDS_AT;
const realNow = standsAt === undefined ? RealDate.now.bind(RealDate) : () => Number(standsAt);
let offsetMs = Number(process.env.TEST_CLOCK_OFFSET_MS ?? 0);

RealDate.now = () => realNow() + offsetMs;

// A proxy and no subclass: `instanceof Date` and `date.constructor` stay what they are.
globalThis.Date = new Proxy(RealDate, {
  apply: () => new RealDate(RealDate.now()).toString(),
  construct: (target, args, newTarget) =>
    Reflect.construct(target, args.length === 0 ? [RealDate.now()] : args, newTarget),
});

if (process.send) {
  process.on('message', (message) => {
    if (typeof message?.advanceMs === 'number') {
      offsetMs += message.advanceMs;
      process.send({ offsetMs });
    }
  });
  // The channel alone must not keep a server alive that has closed everything else.
  process.channel.unref();
}
