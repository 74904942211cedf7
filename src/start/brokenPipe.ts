/** The end of a command whose reader has gone, as with `… --help | head -1`: quiet, as other tools end. */

/** 128 + SIGPIPE (13), which a shell says of other tools: the signal ends them, and Node.js ignores it. */
const BROKEN_PIPE = 141;

/** Ends the process when nothing more can be said on standard output. */
export function endWithTheReader(): void {
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
    process.exit(BROKEN_PIPE);
  });
}
