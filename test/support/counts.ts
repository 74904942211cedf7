/** How much the tests do: enough to notice a defect, or with LONG=1 (`npm run test:long`) as much as was promised. */

const LONG = process.env.LONG === '1';

/** How often each thing is tried; one in `commandsAProcess` of the commands starts a process of its own. */
export const counts = LONG
  ? {
      trials: 10_000,
      commandTrials: 10_000,
      commandsAProcess: 1,
      kills: 20,
      raceRounds: 20,
      everyCrashPoint: true,
      refreshes: 720,
      modelSteps: 100_000,
      modelRuns: 2,
      fuzzRequests: 200_000,
      peerRounds: 30,
      soakSeconds: 300,
    }
  : {
      trials: 500,
      commandTrials: 500,
      commandsAProcess: 10,
      kills: 3,
      raceRounds: 1,
      everyCrashPoint: false,
      refreshes: 40,
      modelSteps: 1_000,
      modelRuns: 1,
      fuzzRequests: 2_000,
      peerRounds: 1,
      soakSeconds: 5,
    };

/** How long a test that depends on the counts may take, in milliseconds. */
export const longest = LONG ? 3_600_000 : 300_000;

/**
 * Where generated cases begin. The same each time, so that a failure is the fault of what was changed; the long run
 * tries others.
 * @param variable names the environment variable that says it, to run the cases of a failure again
 */
export const seedFrom = (variable: string): number =>
  Number(process.env[variable] ?? (LONG ? Math.floor(Math.random() * 2 ** 30) : 1));
