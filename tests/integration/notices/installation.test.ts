import { randomBytes } from "node:crypto";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { GET as noticesRoute } from "@/app/api/notices/route";
import { createApp } from "@/lib/app";
import type { OpenNotice } from "@/lib/contracts/notices/open-notice";
import { readEnv } from "@/lib/env";
import { reconcileNotices } from "@/lib/notices/reconcile-notices";
import { rotateSecrets } from "@/lib/rotation/rotate-secrets";
import { runRefreshSweep } from "@/lib/tokens/refresh-sweep";
import { Clock } from "@/tests/support/clock";
import { type Installation, startInstallation } from "@/tests/support/installation";
import type { Visitor } from "@/tests/support/visitor";

const minute = 60_000;
const day = 24 * 60 * minute;

let clock: Clock;
let usher: Installation;
let admin: Visitor;

beforeEach(async () => {
  clock = new Clock();
  usher = await startInstallation({ now: clock.now });
  admin = await usher.join("ADMIN");
});
afterEach(() => usher.close());

const sweep = () =>
  runRefreshSweep(usher.app, { trigger: "manual", claimForMs: 1000, concurrency: 1 });

async function kindsOf(visitor: Visitor): Promise<string[]> {
  const answer = await visitor.visit(noticesRoute, { path: "/api/notices" });
  const { notices } = (await answer.json()) as { notices: OpenNotice[] };
  return notices.map(({ kind }) => kind);
}

const stored = () => usher.app.db.notice.findMany({ orderBy: { openedAt: "asc" } });

describe("a late sweep", () => {
  it("is reported to anyone who reads notices, and the notice closes with the next sweep", async () => {
    await sweep();
    clock.advance(15 * minute);
    expect(await kindsOf(admin)).toEqual([]);
    clock.advance(minute);
    expect(await kindsOf(admin)).toEqual(["sweep_late"]);
    // Nothing else runs: reading it stored it, for webhooks.
    await usher.settle();
    expect(await stored()).toMatchObject([{ kind: "sweep_late", serverId: null, userId: null }]);
    await sweep();
    expect(await kindsOf(admin)).toEqual([]);
    expect(await stored()).toMatchObject([{ closedAt: clock.now() }]);
  });

  it("is reported if none ever ran, once the first one is overdue", async () => {
    expect(await kindsOf(admin)).toEqual([]);
    clock.advance(16 * minute);
    expect(await kindsOf(admin)).toEqual(["sweep_late"]);
  });

  it("is not reported to members", async () => {
    const member = await usher.join("MEMBER");
    clock.advance(day);
    await reconcileNotices(usher.app);
    expect(await kindsOf(member)).toEqual([]);
  });
});

describe("an encryption key", () => {
  it("counts as old after a year, until secrets are encrypted with a new one", async () => {
    await usher.app.db.vaultCanary.updateMany({
      data: { keySince: new Date(clock.now().getTime() - 365 * day + minute) },
    });
    await sweep();
    expect(await kindsOf(admin)).toEqual([]);
    clock.advance(minute);
    expect(await kindsOf(admin)).toEqual(["encryption_key_old"]);
    const env = readEnv({
      ...usher.env,
      SECRETS_ENCRYPTION_KEY: randomBytes(32).toString("base64"),
      SECRETS_ENCRYPTION_KEYS_OLD: usher.env.SECRETS_ENCRYPTION_KEY ?? "",
    });
    const rotated = createApp(env, clock.now);
    try {
      await rotateSecrets(rotated);
    } finally {
      await rotated.db.$disconnect();
    }
    expect(await kindsOf(admin)).toEqual([]);
  });
});
