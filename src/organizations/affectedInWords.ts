/** What moving the switch affects, for people. */
import type { AffectedConnections } from './switchMcpAccess.js';

const counted = (count: number, noun: string): string =>
  `${count.toLocaleString('en')} ${noun}${count === 1 ? '' : 's'}`;

/** E.g. "3 active connections of 2 members", "more than 10,000 active connections". */
export function affectedInWords({ connections, more, members }: AffectedConnections): string {
  const found = `${more ? 'more than ' : ''}${counted(connections, 'active connection')}`;
  return members === undefined ? found : `${found} of ${counted(members, 'member')}`;
}
