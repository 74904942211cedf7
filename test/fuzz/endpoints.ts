/** Every endpoint and form of the server, with what belongs into it. */
import { adminEndpoints } from './adminEndpoints.js';
import { clientEndpoints } from './clientEndpoints.js';
import type { Endpoint } from './endpoint.js';
import type { Known } from './known.js';
import { organizationEndpoints } from './organizationEndpoints.js';
import { personEndpoints } from './personEndpoints.js';
import { upstreamEndpoints } from './upstreamEndpoints.js';

/** @param known what the attacker has got hold of */
export const endpoints = (known: Known): readonly Endpoint[] => [
  ...clientEndpoints(known),
  ...personEndpoints(known),
  ...organizationEndpoints(known),
  ...adminEndpoints(known),
  ...upstreamEndpoints(known),
];
