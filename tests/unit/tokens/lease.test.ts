import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { LeaseWatch } from "@/lib/tokens/lease";

const leased = (until: number) => ({ leaseId: "a", leaseUntil: new Date(until) });

describe("a lease that someone waits for", () => {
  let watch: LeaseWatch;

  beforeEach(() => {
    vi.useFakeTimers({ toFake: ["performance"] });
    watch = new LeaseWatch();
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  /** Checks every quarter of a second. @returns when the holder was found dead, in ms */
  function look(forMs: number, rowAt: (ms: number) => Parameters<LeaseWatch["isHolderDead"]>[0]) {
    for (let ms = 0; ms <= forMs; ms += 250) {
      if (watch.isHolderDead(rowAt(ms))) return ms;
      vi.advanceTimersByTime(250);
    }
    return null;
  }

  it("has a dead holder once it has not moved for seven seconds", () => {
    expect(look(20_000, () => leased(60_000))).toBe(7250);
  });

  it("has a living holder as long as its end moves", () => {
    expect(look(60_000, (ms) => leased(60_000 + Math.floor(ms / 5000)))).toBeNull();
  });

  it("is watched from the start when another holder takes it", () => {
    expect(look(20_000, (ms) => ({ ...leased(60_000), leaseId: ms < 6000 ? "a" : "b" }))).toBe(
      13_250,
    );
  });

  it("is watched from the start after no one could look for a while", () => {
    expect(look(6000, () => leased(60_000))).toBeNull();
    // The database was frozen, so its holder could not show that it was alive either.
    vi.advanceTimersByTime(10_000);
    expect(look(20_000, () => leased(60_000))).toBe(7250);
  });

  it("has no dead holder if it is free", () => {
    expect(look(20_000, () => ({ leaseId: null, leaseUntil: null }))).toBeNull();
  });
});
