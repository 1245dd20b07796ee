import { test } from "@/tests/e2e/fixtures";

interface Closable {
  close(): Promise<void>;
}

/** For a file's stories: what is passed to the returned function is closed after each story, newest first. */
export function closedAfterEach(): <T extends Closable>(one: T) => T {
  const opened: Closable[] = [];
  test.afterEach(async () => {
    for (const one of opened.splice(0).reverse()) await one.close();
  });
  return (one) => {
    opened.push(one);
    return one;
  };
}
