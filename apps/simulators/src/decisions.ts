/** Answers that a simulator has still to give. They come in their time, or at once when somebody says so. */
export class Decisions {
  readonly #open = new Map<() => void, NodeJS.Timeout>();
  readonly #running = new Set<Promise<void>>();

  /** Runs `decide` after so many milliseconds. It must not throw. */
  plan(afterMs: number, decide: () => Promise<void>): void {
    const begin = (): void => {
      clearTimeout(this.#open.get(begin));
      this.#open.delete(begin);
      const running = decide().finally(() => this.#running.delete(running));
      this.#running.add(running);
    };
    this.#open.set(begin, setTimeout(begin, afterMs));
  }

  /** Decides everything that waits, and what follows from it, and resolves when all of it is said. */
  async now(): Promise<void> {
    while (this.#open.size > 0 || this.#running.size > 0) {
      for (const begin of [...this.#open.keys()]) begin();
      await Promise.all(this.#running);
    }
  }

  /** Forgets what waits. */
  close(): void {
    for (const timer of this.#open.values()) clearTimeout(timer);
    this.#open.clear();
  }
}
