/** The order of the test files: those that wait for killed servers and for browsers begin first, so that none of them is what all wait for. */
import Sequencer from '@jest/test-sequencer';

const LONG = [/\/test\/servers\//, /\/test\/(pages\/browser|packaging|model)\//];
const rank = ({ path }) => LONG.findIndex((folder) => folder.test(path)) >>> 0;

export default class LongestFirst extends Sequencer {
  sort(tests) {
    return super.sort(tests).sort((a, b) => rank(a) - rank(b));
  }
}
