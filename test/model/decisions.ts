/** Which rules decided something in a run: one that never decides alone could be missing from the servers unseen. */

export class Decisions {
  /** Each with how often. */
  readonly made = new Map<string, number>();

  note(decision: string): void {
    this.made.set(decision, (this.made.get(decision) ?? 0) + 1);
  }

  /**
   * Finds why something is refused. When there are several reasons, a server that overlooks one refuses nevertheless, so
   * only one that stands alone is noted.
   * @param reasons each with the answer when it applies; the first one that does counts
   */
  refusal<A extends string | number>(reasons: Readonly<Record<string, A | false>>): A | undefined {
    const [first, ...others] = Object.entries(reasons).filter(([, answer]) => answer !== false);
    if (first === undefined) return undefined;
    if (others.length === 0) this.note(`refused: ${first[0]}`);
    return first[1] as A;
  }
}
