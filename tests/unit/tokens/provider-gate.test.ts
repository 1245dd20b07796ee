import { beforeEach, describe, expect, it } from "vitest";
import { type Entry, ProviderGate } from "@/lib/tokens/provider-gate";
import { Clock } from "@/tests/support/clock";

let clock: Clock;
let gate: ProviderGate;

beforeEach(() => {
  clock = new Clock();
  gate = new ProviderGate(clock.now);
});

async function enter(host = "idp.example", maxWaitMs = 0) {
  const entry = await gate.enter(host, maxWaitMs);
  if (!entry.entered) throw new Error(`not entered: ${entry.reason}`);
  return entry;
}

async function fail(times: number): Promise<void> {
  for (let i = 0; i < times; i++) (await enter()).leave("ill");
}

describe("ProviderGate", () => {
  it("lets few through to a provider that has not answered yet", async () => {
    for (let i = 0; i < 8; i++) await enter();
    expect(await gate.enter("idp.example", 0)).toMatchObject({ entered: false, reason: "busy" });
    expect(await gate.enter("other.example", 0)).toMatchObject({ entered: true });
  });

  it("lets more through to one that answers, up to 64", async () => {
    for (let i = 0; i < 200; i++) (await enter()).leave("healthy");
    for (let i = 0; i < 64; i++) await enter();
    expect(await gate.enter("idp.example", 0)).toMatchObject({ reason: "busy" });
  });

  it("hands a place on to who waits for it", async () => {
    const entries = await Promise.all(Array.from({ length: 8 }, () => enter()));
    const waiting = gate.enter("idp.example", 5000);
    entries[0]?.leave("healthy");
    expect(await waiting).toMatchObject({ entered: true });
  });

  it("closes after five failures in a row, and tells those who wait", async () => {
    const entries = await Promise.all(Array.from({ length: 8 }, () => enter()));
    const waiting = gate.enter("idp.example", 5000);
    for (const entry of entries) entry.leave("ill");
    const told: Entry = await waiting;
    expect(told).toMatchObject({ entered: false, reason: "closed" });
    if (!told.entered) expect(told.until.getTime()).toBe(clock.now().getTime() + 15_000);
  });

  it("does not close while answers come in between", async () => {
    for (let i = 0; i < 10; i++) {
      await fail(4);
      (await enter()).leave("healthy");
    }
    await enter();
  });

  it("lets one through as a trial, then all or nobody", async () => {
    await fail(5);
    clock.advance(15_001);
    const trial = await enter();
    expect(await gate.enter("idp.example", 0)).toMatchObject({ entered: false, reason: "busy" });
    trial.leave("ill");
    expect(await gate.enter("idp.example", 0)).toMatchObject({ entered: false, reason: "closed" });
    clock.advance(30_001);
    (await enter()).leave("healthy");
    await Promise.all([enter(), enter(), enter()]);
  });

  it("learns nothing from a place that was given back unused", async () => {
    await fail(5);
    clock.advance(15_001);
    (await enter()).leave("not_asked");
    await enter();
    expect(await gate.enter("idp.example", 0)).toMatchObject({ entered: false, reason: "busy" });
  });

  it("is never closed for longer than a sweep's period", async () => {
    await fail(5);
    for (let i = 0; i < 20; i++) {
      clock.advance(4 * 60_000 + 1);
      (await enter()).leave("ill");
    }
    clock.advance(4 * 60_000 + 1);
    await enter();
  });
});
