import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { GET as flowsRoute } from "@/app/api/mcp-servers/[serverId]/flows/route";
import { POST as createRoute } from "@/app/api/mcp-servers/route";
import { POST as sweepRoute } from "@/app/api/refreshes/route";
import { POST as revokeRoute } from "@/app/oauth/revoke/[serverId]/route";
import type { AuthorizationServer } from "@/demo/authorization-server";
import type { FlowView } from "@/lib/contracts/servers/flow";
import { flowList } from "@/lib/contracts/servers/flow";
import { deleteFlowRecordsBeyond } from "@/lib/db/flow-record";
import { accessToken } from "@/lib/tokens/access-token";
import { deleteOutlived } from "@/lib/tokens/refresh-sweep";
import { authorize, clickAuthorize, openCallback } from "@/tests/support/authorize";
import { Clock } from "@/tests/support/clock";
import {
  type Installation,
  startInstallation,
  startProvider,
  visitorFor,
} from "@/tests/support/installation";
import { consent } from "@/tests/support/provider-consent";
import { oauthServerInput } from "@/tests/support/server-input";
import type { Visitor } from "@/tests/support/visitor";

const day = 24 * 60 * 60_000;
let provider: AuthorizationServer;
let usher: Installation;
let clock: Clock;
let admin: Visitor;
let member: Visitor;

beforeAll(async () => {
  provider = await startProvider();
  clock = new Clock();
  usher = await startInstallation({ now: clock.now });
  admin = await usher.join("ADMIN", "Ann Admin");
  member = await usher.join("MEMBER", "Mia Member");
});
afterAll(async () => {
  await usher.close();
  await provider.close();
});

async function create(tokenSharing: "SHARED" | "PER_USER" = "SHARED"): Promise<string> {
  const name = `Server ${crypto.randomUUID()}`;
  const json = oauthServerInput(provider, { name, oauth: { tokenSharing } });
  const response = await admin.visit(createRoute, { path: "/api/mcp-servers", json });
  return (await response.json()).id;
}

async function flows(serverId: string): Promise<FlowView[]> {
  await usher.settle();
  const path = `/api/mcp-servers/${serverId}/flows`;
  const response = await admin.visit(flowsRoute, { path, params: { serverId } });
  return flowList.parse(await response.json()).flows;
}

async function sweep(): Promise<void> {
  await admin.visit(sweepRoute, { path: "/api/refreshes", method: "POST" });
}

const told = ({ kind, outcome, trigger, steps }: FlowView) => ({
  kind,
  outcome,
  trigger,
  steps: steps.map((step) => step.kind),
});

