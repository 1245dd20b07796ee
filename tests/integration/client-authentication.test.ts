import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { AuthorizationServer } from "@/demo/authorization-server";
import type { EndpointFault } from "@/demo/authorization-server/endpoint-faults";
import { createServer } from "@/lib/servers/save";
import { accessToken } from "@/lib/tokens/access-token";
import { authorize } from "@/tests/support/authorize";
import { Clock } from "@/tests/support/clock";
import { type Installation, startInstallation, startProvider } from "@/tests/support/installation";
import { oauthServerInput } from "@/tests/support/server-input";
import type { Visitor } from "@/tests/support/visitor";

const hour = 3_600_000;

let provider: AuthorizationServer;
let usher: Installation;
let clock: Clock;
let admin: Visitor;
let owner: { serverId: string; ownerKey: string };

beforeAll(async () => {
  provider = await startProvider({ clientSecret: "a+b/c=d" });
});
afterAll(() => provider.close());

beforeEach(async () => {
  clock = new Clock();
  usher = await startInstallation({ now: clock.now });
  admin = await usher.join("ADMIN");
  // It decodes Basic, and an admin chose Basic without encoding: each request is refused once.
  const oauth = { tokenEndpointAuthMethod: "CLIENT_SECRET_BASIC_RAW" } as const;
  owner = {
    serverId: await createServer(usher.app, oauthServerInput(provider, { oauth })),
    ownerKey: "shared",
  };
  provider.forgetRequests();
});
afterEach(async () => {
  provider.stopFailing();
  await usher.close();
});

const row = () => usher.app.db.storedTokenSet.findFirstOrThrow({ where: owner });
const asked = (grant: string) => provider.tokenRequests[grant] ?? 0;

async function connect(): Promise<void> {
  expect(await authorize(admin, owner.serverId)).toContain("authorized=1");
  await usher.settle();
  await forgetMethod();
}

/** As after a change at the provider: the remembered form no longer works. */
async function forgetMethod(): Promise<void> {
  await usher.app.db.oAuthClient.updateMany({ data: { workingAuthMethod: null } });
  clock.advance(2 * hour);
  provider.forgetRequests();
}

describe("a second form of client authentication", () => {
  it("is tried after the chosen one was refused, and remembered", async () => {
    await connect();
    await accessToken(usher.app, owner);
    expect(asked("refresh_token")).toBe(2);
    clock.advance(2 * hour);
    await accessToken(usher.app, owner);
    expect(asked("refresh_token")).toBe(3);
  });

  it.each<[string, EndpointFault, RegExp]>([
    ["is lost", { kind: "lost-answer" }, /broke off the connection/],
    ["breaks off", { kind: "reset" }, /broke off the connection/],
    ["is an outage", { kind: "status", status: 503 }, /temporary problem/],
    ["cannot be read", { kind: "broken-json" }, /no OAuth answer/],
    ["asks for patience", { kind: "status", status: 429 }, /too many requests/],
  ])("ends a refresh where its answer %s, and is reported as such", async (_, fault, told) => {
    await connect();
    provider.failNextTokenRequests(1, fault, 1);
    await expect(accessToken(usher.app, owner)).rejects.toMatchObject({
      code: "try_later",
      userMessage: expect.stringMatching(told),
    });
    expect(asked("refresh_token")).toBe(2);
    expect(await row()).toMatchObject({ refreshFailures: 1, refreshRefusals: 0, rejectedAt: null });
    const client = await usher.app.db.oAuthClient.findFirstOrThrow();
    expect([client.clientRefusedAt, client.workingAuthMethod]).toEqual([null, null]);
  });

  it.each<[string, EndpointFault, RegExp]>([
    ["is lost", { kind: "lost-answer" }, /broke off the connection/],
    ["is an outage", { kind: "status", status: 502 }, /temporary problem/],
  ])(
    "ends a code exchange where its answer %s: the code may be used up",
    async (_, fault, told) => {
      provider.failNextTokenRequests(1, fault, 1);
      expect(await authorize(admin, owner.serverId)).toContain(
        "authorization_error=provider_error",
      );
      expect(asked("authorization_code")).toBe(2);
      const failed = await usher.app.db.authorizationRequest.findFirstOrThrow();
      expect(failed.failure).toMatch(told);
    },
  );

  it("is not the last one tried where the refusal has another reason", async () => {
    const refused = { kind: "status", status: 400, error: "invalid_request" } as const;
    provider.failNextTokenRequests(1, refused, 1);
    expect(await authorize(admin, owner.serverId)).toContain("authorized=1");
    expect(asked("authorization_code")).toBe(3);
  });
});
