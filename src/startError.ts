/** The server cannot start for a reason that the operator can mend; the message says how, and no stack is printed. */
export class StartError extends Error {
  override readonly name: string = 'StartError';
}
