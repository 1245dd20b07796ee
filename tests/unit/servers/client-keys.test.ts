import { describe, expect, it } from "vitest";
import { decideKeys } from "@/lib/servers/client-keys";

const day = 24 * 60 * 60_000;
const start = new Date("2026-01-01T00:00:00Z");
const onDay = (days: number) => new Date(start.getTime() + days * day);
const key = (id: string, fromDay: number) => ({ id, usedFrom: onDay(fromDay) });

describe("Usher's signing keys", () => {
  it("start with one that signs at once", () => {
    expect(decideKeys([], start)).toEqual({ current: null, nextFrom: start, outlived: [] });
  });

  it("stay for 90 days", () => {
    const first = key("first", 0);
    expect(decideKeys([first], onDay(89.9))).toEqual({
      ...{ current: first, nextFrom: null, outlived: [] },
    });
  });

  it("then have a successor, which signs two days later", () => {
    const first = key("first", 0);
    expect(decideKeys([first], onDay(90))).toEqual({
      ...{ current: first, nextFrom: onDay(92), outlived: [] },
    });
  });

  it("sign with the successor from then on, and stay published for two more days", () => {
    const [first, second] = [key("first", 0), key("second", 92)];
    const keys = [first, second];
    expect(decideKeys(keys, onDay(91.9))).toMatchObject({ current: first, nextFrom: null });
    expect(decideKeys(keys, onDay(92))).toEqual({
      ...{ current: second, nextFrom: null, outlived: [] },
    });
    expect(decideKeys(keys, onDay(94))).toEqual({
      ...{ current: second, nextFrom: null, outlived: [first] },
    });
  });

  it("continue after a year in which no one signed", () => {
    const first = key("first", 0);
    expect(decideKeys([first], onDay(365))).toEqual({
      ...{ current: first, nextFrom: onDay(367), outlived: [] },
    });
  });
});
