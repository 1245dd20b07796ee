import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startAdapter } from "./adapter";
import { requiredOfClients, runSuite, type Selection } from "./run-suite";

let adapter: Awaited<ReturnType<typeof startAdapter>>;

beforeAll(async () => {
  adapter = await startAdapter();
});
afterAll(() => adapter.close());

/** An empty selection succeeds too, so the scenarios that ran are counted. */
const selections: (Extract<Selection, { suite: string }> & { scenarios: number })[] = [
  { suite: "auth", specVersion: "2025-11-25", scenarios: 14 },
  { suite: "backcompat", specVersion: "2025-03-26", scenarios: 2 },
];

describe("the official conformance suite", () => {
  it.each(selections)(
    "finds no fault with the authorization, by $suite at $specVersion",
    async ({ scenarios: expected, ...selection }) => {
      const { scenarios, output } = await runSuite(adapter.url, selection);
      const authorization = scenarios.filter(({ name }) => name.startsWith("auth/"));
      expect(authorization.flatMap(({ wrong }) => wrong)).toEqual([]);
      expect(
        authorization.filter(({ passed }) => passed > 0),
        output,
      ).toHaveLength(expected);
      expect(authorization).toHaveLength(expected);
    },
  );

  it.each([
    { scenario: "auth/client-credentials-basic", checks: 1 },
    { scenario: "auth/client-credentials-jwt", checks: 1 },
    { scenario: "auth/enterprise-managed-authorization", checks: 2 },
  ])("finds no fault with the extension $scenario", async ({ scenario, checks }) => {
    const { scenarios, output } = await runSuite(adapter.url, { scenario });
    expect(scenarios.map(({ name }) => name)).toEqual([scenario]);
    expect(scenarios.flatMap(({ wrong }) => wrong)).toEqual([]);
    expect(scenarios[0]?.passed, output).toBeGreaterThanOrEqual(checks);
  });

  it.each([{ requirements: "2026-07-28", count: 32 }] as const)(
    "finds no fault with anything that $requirements requires of a client",
    async ({ count, ...selection }) => {
      const names = await requiredOfClients(selection.requirements);
      expect(names).toHaveLength(count);
      const { scenarios, output } = await runSuite(adapter.url, selection);
      const required = scenarios.filter(({ name }) => names.includes(name));
      expect(required.flatMap(({ wrong }) => wrong)).toEqual([]);
      expect(required.filter(({ passed }) => passed > 0).length, output).toBe(count);
    },
    300_000,
  );
});
