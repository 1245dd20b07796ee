import { describe, expect, it } from "vitest";
import { ShortLived } from "@/lib/short-lived";
import { Clock } from "@/tests/support/clock";

function shortLived() {
  const clock = new Clock();
  const map = new ShortLived<number>({ lifetimeMs: 1000, mostEntries: 3, now: clock.now });
  const put = (key: string, value: number) => map.put(key, value, map.ticket());
  return { clock, map, put };
}

describe("ShortLived", () => {
  it("forgets an entry once it has expired", () => {
    const { clock, map, put } = shortLived();
    put("a", 1);
    clock.advance(999);
    expect(map.get("a")).toBe(1);
    clock.advance(1);
    expect(map.get("a")).toBeNull();
  });

  it("holds a limited number of entries", () => {
    const { map, put } = shortLived();
    for (const [value, key] of ["a", "b", "c", "d"].entries()) put(key, value);
    expect(map.get("a")).toBeNull();
    expect(map.get("d")).toBe(3);
  });

  it("keeps nothing that was read before a drop", () => {
    const { map } = shortLived();
    const ticket = map.ticket();
    map.drop((key) => key === "a");
    map.put("a", 1, ticket);
    expect(map.get("a")).toBeNull();
  });
});
