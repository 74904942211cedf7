/** Before all tests: the servers under test run from dist/, so it has to be what the sources say. */
import { execFileSync } from 'node:child_process';

export default function build() {
  execFileSync(process.execPath, ['node_modules/typescript/bin/tsc', '-b'], { stdio: 'inherit' });
}
