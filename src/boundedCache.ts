/** What can be made anew, kept in memory until it is too much; then all of it is let go of at once. */
export class BoundedCache<V extends { readonly bytes: number }> {
  readonly #kept = new Map<string, V>();
  #bytes = 0;

  /** @param most how many bytes all values together may have, by what they say of themselves */
  constructor(private readonly most: number) {}

  get(key: string): V | undefined {
    return this.#kept.get(key);
  }

  /** Keeps a value, in place of the one that is kept under the key. */
  set(key: string, value: V): void {
    this.delete(key);
    if (this.#bytes + value.bytes > this.most) {
      this.#kept.clear();
      this.#bytes = 0;
    }
    this.#kept.set(key, value);
    this.#bytes += value.bytes;
  }

  delete(key: string): void {
    const known = this.#kept.get(key);
    if (!known) return;
    this.#kept.delete(key);
    this.#bytes -= known.bytes;
  }
}
