import { afterAll, beforeAll, expect, it } from "vitest";
import { GET as refreshesRoute } from "@/app/api/refreshes/route";
import { createAssistant } from "@/lib/assistants/assistant";
import type { RefreshOverview } from "@/lib/contracts/connections/refresh";
import { insertAuthorizationRequest } from "@/lib/db/authorization-request";
import {
  type ConnectedServerRow,
  listMcpServers,
  type McpServerListRow,
} from "@/lib/db/lists/mcp-servers";
import { findMcpServerPage } from "@/lib/db/mcp-server";
import { saveAuthorizedTokens } from "@/lib/db/stored-token-set";
import { createServer } from "@/lib/servers/save";
import { viewSummary } from "@/lib/servers/view";
import { viewConnectionSummary } from "@/lib/tokens/connection-view";
import { findConnection, listConnections } from "@/lib/tokens/own-connections";
import { sealTokens } from "@/lib/tokens/token-store";
import { seal } from "@/lib/vault/sealed-box";
import { type Installation, startInstallation } from "@/tests/support/installation";
import { nowhere, serverInput } from "@/tests/support/server-input";

let usher: Installation;

beforeAll(async () => {
  usher = await startInstallation();
});
afterAll(() => usher.close());

it("a list of servers contains for each what its own page contains, and no one else's tokens", async () => {
  const { app } = usher;
  const { user: admin } = await usher.join("ADMIN");
  const { user: member } = await usher.join("MEMBER");
  await createServer(app, serverInput({ name: "Zebra", url: nowhere }));
  const serverId = await createServer(
    app,
    serverInput({
      ...{ name: "Files", url: nowhere, authentication: "OAUTH" },
      oauth: {
        ...{ clientId: "files", clientSecret: "secret of files", tokenSharing: "PER_USER" },
        authorizationEndpoint: "http://127.0.0.1:9/authorize",
        tokenEndpoint: "http://127.0.0.1:9/token",
      },
    }),
  );
  const now = app.now();
  for (const { id } of [admin, member]) {
    const owner = { serverId, ownerKey: id };
    const grant = {
      ...{
        clientId: "files",
        tokenEndpoint: "http://127.0.0.1:9/token",
        requestedScope: null,
        ...{ accountName: null, accountSource: null, consentId: null },
        grantType: "AUTHORIZATION_CODE" as const,
      },
      ...{ userId: id, authorizedById: id },
    };
    const tokens = sealTokens(app.keyring, owner, {
      ...{ accessToken: `access ${id}`, refreshToken: null, tokenType: "Bearer", scope: "read" },
      ...{ expiresAt: new Date(now.getTime() + 3_600_000), obtainedAt: now },
    });
    await app.db.$transaction((tx) => saveAuthorizedTokens(tx, { ...owner, ...grant }, tokens));
  }
  for (const [id, minutes] of [
    ["older", 2],
    ["newer", 1],
  ] as const) {
    await insertAuthorizationRequest(app.db, {
      ...{ id, stateHash: id, browserHash: id, serverId, ownerKey: admin.id, userId: admin.id },
      codeVerifierSealed: seal(app.keyring, "verifier", {
        ...{ table: "AuthorizationRequest", column: "codeVerifierSealed", rowId: id },
      }),
      ...{ redirectUri: "http://localhost:3000/oauth/callback", returnTo: "/" },
      ...{ scope: null, resource: null, issuer: null, issParameterRequired: false },
      expiresAt: now,
    });
    const consumedAt = new Date(now.getTime() - minutes * 60_000);
    await app.db.authorizationRequest.update({
      ...{ where: { id }, data: { failure: `The ${id} failure.`, consumedAt } },
    });
  }
  const tools = [{ name: "read", updatedAt: "2026-01-01" }];
  await app.db.toolCatalogue.create({
    data: { serverId, serverVersion: 1, tools, fetchedAt: now, serverInfo: { name: "Files" } },
  });
  await createAssistant(
    { ...app, modelProblem: () => null },
    {
      ...{ name: "Guide", description: "", instructions: "", model: "" },
      servers: [{ serverId, allTools: true, toolNames: [] }],
    },
  );

  const list = await listMcpServers(app.db, admin.id);
  expect(list.map(({ name }) => name)).toEqual(["Files", "Zebra"]);
  for (const listed of list) {
    const page = await findMcpServerPage(app.db, listed.id, admin.id);
    const now = app.now();
    const viewOf = (row: ConnectedServerRow) => viewConnectionSummary(row, admin.id, now);
    const summaryOf = (row: McpServerListRow) => viewSummary(row, viewOf(row));
    expect(summaryOf(listed)).toEqual(page && summaryOf(page));
    expect(viewOf(listed)).toEqual(page && viewOf(page));
  }
  const ctx = { db: app.db, now: () => now };
  const connections = await listConnections(ctx, admin);
  expect(connections.map(({ serverName }) => serverName)).toEqual(["Files"]);
  for (const connection of connections) {
    expect(await findConnection(ctx, admin, connection.serverId)).toMatchObject(connection);
  }
  const [files] = list;
  expect(files?.storedTokenSets.map(({ ownerKey }) => ownerKey)).toEqual([admin.id]);
  expect(files?.authorizationRequests.map(({ failure }) => failure)).toEqual([
    "The newer failure.",
  ]);
  expect(files?.catalogue).toEqual({ toolCount: 1, fetchedAt: now, lastError: null });
});

it("refreshes of the same moment are ordered by name, whenever they are read", async () => {
  const { app } = usher;
  const admin = await usher.join("ADMIN");
  const due = new Date(app.now().getTime() + 3_600_000);
  const names = ["Delta", "Alpha", "Echo", "Bravo", "Charlie"].map((name) => `Due ${name}`);
  for (const name of names) {
    const serverId = await createServer(app, serverInput({ name, url: nowhere }));
    await app.db.storedTokenSet.create({
      data: {
        ...{ serverId, ownerKey: "shared", accessTokenSealed: "v1.key.salt.nonce.box" },
        ...{ obtainedAt: app.now(), nextRefreshAt: due, lastRefreshErrorAt: due },
      },
    });
  }
  const answer = await admin.visit(refreshesRoute, { path: "/api/refreshes" });
  const { upcoming, failures } = (await answer.json()) as RefreshOverview;
  const order = (rows: { serverName: string }[]) =>
    rows.map(({ serverName }) => serverName).filter((name) => name.startsWith("Due "));
  expect(order(upcoming)).toEqual(names.toSorted());
  expect(order(failures)).toEqual(names.toSorted());
});
