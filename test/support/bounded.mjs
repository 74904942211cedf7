/**
 * One test for as long as somebody wants: `npm run fuzz -- --requests N`, `npm run soak -- --seconds N`. What it is told
 * last counts, so the script's own number is the default.
 */
import { spawnSync } from 'node:child_process';
import { parseArgs } from 'node:util';

const NUMBERS = { fuzz: ['requests', 'FUZZ_REQUESTS'], soak: ['seconds', 'SOAK_SECONDS'] };

const [what = '', ...args] = process.argv.slice(2);
const [option, variable] = NUMBERS[what] ?? [];
if (!option) throw new Error(`Say one of: ${Object.keys(NUMBERS).join(', ')}.`);
const { values } = parseArgs({ args, options: { [option]: { type: 'string' } } });
const count = Number(values[option]);
if (!Number.isInteger(count) || count < 1) throw new Error(`--${option} must be a whole number above 0.`);

const jest = ['--experimental-vm-modules', '--no-warnings', 'node_modules/jest/bin/jest.js', `test/${what}`];
const env = { ...process.env, LONG: '1', [variable]: String(count) };
process.exitCode = spawnSync(process.execPath, jest, { stdio: 'inherit', env }).status ?? 1;
