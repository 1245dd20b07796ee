/** A clock that stands still until it is moved. Passed in as `now`. */
export class Clock {
  #at: number;

  constructor(start: Date = new Date()) {
    this.#at = start.getTime();
  }

  readonly now = (): Date => new Date(this.#at);

  advance(ms: number): void {
    this.#at += ms;
  }
}
