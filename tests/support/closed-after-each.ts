import { afterEach } from "vitest";

/** What a test puts in here is closed after it, the last first. Call it at the top of a file. */
export function closedAfterEach(): (() => Promise<unknown>)[] {
  const closing: (() => Promise<unknown>)[] = [];
  afterEach(async () => {
    for (const close of closing.splice(0).reverse()) await close();
  });
  return closing;
}
