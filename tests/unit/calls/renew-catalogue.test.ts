import { describe, expect, it } from "vitest";
import { needsRenewal } from "@/lib/calls/renew-catalogue";

const now = new Date("2026-06-01T12:00:00Z");
const minutesAgo = (minutes: number) => new Date(now.getTime() - minutes * 60_000);
const read = { fetchedAt: minutesAgo(30), ttlMs: null, serverVersion: 2, lastErrorAt: null };

describe("needsRenewal", () => {
  it.each([
    ["nothing was read yet", null, { should: true, reason: "never_read" }],
    ["it is current", read, { should: false, reason: "current" }],
    ["its time is over", { ...read, ttlMs: 60_000 }, { should: true, reason: "outlived" }],
    ["its time is not over", { ...read, ttlMs: 3_600_000 }, { should: false, reason: "current" }],
    [
      "the configuration changed",
      { ...read, serverVersion: 1, lastErrorAt: minutesAgo(1) },
      { should: true, reason: "configuration_changed" },
    ],
    [
      "the server failed a minute ago",
      { ...read, ttlMs: 60_000, lastErrorAt: minutesAgo(1) },
      { should: false, reason: "failed_lately" },
    ],
    [
      "the server failed a while ago",
      { ...read, fetchedAt: null, lastErrorAt: minutesAgo(11) },
      { should: true, reason: "never_read" },
    ],
  ])("decides when %s", (_, catalogue, decision) => {
    expect(needsRenewal(catalogue, 2, now)).toEqual(decision);
  });
});
