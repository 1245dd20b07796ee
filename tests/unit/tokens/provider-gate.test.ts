import { beforeEach, describe, expect, it } from "vitest";
import { type Entry, ProviderGate } from "@/lib/tokens/provider-gate";
import { Clock } from "@/tests/support/clock";

let clock: Clock;
let gate: ProviderGate;

beforeEach(() => {
  clock = new Clock();
  gate = new ProviderGate(clock.now);
});

/** As the sweep asks for an account that has failed before, unless another one is given. */
const ask = (maxWaitMs = 0, host = "idp.example", account = "dead", byPerson = false) =>
  gate.enter(host, { account, byPerson, maxWaitMs });

async function enter(account = "dead", byPerson = false) {
  const entry = await ask(0, "idp.example", account, byPerson);
  if (!entry.entered) throw new Error(`not entered: ${entry.reason}`);
  return entry;
}

async function fail(times: number, account?: string): Promise<void> {
  for (let i = 0; i < times; i++) (await enter(account)).leave("ill");
}

describe("ProviderGate", () => {
  it("lets few requests through to a provider that has not answered yet", async () => {
    for (let i = 0; i < 8; i++) await enter();
    expect(await ask()).toMatchObject({ entered: false, reason: "busy" });
    expect(await ask(0, "other.example")).toMatchObject({ entered: true });
  });

  it("lets more through to one that answers, up to 64", async () => {
    for (let i = 0; i < 200; i++) (await enter()).leave("healthy");
    for (let i = 0; i < 64; i++) await enter();
    expect(await ask()).toMatchObject({ reason: "busy" });
  });

  it("hands a place to a waiting request", async () => {
    const entries = await Promise.all(Array.from({ length: 8 }, () => enter()));
    const waiting = ask(5000);
    entries[0]?.leave("healthy");
    expect(await waiting).toMatchObject({ entered: true });
  });

  it("closes after five failures in a row, and tells those who wait", async () => {
    const entries = await Promise.all(Array.from({ length: 8 }, () => enter()));
    const waiting = ask(5000);
    for (const entry of entries) entry.leave("ill");
    const told: Entry = await waiting;
    expect(told).toMatchObject({ entered: false, reason: "closed" });
    if (!told.entered) expect(told.until.getTime()).toBe(clock.now().getTime() + 15_000);
  });

  it("does not close if answers come in between", async () => {
    for (let i = 0; i < 10; i++) {
      await fail(4);
      (await enter()).leave("healthy");
    }
    await enter();
  });

  it("lets one through as a trial, then all or none", async () => {
    await fail(5);
    clock.advance(15_001);
    const trial = await enter();
    expect(await ask()).toMatchObject({ entered: false, reason: "busy" });
    trial.leave("ill");
    expect(await ask()).toMatchObject({ entered: false, reason: "closed" });
    clock.advance(30_001);
    (await enter()).leave("healthy");
    await Promise.all([enter(), enter(), enter()]);
  });

  it("learns nothing from a place that was given back unused", async () => {
    await fail(5);
    clock.advance(15_001);
    (await enter()).leave("not_asked");
    await enter();
    expect(await ask()).toMatchObject({ entered: false, reason: "busy" });
  });

  it("is never closed for longer than a sweep period", async () => {
    await fail(5);
    for (let i = 0; i < 20; i++) {
      clock.advance(4 * 60_000 + 1);
      (await enter()).leave("ill");
    }
    clock.advance(4 * 60_000 + 1);
    await enter();
  });

  describe("one token's trouble", () => {
    it("keeps out no account that had none, even if it looked like everyone's", async () => {
      for (const account of ["a", "b", "c", "d", "e"]) await fail(1, account);
      expect(await ask(0, "idp.example", "good")).toMatchObject({ entered: true });
      expect(await ask(0, "idp.example", "a")).toMatchObject({ reason: "closed" });
    });

    it("keeps out no waiting person, however often they try", async () => {
      await fail(5);
      for (let i = 0; i < 20; i++) (await enter("grace", true)).leave("ill");
      expect(await ask(0, "idp.example", "dead")).toMatchObject({ reason: "closed" });
    });

    it("is recognized once the host has answered another request, and no longer closes the gate", async () => {
      for (const account of ["a", "b", "c", "d", "e", "f"]) await fail(1, account);
      (await enter("good", true)).leave("healthy");
      expect(gate.failsAlone("idp.example", "a")).toBe(true);
      for (let round = 0; round < 20; round++) {
        for (const account of ["a", "b", "c", "d", "e", "f"]) await fail(1, account);
        (await enter("good")).leave("healthy");
      }
    });

    it("is not assumed for all if no one has been answered since", async () => {
      (await enter("good")).leave("healthy");
      await fail(5, "a");
      expect(gate.failsAlone("idp.example", "a")).toBe(false);
      expect(gate.failsAlone("other.example", "a")).toBe(false);
      expect(await ask(0, "idp.example", "a")).toMatchObject({ reason: "closed" });
    });

    it("ends with an answer to it", async () => {
      await fail(1, "a");
      (await enter("good")).leave("healthy");
      (await enter("a")).leave("healthy");
      expect(gate.failsAlone("idp.example", "a")).toBe(false);
    });

    it("lets few through while the gate is closed, one a second of those no one waits for", async () => {
      await fail(5);
      await enter("fresh 1");
      expect(await ask(0, "idp.example", "fresh 2")).toMatchObject({ reason: "closed" });
      clock.advance(1001);
      await enter("fresh 2");
      await enter("ada", true);
      await enter("grace", true);
      expect(await ask(0, "idp.example", "linus", true)).toMatchObject({ reason: "busy" });
    });
  });
});
