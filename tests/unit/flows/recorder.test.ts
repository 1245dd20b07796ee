import { afterEach, beforeEach, expect, it, vi } from "vitest";
import type { Database } from "@/lib/db/client";
import { createFlowRecorder, mostInBurst } from "@/lib/flows/recorder";
import { createLog } from "@/lib/log";

const recorder = () =>
  createFlowRecorder({ db: {} as Database, now: () => new Date(), log: createLog("silent") });
const routine = { serverId: "one", kind: "REFRESH", outcome: "succeeded" } as const;

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

it("accepts a limited number of successful refreshes per server and period", () => {
  const { wants } = recorder();
  const burst = () => Array.from({ length: 500 }, () => wants(routine)).filter(Boolean).length;
  expect(burst()).toBe(mostInBurst);
  expect(burst()).toBe(0);
  expect(wants({ ...routine, serverId: "another" })).toBe(true);
  vi.advanceTimersByTime(10_001);
  expect(burst()).toBe(mostInBurst);
});

it("accepts everything else without a limit", () => {
  const { wants } = recorder();
  for (let count = 0; count < 500; count++) {
    expect(wants({ ...routine, outcome: "failed" })).toBe(true);
    expect(wants({ ...routine, kind: "REVOCATION" })).toBe(true);
  }
});
