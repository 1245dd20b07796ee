/**
 * Passes one database session around, first come, first served. A holder keeps it for as
 * many statements as its transaction has.
 */
export class SessionTurns<Holder extends object> {
  #holder: Holder | undefined;
  readonly #waiting: { holder: Holder; admit: () => void }[] = [];

  isHeldBy(holder: Holder): boolean {
    return this.#holder === holder;
  }

  async take(holder: Holder): Promise<void> {
    if (this.#holder === holder) return;
    if (!this.#holder) {
      this.#holder = holder;
      return;
    }
    await new Promise<void>((admit) => this.#waiting.push({ holder, admit }));
  }

  release(holder: Holder): void {
    if (this.#holder !== holder) return;
    const next = this.#waiting.shift();
    this.#holder = next?.holder;
    next?.admit();
  }
}
