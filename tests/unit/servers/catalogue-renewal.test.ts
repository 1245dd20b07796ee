import { describe, expect, it } from "vitest";
import { needsRenewal } from "@/lib/servers/catalogue-renewal";

const now = new Date("2026-06-01T12:00:00Z");
const minutesAgo = (minutes: number) => new Date(now.getTime() - minutes * 60_000);
const read = { fetchedAt: minutesAgo(5), ttlMs: null, serverVersion: 2, lastErrorAt: null };
const failed = { ...read, lastErrorAt: minutesAgo(2) };
const server = { version: 2, updatedAt: minutesAgo(600) };
const works = { state: "works", since: minutesAgo(60) } as const;

describe("needsRenewal", () => {
  it.each([
    ["nothing was read yet", null, { should: true, reason: "never_read" }],
    ["it is current", read, { should: false, reason: "current" }],
    ["it has expired", { ...read, ttlMs: 60_000 }, { should: true, reason: "outlived" }],
    ["it has not expired", { ...read, ttlMs: 3_600_000 }, { should: false, reason: "current" }],
    [
      "the server gave no validity, and ten minutes have passed",
      { ...read, fetchedAt: minutesAgo(11) },
      { should: true, reason: "outlived" },
    ],
    [
      "the configuration changed",
      { ...read, serverVersion: 1 },
      { should: true, reason: "configuration_changed" },
    ],
    ["the server failed a minute ago", failed, { should: false, reason: "failed_lately" }],
    [
      "a changed configuration has failed too",
      { ...failed, serverVersion: 1 },
      { should: false, reason: "failed_lately" },
    ],
    [
      "the server failed a while ago",
      { ...read, fetchedAt: null, lastErrorAt: minutesAgo(11) },
      { should: true, reason: "never_read" },
    ],
  ])("decides when %s", (_, catalogue, decision) => {
    expect(needsRenewal(catalogue, server, works, now)).toEqual(decision);
  });

  it("retries at once with tokens newer than the failure", () => {
    const since = minutesAgo(1);
    const never = { ...failed, fetchedAt: null };
    expect(needsRenewal(never, server, { state: "works", since }, now)).toEqual({
      should: true,
      reason: "never_read",
    });
    expect(needsRenewal(never, server, works, now).should).toBe(false);
  });

  it("retries at once with a configuration newer than the failure", () => {
    const changed = { ...failed, serverVersion: 1 };
    const renewal = needsRenewal(changed, { version: 2, updatedAt: minutesAgo(1) }, works, now);
    expect(renewal).toEqual({ should: true, reason: "configuration_changed" });
  });

  it("leaves an aged list as it is if it would be read without a token", () => {
    const aged = { ...read, ttlMs: 60_000 };
    const missing = { state: "missing" } as const;
    expect(needsRenewal(aged, server, missing, now)).toEqual({
      should: false,
      reason: "not_connected",
    });
    expect(needsRenewal(null, server, missing, now).should).toBe(true);
  });
});
