/** Every operation of the Admin API, in the order of its description. */
import type { Operation } from './operation.js';
import { accountOperations } from './resources/accounts.js';
import { auditOperations } from './resources/audit.js';
import { connectionOperations } from './resources/connections.js';
import { mcpAccessOperations } from './resources/mcpAccess.js';
import { memberOperations } from './resources/members.js';
import { organizationOperations } from './resources/organizations.js';

export const operations: readonly Operation[] = [
  ...accountOperations,
  ...organizationOperations,
  ...memberOperations,
  ...mcpAccessOperations,
  ...connectionOperations,
  ...auditOperations,
];