describe("the flows of a server", () => {
  it("connect the click, the return and the exchange, and name the account", async () => {
    const serverId = await create("PER_USER");
    expect(await flows(serverId)).toEqual([]);
    const authorizationUrl = await clickAuthorize(member, serverId);
    const [begun] = await flows(serverId);
    expect(begun && told(begun)).toEqual({
      kind: "AUTHORIZATION",
      outcome: "waiting",
      trigger: "person",
      steps: ["authorization_request"],
    });
    await openCallback(member, await consent({ authorizationUrl, person: "ada" }));
    const all = await flows(serverId);
    expect(all).toHaveLength(1);
    expect(all[0]).toMatchObject({
      id: begun?.id,
      outcome: "succeeded",
      owner: "Mia Member",
      actor: "Mia Member",
      reason: null,
    });
    const [, , exchange] = all[0]?.steps ?? [];
    expect(exchange).toMatchObject({
      kind: "code_exchange",
      request: { method: "POST", url: provider.tokenEndpoint, authorization: "Basic" },
      answer: { status: 200, contentType: "application/json" },
    });
    expect(exchange?.durationMs).toBeGreaterThanOrEqual(0);
  });

  it("record that no one came back, once it is too late", async () => {
    const serverId = await create();
    await clickAuthorize(admin, serverId);
    clock.advance(12 * 60_000);
    expect((await flows(serverId))[0]?.outcome).toBe("unfinished");
  });

  it("record a refusal with the provider's text, and continue after another person's callback", async () => {
    const serverId = await create();
    const authorizationUrl = await clickAuthorize(admin, serverId);
    const back = await consent({ authorizationUrl, person: "ada" });
    clock.advance(1000);
    await openCallback(admin.elsewhere(), back);
    clock.advance(1000);
    expect((await flows(serverId))[0]?.outcome).toBe("waiting");
    await openCallback(admin, back);
    clock.advance(1000);
    await authorize(admin, serverId, "ada", "deny");
    const [denied, connected] = await flows(serverId);
    expect(connected && told(connected)).toMatchObject({
      outcome: "succeeded",
      steps: [
        "authorization_request",
        "authorization_response",
        "authorization_response",
        "code_exchange",
        "introspection",
      ],
    });
    expect(denied).toMatchObject({ outcome: "failed", owner: null, actor: "Ann Admin" });
    expect(denied?.reason).toContain("not granted");
    expect(denied?.steps.at(-1)?.error).toBe("access_denied");
  });

  it("record each refresh with its single request, by the sweep or a call, and what a fault meant", async () => {
    const serverId = await create();
    await authorize(admin, serverId);
    // After a consent the tools are read in the background: a day later that call would refresh.
    await usher.settle();
    clock.advance(day);
    await sweep();
    clock.advance(day);
    usher.app.tokenCache.drop(serverId, "shared");
    provider.failNextTokenRequests(1, { kind: "status", status: 503 });
    await accessToken(usher.app, { serverId, ownerKey: "shared" }).catch(() => {});
    clock.advance(day);
    usher.app.tokenCache.drop(serverId, "shared");
    provider.failNextTokenRequests(1, { kind: "status", status: 400, error: "invalid_grant" });
    await accessToken(usher.app, { serverId, ownerKey: "shared" }).catch(() => {});
    const [ended, deferred, renewed] = await flows(serverId);
    const steps = ["refresh"];
    expect(renewed && told(renewed)).toEqual({
      ...{ kind: "REFRESH", outcome: "succeeded", trigger: "sweep", steps },
    });
    expect(deferred && told(deferred)).toEqual({
      ...{ kind: "REFRESH", outcome: "retrying", trigger: "call", steps },
    });
    expect(ended && told(ended)).toMatchObject({ outcome: "failed", steps });
    expect(ended?.steps[0]).toMatchObject({ error: "invalid_grant", answer: { status: 400 } });
    expect(ended?.reason).toContain("Authorize again");
  });

  it("record a revocation, token by token, and end with their server", async () => {
    const serverId = await create();
    await authorize(admin, serverId);
    clock.advance(1000);
    const visit = { path: `/oauth/revoke/${serverId}`, params: { serverId } };
    await admin.visit(revokeRoute, { ...visit, json: { what: "server" } });
    const [revoked] = await flows(serverId);
    expect(revoked && told(revoked)).toEqual({
      kind: "REVOCATION",
      outcome: "succeeded",
      trigger: "person",
      steps: ["revocation", "revocation"],
    });
    await usher.app.db.mcpServer.delete({ where: { id: serverId } });
    usher.app.flows.record({
      ...{ serverId, ownerKey: "shared", kind: "REFRESH", trigger: "sweep", outcome: "failed" },
      steps: [],
    });
    await usher.app.flows.flush();
    expect(usher.app.flows.isEmpty()).toBe(true);
    expect(await usher.app.db.flowRecord.count({ where: { serverId } })).toBe(0);
  });

  it("continue even if their records cannot be written", async () => {
    const serverId = await create();
    await usher.app.db.$executeRaw`ALTER TABLE "FlowRecord" RENAME TO "Elsewhere"`;
    try {
      expect(await authorize(admin, serverId)).toContain("authorized=1");
      await usher.settle();
    } finally {
      await usher.app.db.$executeRaw`ALTER TABLE "Elsewhere" RENAME TO "FlowRecord"`;
    }
    await expect.poll(async () => (await flows(serverId)).length, { timeout: 10_000 }).toBe(1);
  });
});

describe("the records that are kept", () => {
  it("are the newest of either kind, for 30 days: routine refreshes displace nothing else", async () => {
    const serverId = await create();
    const moment = { serverId, ownerKey: "shared", trigger: "sweep", steps: [] } as const;
    usher.app.flows.record({ ...moment, kind: "AUTHORIZATION", outcome: "failed" });
    for (let count = 0; count < 30; count += 1) {
      clock.advance(1000);
      usher.app.flows.record({ ...moment, kind: "REFRESH", outcome: "succeeded" });
    }
    await usher.app.flows.flush();
    await deleteFlowRecordsBeyond(usher.app.db, { before: new Date(0), most: 10 });
    const kinds = (await flows(serverId)).map(({ kind }) => kind);
    expect(kinds.filter((kind) => kind === "REFRESH")).toHaveLength(10);
    expect(kinds.at(-1)).toBe("AUTHORIZATION");
    clock.advance(31 * day);
    await deleteOutlived(usher.app);
    admin = await visitorFor(usher.app, admin.user);
    expect(await flows(serverId)).toEqual([]);
  });
});
