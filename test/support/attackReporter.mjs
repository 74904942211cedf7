/** A Jest reporter: a line for each row of the list of attacks, beginning with its number; what failed goes to stderr. */
import { basename } from 'node:path';

export default class AttackReporter {
  #rows = [];

  onTestResult(
    _test,
    { testFilePath, numPassingTests, numFailingTests, numPendingTests, failureMessage, testExecError },
  ) {
    const [number, ...words] = basename(testFilePath, '.test.ts').split('-');
    const ran = numPassingTests + numFailingTests;
    const notes = [];
    if (numFailingTests > 0) notes.push(`${numFailingTests} failed`);
    if (numPendingTests > 0) notes.push(`${numPendingTests} skipped`);
    if (testExecError) notes.push('did not run');
    const line = `${number} ${words.join(' ')}: ${ran} cases, ${numPassingTests} passed`;
    this.#rows.push([line, ...notes].join(', '));
    if (failureMessage) process.stderr.write(`${failureMessage}\n`);
  }

  onRunComplete(_contexts, { numTotalTests, numPassedTests, numPendingTests, numTotalTestSuites }) {
    for (const row of this.#rows.sort()) process.stdout.write(`${row}\n`);
    const ran = numTotalTests - numPendingTests;
    process.stdout.write(`${numTotalTestSuites} rows: ${ran} cases, ${numPassedTests} passed\n`);
  }
}
