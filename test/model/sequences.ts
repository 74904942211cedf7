/** Random sequences of steps. */
import fc from 'fast-check';
import { tokenExchangeSteps } from './configurationSteps.js';
import { connectionSteps } from './connectionSteps.js';
import { grantSteps } from './grantSteps.js';
import { memberSteps } from './memberSteps.js';
import { operatorSteps } from './operatorSteps.js';
import type { Step } from './sequence.js';
import { switchSteps } from './switchSteps.js';
import { tokenSteps } from './tokenSteps.js';

const MOST_STEPS = 250;

interface WeightedSteps {
  readonly weight: number;
  readonly arbitrary: fc.Arbitrary<Step>;
}

/** Everything that people, clients, resource servers and the operator do. */
export const peopleAndClients: readonly WeightedSteps[] = [
  ...grantSteps,
  ...tokenSteps,
  ...connectionSteps,
  ...memberSteps,
  ...operatorSteps,
  ...switchSteps,
  ...tokenExchangeSteps,
];

/** Sequences of some kinds of steps, each as often as its weight says. */
export const sequencesOf = (steps: readonly WeightedSteps[]): fc.Arbitrary<Iterable<Step>> => {
  // The library takes whole numbers for weights.
  const weighted = steps.map(({ weight, arbitrary }) => ({ weight: Math.round(weight * 100), arbitrary }));
  // Without bias, which would make most numbers very small or very large.
  return fc.noBias(fc.commands([fc.oneof(...weighted)], { maxCommands: MOST_STEPS, size: 'max' }));
};
