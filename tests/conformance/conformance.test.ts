import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startAdapter } from "./adapter";
import { runSuite, type Selection } from "./run-suite";

let adapter: Awaited<ReturnType<typeof startAdapter>>;

beforeAll(async () => {
  adapter = await startAdapter();
});
afterAll(() => adapter.close());

/** An empty selection ends well too, so what ran is counted. */
const selections: (Selection & { scenarios: number })[] = [
  { suite: "auth", specVersion: "2025-11-25", scenarios: 14 },
  { suite: "auth", specVersion: "2026-07-28", scenarios: 14 },
  { suite: "draft", specVersion: "2026-07-28", scenarios: 11 },
  { suite: "backcompat", specVersion: "2025-03-26", scenarios: 2 },
];

describe("the official conformance suite", () => {
  it.each(selections)(
    "finds nothing wrong with the authorization, by $suite at $specVersion",
    async ({ scenarios: expected, ...selection }) => {
      const { scenarios, output } = await runSuite(adapter.url, selection);
      // The draft has other scenarios as well.
      const authorization = scenarios.filter(({ name }) => name.startsWith("auth/"));
      expect(authorization.flatMap(({ wrong }) => wrong)).toEqual([]);
      expect(
        authorization.filter(({ passed }) => passed > 0),
        output,
      ).toHaveLength(expected);
      expect(authorization).toHaveLength(expected);
    },
  );
});
