/** A clock that a whole load shares: it moves between steps only, so that whoever takes a step knows the time of it. */
export class PacedClock {
  #steps = 0;
  #moving: Promise<void> | undefined;
  #quiet: (() => void) | undefined;

  /** Takes a step at one moment of the clock. */
  async during(step: () => Promise<void>): Promise<void> {
    while (this.#moving) await this.#moving;
    this.#steps += 1;
    try {
      await step();
    } finally {
      this.#steps -= 1;
      if (this.#steps === 0) this.#quiet?.();
    }
  }

  /** Waits until nobody takes a step, and moves the clock. */
  async move(forward: () => Promise<void>): Promise<void> {
    let moved = (): void => undefined;
    this.#moving = new Promise((resolve) => {
      moved = resolve;
    });
    try {
      if (this.#steps > 0) await new Promise<void>((resolve) => (this.#quiet = resolve));
      await forward();
    } finally {
      this.#quiet = undefined;
      this.#moving = undefined;
      moved();
    }
  }
}
