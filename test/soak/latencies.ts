/** How long things took, kind by kind. */
export class Latencies {
  readonly #ms = new Map<string, number[]>();

  note(kind: string, ms: number): void {
    const known = this.#ms.get(kind);
    if (known) known.push(ms);
    else this.#ms.set(kind, [ms]);
  }

  count(kind: string): number {
    return this.#ms.get(kind)?.length ?? 0;
  }

  /** The 99th percentile in milliseconds; 0 when there is none. */
  p99(kind: string): number {
    const ms = (this.#ms.get(kind) ?? []).toSorted((a, b) => a - b);
    return ms[Math.min(ms.length - 1, Math.floor(ms.length * 0.99))] ?? 0;
  }

  /** A line for each kind: how many, the median and the 99th percentile in milliseconds. */
  lines(): string[] {
    return [...this.#ms].map(([kind, unsorted]) => {
      const ms = unsorted.toSorted((a, b) => a - b);
      const at = (part: number) => (ms[Math.min(ms.length - 1, Math.floor(ms.length * part))] ?? 0).toFixed(1);
      return `${kind.padEnd(32)} ${String(ms.length).padStart(8)}  p50 ${at(0.5)} ms  p99 ${at(0.99)} ms`;
    });
  }
}
