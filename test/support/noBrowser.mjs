/** Preloaded into a client under test (`node --import`): no browser opens, and the client is told that one did. */
import childProcess from 'node:child_process';
import { syncBuiltinESMExports } from 'node:module';

const { spawn } = childProcess;
childProcess.spawn = (_command, _args, options) => spawn(process.execPath, ['--version'], { ...options, shell: false });
syncBuiltinESMExports();
