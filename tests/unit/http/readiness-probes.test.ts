import { describe, expect, it } from "vitest";
import { ReadinessProbes } from "@/lib/http/readiness-probes";

/** Whether a stop would wait, with the clock at `now`. */
async function waits(probes: ReadinessProbes, now: number): Promise<boolean> {
  const known = probes.allKnow(() => now).then(() => false);
  const later = new Promise<boolean>((resolve) => setTimeout(() => resolve(true), 120));
  return Promise.race([known, later]);
}

function askedEvery(intervalMs: number, who = "a load balancer"): ReadinessProbes {
  const probes = new ReadinessProbes();
  for (const n of [0, 1, 2]) probes.asked(who, false, n * intervalMs);
  return probes;
}

describe("a stop", () => {
  it("does not wait if no one checks readiness", async () => {
    expect(await waits(new ReadinessProbes(), 0)).toBe(false);
  });

  it("does not wait for a client that checked once a while ago, or once a minute", async () => {
    const once = new ReadinessProbes();
    once.asked("a person", false, 0);
    expect(await waits(once, 10_100)).toBe(false);
    expect(await waits(askedEvery(60_000), 120_010)).toBe(false);
  });

  it("waits for a load balancer that has just started to check", async () => {
    const probes = new ReadinessProbes();
    probes.asked("a load balancer", false, 0);
    expect(await waits(probes, 9_000)).toBe(true);
  });

  it("waits for one whose check comes late, as on a busy machine", async () => {
    expect(await waits(askedEvery(200), 400 + 4_000)).toBe(true);
  });

  it("waits until a load balancer has been told twice", async () => {
    const probes = askedEvery(1_000);
    expect(await waits(probes, 2_100)).toBe(true);
    probes.asked("a load balancer", true, 3_000);
    expect(await waits(probes, 3_100)).toBe(true);
    probes.asked("a load balancer", true, 4_000);
    expect(await waits(probes, 4_100)).toBe(false);
  });

  it("waits for each of two", async () => {
    const probes = askedEvery(1_000);
    for (const n of [0, 1, 2]) probes.asked("another", false, n * 1_000);
    for (const n of [3, 4]) probes.asked("a load balancer", true, n * 1_000);
    expect(await waits(probes, 4_100)).toBe(true);
    for (const n of [3, 4]) probes.asked("another", true, n * 1_000);
    expect(await waits(probes, 4_100)).toBe(false);
  });

  it("does not wait for one that is gone", async () => {
    expect(await waits(askedEvery(200), 5_500)).toBe(false);
    expect(await waits(askedEvery(3_000), 15_100)).toBe(false);
  });

  it("ends once it has been told during the wait", async () => {
    const probes = askedEvery(1_000);
    let now = 2_100;
    const known = probes.allKnow(() => now);
    for (now of [3_000, 4_000]) probes.asked("a load balancer", true, now);
    await known;
  });
});
