import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { GET as bundleRoute } from "@/app/api/mcp-servers/[serverId]/support-bundle/route";
import type { AuthorizationServer } from "@/demo/authorization-server";
import { createServer } from "@/lib/servers/save";
import { authorize } from "@/tests/support/authorize";
import { type Installation, startInstallation, startProvider } from "@/tests/support/installation";
import { oauthServerInput, serverInput } from "@/tests/support/server-input";
import type { Visitor } from "@/tests/support/visitor";

let provider: AuthorizationServer;
let usher: Installation;
let admin: Visitor;

beforeAll(async () => {
  provider = await startProvider();
  usher = await startInstallation({ env: { OPENAI_API_KEY: "canary-openai-key" } });
  admin = await usher.join("ADMIN");
});
afterAll(async () => {
  await usher.close();
  await provider.close();
});

async function bundleOf(serverId: string) {
  await usher.settle();
  const path = `/api/mcp-servers/${serverId}/support-bundle`;
  const response = await admin.visit(bundleRoute, { path, params: { serverId } });
  return { response, text: await response.text() };
}

describe("a support bundle", () => {
  it("contains what a provider's support asks for, and is recorded in the audit", async () => {
    const mia = await usher.join("MEMBER", "Mia Member");
    const input = oauthServerInput(provider, { name: "Mail", oauth: { tokenSharing: "PER_USER" } });
    const serverId = await createServer(usher.app, input);
    await authorize(mia, serverId);
    const { response, text } = await bundleOf(serverId);
    expect(response.headers.get("content-disposition")).toMatch(
      /^attachment; filename="usher-support-\d{4}-\d\d-\d\d\.json"$/,
    );
    expect(JSON.parse(text)).toMatchObject({
      format: "usher-support-bundle/1",
      environment: { variablesSet: expect.arrayContaining(["OPENAI_API_KEY", "PUBLIC_URL"]) },
      server: { name: "Mail", authentication: "OAUTH", settings: { callTimeoutSeconds: 60 } },
      oauthClient: {
        clientSecretSet: true,
        tokenEndpoint: provider.tokenEndpoint,
        settings: { scopeOnRefresh: false },
      },
      accounts: { count: 1, newest: [{ owner: "person 1" }] },
      flows: [{ kind: "AUTHORIZATION", outcome: "succeeded", owner: "person 1" }],
      sweeps: [],
    });
    for (const secret of ["canary-openai-key", provider.clientSecret, "Mia", mia.user.email]) {
      expect(text).not.toContain(secret);
    }
    const events = await usher.app.db.auditEvent.findMany({
      where: { action: "server.support-bundle" },
    });
    expect(events).toMatchObject([{ serverId, actorId: admin.user.id }]);
  });

  it("contains no header value and no address, even if the server's own text quotes one", async () => {
    const input = serverInput({
      name: "Ask ada@example.com",
      url: "https://mcp.example.com/s/0a1b2c3d4e5f6a7b8c9d0e/mcp?room=hushhush",
      authentication: "HEADERS",
      headers: "X-Api-Key: shortword",
    });
    const serverId = await createServer(usher.app, input);
    const tools = [{ name: "tool_shortword" }];
    await usher.app.db.toolCatalogue.create({
      data: {
        serverId,
        tools,
        serverVersion: 1,
        lastError: "shortword is wrong, says bob@example.org",
      },
    });
    const { text } = await bundleOf(serverId);
    for (const secret of ["shortword", "hushhush", "0a1b2c3d4e5f6a7b8c9d0e", "ada@", "bob@"]) {
      expect(text).not.toContain(secret);
    }
    expect(JSON.parse(text)).toMatchObject({
      server: {
        name: "Ask …@example.com",
        url: "https://mcp.example.com/s/…/mcp",
        headerNames: ["X-Api-Key"],
      },
      catalogue: { toolCount: 1, lastError: "… is wrong, says …@example.org" },
    });
  });
});
