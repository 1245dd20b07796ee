import type { TestStep } from "@/lib/contracts/servers/catalogue";

/** A test that runs once, however many people ask for it meanwhile. */
export class TestUnderWay {
  readonly #steps: TestStep[] = [];
  readonly #abort = new AbortController();
  readonly #ended: Promise<void>;
  #isOver = false;
  #followers = 0;
  #next = oneStep();

  constructor(run: (signal: AbortSignal) => AsyncGenerator<TestStep>) {
    this.#ended = this.#run(run(this.#abort.signal));
  }

  /** Resolves when it is over. Never rejects. */
  get ended(): Promise<void> {
    return this.#ended;
  }

  /** Everybody who followed it has left. */
  get isGivenUp(): boolean {
    return this.#abort.signal.aborted;
  }

  /** Every step from the beginning. The test is given up when the last one who follows it leaves. */
  async *follow(): AsyncGenerator<TestStep> {
    this.#followers += 1;
    try {
      for (let at = 0; ; ) {
        const { promise } = this.#next;
        for (; at < this.#steps.length; at++) yield this.#steps[at] as TestStep;
        if (this.#isOver) return;
        await promise;
      }
    } finally {
      this.#followers -= 1;
      if (this.#followers === 0) this.#abort.abort();
    }
  }

  async #run(source: AsyncGenerator<TestStep>): Promise<void> {
    for await (const step of source) {
      this.#steps.push(step);
      this.#tell();
    }
    this.#isOver = true;
    this.#tell();
  }

  #tell(): void {
    const told = this.#next;
    this.#next = oneStep();
    told.resolve();
  }
}

/** The test that runs under this key, which more may follow, or a new one. */
export function testUnderKey(
  underWay: Map<string, TestUnderWay>,
  key: string,
  run: (signal: AbortSignal) => AsyncGenerator<TestStep>,
): TestUnderWay {
  const running = underWay.get(key);
  if (running && !running.isGivenUp) return running;
  const test = new TestUnderWay(run);
  underWay.set(key, test);
  void test.ended.then(() => {
    if (underWay.get(key) === test) underWay.delete(key);
  });
  return test;
}

/** Resolved when there is one more. */
function oneStep(): { promise: Promise<void>; resolve: () => void } {
  let resolve = () => {};
  const promise = new Promise<void>((done) => {
    resolve = done;
  });
  return { promise, resolve };
}
