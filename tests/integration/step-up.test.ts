import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { callTool } from "@/lib/calls/call-tool";
import { describeAccount } from "@/lib/calls/target";
import { McpServerError, StepUpRequiredError } from "@/lib/errors";
import { clickAuthorize } from "@/tests/support/authorize";
import { type GuardedMcpServer, startGuardedMcpServer } from "@/tests/support/guarded-mcp-server";
import { type Installation, startInstallation } from "@/tests/support/installation";
import { addByUrl, authorizeUnasked } from "@/tests/support/paste-url";
import {
  type SdkAuthorizationServer,
  startSdkAuthorizationServer,
} from "@/tests/support/sdk-authorization-server";
import type { Visitor } from "@/tests/support/visitor";

let usher: Installation;
let admin: Visitor;
let provider: SdkAuthorizationServer;
let server: GuardedMcpServer;
let serverId: string;

beforeEach(async () => {
  usher = await startInstallation();
  admin = await usher.join("ADMIN");
  provider = await startSdkAuthorizationServer();
  server = await startGuardedMcpServer(provider, {
    challengedScope: "files:read",
    toolScopes: { write: "files:write" },
  });
  serverId = await addByUrl(admin, server.url);
  await authorizeUnasked(admin, serverId);
});
afterEach(async () => {
  await usher.close();
  await Promise.all([server.close(), provider.close()]);
});

async function call(toolName: string, steppedUp = false) {
  // After a consent the list of tools is read over a separate connection.
  await usher.settle();
  const { user } = admin;
  const signal = new AbortController().signal;
  return callTool(usher.app, { serverId, toolName, input: {}, user, signal, steppedUp });
}

const failureOf = (calling: Promise<unknown>) =>
  calling.then(
    () => null,
    (error: unknown) => error,
  );
const isConnected = async () =>
  (await describeAccount(usher.app, serverId, admin.user))?.connected ?? false;
const scopeAsked = async () =>
  new URL(await clickAuthorize(admin, serverId)).searchParams.get("scope");

describe("a call refused for missing scopes", () => {
  it("requests all existing and missing scopes, and then runs", async () => {
    expect(await scopeAsked()).toBe("files:read");
    const error = await failureOf(call("write"));
    expect(error).toBeInstanceOf(StepUpRequiredError);
    expect(error).toMatchObject({
      code: "authorization_required",
      scope: "files:read files:write",
      added: "files:write",
      ownerKey: "shared",
      userMessage: expect.stringContaining("files:write"),
    });
    expect(server.toolCalls).toEqual([]);

    expect(await scopeAsked()).toBe("files:read files:write");
    await authorizeUnasked(admin, serverId);
    expect((await call("write", true)).content).toEqual([{ type: "text", text: "Did write." }]);
    expect(server.toolCalls).toEqual(["write"]);
  });

  it("waits for the consent, while calls that need no more scopes continue", async () => {
    await failureOf(call("write"));
    expect(await isConnected()).toBe(false);
    expect((await call("read")).isError).toBe(false);
    await authorizeUnasked(admin, serverId);
    expect(await isConnected()).toBe(true);
  });

  it("asks once: what was requested and not granted is not requested again", async () => {
    await failureOf(call("write"));
    // A provider that grants less than was requested.
    server.authorizationServer = {
      issuer: provider.issuer,
      grantOf: (token) => (provider.grantOf(token) ? { scopes: ["files:read"] } : null),
    };
    await authorizeUnasked(admin, serverId);
    const error = await failureOf(call("write"));
    expect(error).toBeInstanceOf(McpServerError);
    expect(error).not.toBeInstanceOf(StepUpRequiredError);
    expect((error as McpServerError).userMessage).toContain("although Usher asked");
    expect(await isConnected()).toBe(true);
  });

  it("asks once: a call that has led to a consent does not lead to another", async () => {
    const error = await failureOf(call("write", true));
    expect(error).not.toBeInstanceOf(StepUpRequiredError);
    expect((error as McpServerError).userMessage).toContain("does not ask again");
  });

  it("keeps what was requested for the next consent, and forgets it with the tokens", async () => {
    await failureOf(call("write"));
    await authorizeUnasked(admin, serverId);
    expect(await scopeAsked()).toBe("files:read files:write");
    await usher.app.db.storedTokenSet.deleteMany({ where: { serverId } });
    expect(await scopeAsked()).toBe("files:read");
  });
});
