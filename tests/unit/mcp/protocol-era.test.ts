import { describe, expect, test } from "vitest";
import { priorOf, readEra } from "@/lib/mcp/client/protocol-era";

const now = new Date("2026-08-01T12:00:00Z");
const discover = {
  supportedVersions: ["2026-07-28"],
  capabilities: { tools: {} },
  ttlMs: 0,
  cacheScope: "private",
};

describe("a stored protocol era", () => {
  test("of a 2026-07-28 server is valid until the server says otherwise", () => {
    const stored = readEra({ era: "modern", discover }, now);

    expect(stored).toEqual({ era: "modern", discover });
    expect(stored && priorOf(stored)).toEqual({ kind: "modern", discover });
  });

  test("of an older server is valid for a day: it may have been upgraded", () => {
    const at = (checkedAt: string) => readEra({ era: "legacy", checkedAt }, now);

    const fresh = at("2026-07-31T12:00:01Z");
    expect(fresh && priorOf(fresh)).toEqual({ kind: "legacy" });
    expect(at("2026-07-31T12:00:00Z")).toBeNull();
  });

  test.each([
    null,
    undefined,
    "modern",
    {},
    { era: "modern" },
    { era: "modern", discover: { supportedVersions: "2026-07-28" } },
    { era: "legacy" },
    { era: "legacy", checkedAt: "yesterday" },
    { era: "other", discover },
  ])("that is invalid is not used: %j", (value) => {
    expect(readEra(value, now)).toBeNull();
  });
});
