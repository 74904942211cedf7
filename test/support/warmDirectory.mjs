/**
 * Carries out `npm run directory -- …` again and again in one process, over its IPC channel: `{ id, args, env }` is
 * answered by `{ id, code, stdout, stderr }`. Each time the command's own script is evaluated afresh; only the modules
 * below it stay loaded, whose loading takes nine tenths of a command that changes one record.
 */
import { fileURLToPath } from 'node:url';

const SCRIPT = new URL('../../dist/scripts/directory.js', import.meta.url);

let runs = 0;
async function carryOut({ id, args, env }) {
  for (const name of Object.keys(process.env)) delete process.env[name];
  Object.assign(process.env, env);
  process.argv = [process.execPath, fileURLToPath(SCRIPT), ...args];
  process.exitCode = undefined;
  const written = { stdout: '', stderr: '' };
  const restore = ['stdout', 'stderr'].map((name) => {
    const { write } = process[name];
    process[name].write = (chunk, ...rest) => {
      written[name] += chunk;
      rest.at(-1)?.call?.();
      return true;
    };
    return () => {
      process[name].write = write;
    };
  });
  let defect;
  try {
    runs += 1;
    await import(`${SCRIPT.href}?run=${runs}`);
  } catch (error) {
    defect = error;
  }
  for (const back of restore) back();
  // Each run waits for the end of its reader.
  process.stdout.removeAllListeners('error');
  const code = process.exitCode ?? 0;
  process.exitCode = undefined;
  process.send(
    defect ? { id, code: 1, ...written, stderr: `${written.stderr}${defect.stack}` } : { id, code, ...written },
  );
}

// One after another: they share the environment and what they write to.
let turn = Promise.resolve();
process.on('message', (message) => {
  turn = turn.then(() => carryOut(message));
});
process.on('disconnect', () => process.exit());
