/** Fields that several resources of the Admin API have. */
import { z } from 'zod';
import { ChosenId } from '../../organizations/chosenId.js';
import { MOST_ROLES, RoleAssignment } from '../../stores/records/role.js';
import { named } from './named.js';

/** The id of something that is there; what was made by this server fits as well. */
export const Id = ChosenId;

/** A moment, in UTC. */
export const Moment = z.iso.datetime();

/** @param ms milliseconds since 1970 */
export const momentOf = (ms: number): string => new Date(ms).toISOString();

export const Roles = z.array(named('RoleAssignment', RoleAssignment)).max(MOST_ROLES);

/** Said of an account that gets a role. */
export const AcceptUnverified = z
  .boolean()
  .exactOptional()
  .describe(
    'Give it to an account of an unverified address. Without it that is refused with 409, unless nothing new is given.',
  );

/** What no resource needs. */
export const nothing = z.strictObject({});
