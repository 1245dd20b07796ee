import { describe, expect, it } from "vitest";
import { browserCheck } from "@/components/settings/browser-check";
import { sweepState } from "@/lib/contracts/connections/sweep-state";

describe("the browser's half of the public URL check", () => {
  const publicUrl = "https://usher.example.com";

  it("passes at the public URL", () => {
    expect(browserCheck(publicUrl, publicUrl).ok).toBe(true);
  });

  it("distinguishes a wrong scheme from a wrong host", () => {
    const scheme = browserCheck(publicUrl, "http://usher.example.com");
    expect(scheme.ok).toBe(false);
    expect(scheme.message).toContain("You are on http, PUBLIC_URL says https.");

    const host = browserCheck(publicUrl, "https://usher.internal:8443");
    expect(host.ok).toBe(false);
    expect(host.message).toContain("set PUBLIC_URL to https://usher.internal:8443");
  });
});

describe("the refresh sweep", () => {
  const startedAt = "2026-03-01T12:00:00.000Z";
  const minutesLater = (minutes: number) => new Date(startedAt).getTime() + minutes * 60_000;

  it("counts as late after three missed runs", () => {
    expect(sweepState({ startedAt }, minutesLater(14))).toBe("on_time");
    expect(sweepState({ startedAt }, minutesLater(16))).toBe("late");
    expect(sweepState(null, minutesLater(16))).toBe("never");
  });
});
