import { randomUUID } from "node:crypto";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { verifierPlace } from "@/lib/authorization/begin";
import { openInput, sealInput } from "@/lib/chat/input/sealed-input";
import { openModelKey, sealModelKey } from "@/lib/chat/model/providers/api-key";
import { openMailText, sealMailText } from "@/lib/email/sealed-text";
import { SealedBoxError } from "@/lib/errors";
import { openOAuthClient } from "@/lib/servers/oauth-client";
import { createEndpointCache, openEndpoint } from "@/lib/servers/open-endpoint";
import { createServer } from "@/lib/servers/save";
import { openIdentity, sealIdentity } from "@/lib/session/oidc/kept-tokens";
import { openTwoFactor, sealTwoFactor } from "@/lib/session/two-factor/secret";
import { newSecret } from "@/lib/session/two-factor/totp";
import { accessToken } from "@/lib/tokens/access-token";
import { openPersonalKey, sealPersonalKey } from "@/lib/tokens/personal-key";
import { TokenCache } from "@/lib/tokens/token-cache";
import { openTokens, sealTokens } from "@/lib/tokens/token-store";
import { open } from "@/lib/vault/sealed-box";
import {
  newSigningSecret,
  openSigningSecret,
  sealSigningSecret,
} from "@/lib/webhooks/signing-secret";
import { clickAuthorize } from "@/tests/support/authorize";
import { type Installation, startInstallation } from "@/tests/support/installation";
import { serverInput } from "@/tests/support/server-input";
import type { Visitor } from "@/tests/support/visitor";

let usher: Installation;
let ada: Visitor;
let bob: Visitor;

/** One stored box: where it is, and how the product opens the content of that place. */
interface Place {
  table: string;
  column: string;
  id: string;
  open(): Promise<unknown>;
}

beforeEach(async () => {
  usher = await startInstallation({ env: { STDIO_SERVERS: "trusted" } });
  ada = await usher.join("ADMIN", "Ada");
  bob = await usher.join("ADMIN", "Bob");
});
afterEach(() => usher.close());

async function addEverything(): Promise<Place[]> {
  const { app } = usher;
  const places: Place[] = [];
  for (const name of ["One", "Two"]) {
    const oauth = await createServer(
      app,
      serverInput({
        name: `${name} OAuth`,
        url: "https://mcp.example.com/mcp",
        authentication: "OAUTH",
        oauth: {
          clientId: "client",
          clientSecret: `secret of ${name}`,
          authorizationEndpoint: "https://as.example.com/authorize",
          tokenEndpoint: "https://as.example.com/token",
          tokenSharing: "PER_USER",
        },
      }),
    );
    const client = await app.db.oAuthClient.findUniqueOrThrow({ where: { serverId: oauth } });
    places.push({
      table: "OAuthClient",
      column: "clientSecretSealed",
      id: client.id,
      open: async () => {
        const row = await app.db.oAuthClient.findUniqueOrThrow({ where: { id: client.id } });
        return openOAuthClient(app.keyring, row);
      },
    });
    for (const { user } of [ada, bob]) places.push(...(await addTokens(oauth, user.id)));
    for (const { user } of [ada, bob]) places.push(await addKey(oauth, user.id));
    places.push(await addModelProvider(name.toLowerCase()));
    places.push(...(await addWebhook(`https://${name.toLowerCase()}.example.com`)));
    await clickAuthorize(ada, oauth);
    places.push(await addServer(name, "headersSealed"), await addServer(name, "environmentSealed"));
  }
  for (const { user } of [ada, bob]) places.push(await addTwoFactor(user.id));
  for (const { user } of [ada, bob]) places.push(...(await addSignIn(user.id)));
  for (const { user } of [ada, bob]) places.push(await addMail(user.id));
  places.push(...(await addAnsweredCall(ada)), ...(await addAnsweredCall(bob)));
  for (const { id } of await app.db.authorizationRequest.findMany()) {
    places.push({
      table: "AuthorizationRequest",
      column: "codeVerifierSealed",
      id,
      open: async () => {
        const row = await app.db.authorizationRequest.findUniqueOrThrow({ where: { id } });
        return open(app.keyring, row.codeVerifierSealed, verifierPlace(id));
      },
    });
  }
  return places;
}

async function addTokens(serverId: string, userId: string): Promise<Place[]> {
  const { app } = usher;
  const owner = { serverId, ownerKey: userId };
  const tokens = sealTokens(app.keyring, owner, {
    accessToken: `access of ${userId}`,
    refreshToken: `refresh of ${userId}`,
    tokenType: "Bearer",
    scope: null,
    expiresAt: null,
    obtainedAt: new Date(),
  });
  const { id } = await app.db.storedTokenSet.create({ data: { ...owner, userId, ...tokens } });
  return ["accessTokenSealed", "refreshTokenSealed"].map((column) => ({
    table: "StoredTokenSet",
    column,
    id,
    open: async () => {
      const row = await app.db.storedTokenSet.findUniqueOrThrow({ where: { id } });
      return openTokens(app.keyring, row);
    },
  }));
}

async function addModelProvider(name: string): Promise<Place> {
  const { app } = usher;
  const id = randomUUID();
  const apiKeySealed = sealModelKey(app.keyring, id, `key of ${name}`);
  await app.db.modelProvider.create({
    data: { id, kind: "openai-compatible", name, apiKeySealed },
  });
  return {
    table: "ModelProvider",
    column: "apiKeySealed",
    id,
    open: async () => {
      const row = await app.db.modelProvider.findUniqueOrThrow({ where: { id } });
      return openModelKey(app.keyring, row);
    },
  };
}

async function addWebhook(url: string): Promise<Place[]> {
  const { db, keyring } = usher.app;
  const id = randomUUID();
  const columns = ["secretSealed", "previousSecretSealed"] as const;
  const [secretSealed, previousSecretSealed] = columns.map((column) =>
    sealSigningSecret(keyring, id, column, newSigningSecret()),
  );
  if (!secretSealed || !previousSecretSealed) throw new Error("Nothing was sealed.");
  await db.webhook.create({
    data: { id, url, eventTypes: [], secretSealed, previousSecretSealed },
  });
  return columns.map((column) => ({
    table: "Webhook",
    column,
    id,
    open: async () => {
      const row = await db.webhook.findUniqueOrThrow({ where: { id } });
      return openSigningSecret(keyring, id, column, row[column] ?? "");
    },
  }));
}

async function addMail(userId: string): Promise<Place> {
  const { db, keyring } = usher.app;
  const id = randomUUID();
  const textSealed = sealMailText(keyring, id, {
    ...{ subject: `mail of ${userId}`, paragraphs: [], footer: "" },
    action: { label: "Open", url: "https://usher.example.com" },
  });
  await db.outgoingMail.create({ data: { id, userId, textSealed, createdAt: new Date() } });
  return {
    table: "OutgoingMail",
    column: "textSealed",
    id,
    open: async () => {
      const row = await db.outgoingMail.findUniqueOrThrow({ where: { id } });
      return openMailText(keyring, id, row.textSealed).subject;
    },
  };
}

async function addTwoFactor(userId: string): Promise<Place> {
  const { db, keyring } = usher.app;
  const secretSealed = sealTwoFactor(keyring, userId, newSecret());
  const { id } = await db.twoFactor.create({
    data: { userId, secretSealed, createdAt: new Date() },
  });
  return {
    table: "SecondStep",
    column: "secretSealed",
    id,
    open: async () => {
      const row = await db.twoFactor.findUniqueOrThrow({ where: { id } });
      return openTwoFactor(keyring, userId, row.secretSealed);
    },
  };
}

async function addSignIn(userId: string): Promise<Place[]> {
  const { db, keyring } = usher.app;
  const identity = { issuer: "https://id.example.com", subject: userId, clientId: "usher" };
  const { issuer, subject, clientId } = identity;
  await db.oidcIdentity.create({ data: { issuer, subject, userId, createdAt: new Date() } });
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString("base64url");
  const claims = { iss: issuer, sub: subject, aud: clientId };
  const at = new Date();
  const sealed = sealIdentity(keyring, userId, {
    ...{ idToken: `${part({ alg: "RS256" })}.${part(claims)}.signed`, idTokenExpiresAt: at },
    ...{ idTokenObtainedAt: at, obtainedAt: at, accessTokenExpiresAt: at },
    ...{ accessToken: `access of ${userId}`, refreshToken: `refresh of ${userId}` },
  });
  const { id } = await db.identityTokens.create({
    data: { ...identity, userId, ...sealed, signedInAt: at },
  });
  return ["idTokenSealed", "accessTokenSealed", "refreshTokenSealed"].map((column) => ({
    table: "IdentityTokens",
    column,
    id,
    open: async () =>
      openIdentity(keyring, await db.identityTokens.findUniqueOrThrow({ where: { id } })),
  }));
}

async function addKey(serverId: string, userId: string): Promise<Place> {
  const { app } = usher;
  const owner = { serverId, userId };
  const valuesSealed = sealPersonalKey(app.keyring, owner, { "X-Api-Key": `key of ${userId}` });
  const { id } = await app.db.personalKey.create({
    data: { ...owner, valuesSealed, headerNames: ["X-Api-Key"], savedAt: new Date() },
  });
  return {
    table: "PersonalKey",
    column: "valuesSealed",
    id,
    open: async () =>
      openPersonalKey(app.keyring, await app.db.personalKey.findUniqueOrThrow({ where: { id } })),
  };
}

async function addAnsweredCall({ user }: Visitor): Promise<Place[]> {
  const { db, keyring } = usher.app;
  const server = await db.mcpServer.findFirstOrThrow();
  const conversation = await db.conversation.create({ data: { userId: user.id, title: "Rooms" } });
  const call = { conversationId: conversation.id, toolCallId: "call" };
  const { id } = await db.pausedToolCall.create({
    data: {
      ...{ ...call, serverId: server.id, toolName: "book_room", input: {} },
      inputContentSealed: sealInput(keyring, call, "inputContentSealed", { answer: {} }),
      requestStateSealed: sealInput(keyring, call, "requestStateSealed", "booking"),
    },
  });
  return (["inputContentSealed", "requestStateSealed"] as const).map((column) => ({
    table: "PausedToolCall",
    column,
    id,
    open: async () => {
      const row = await db.pausedToolCall.findUniqueOrThrow({ where: { id } });
      return openInput(keyring, row, column, row[column]);
    },
  }));
}

async function addServer(
  name: string,
  column: "headersSealed" | "environmentSealed",
): Promise<Place> {
  const { app } = usher;
  const input =
    column === "headersSealed"
      ? {
          url: "https://mcp.example.com/mcp",
          authentication: "HEADERS" as const,
          headers: `X-Key: ${name}`,
        }
      : { transport: "STDIO" as const, command: "tool", environment: `KEY=${name}` };
  const id = await createServer(app, serverInput({ name: `${name} ${column}`, ...input }));
  return {
    table: "McpServer",
    column,
    id,
    open: () => openEndpoint({ ...app, endpointCache: createEndpointCache(app.now) }, id),
  };
}

async function boxAt({ table, column, id }: Place): Promise<string> {
  const [row] = await usher.app.db.$queryRawUnsafe<{ box: string }[]>(
    `SELECT "${column}" AS "box" FROM "${table}" WHERE "id" = $1`,
    id,
  );
  return row?.box ?? "";
}

async function put({ table, column, id }: Place, box: string): Promise<void> {
  await usher.app.db.$executeRawUnsafe(
    `UPDATE "${table}" SET "${column}" = $1 WHERE "id" = $2`,
    box,
    id,
  );
}

describe("a sealed box in the database", () => {
  it("opens in its own place, and in no other", async () => {
    const places = await addEverything();
    const boxes = await Promise.all(places.map(boxAt));
    expect(places.length).toBeGreaterThanOrEqual(20);
    let refused = 0;
    for (const [index, place] of places.entries()) {
      await expect(place.open()).resolves.toBeDefined();
      for (const [other, box] of boxes.entries()) {
        if (other === index) continue;
        await put(place, box);
        await expect(place.open()).rejects.toThrow(SealedBoxError);
        refused += 1;
      }
      await put(place, boxes[index] ?? "");
      await expect(place.open()).resolves.toBeDefined();
    }
    expect(refused).toBe(places.length * (places.length - 1));
  });

  it("cannot be taken over by a change of its row's owner", async () => {
    await addEverything();
    const { db } = usher.app;
    const mine = await db.storedTokenSet.findFirstOrThrow({ where: { userId: ada.user.id } });
    const { serverId } = mine;
    await db.storedTokenSet.deleteMany({ where: { serverId, userId: bob.user.id } });
    await db.storedTokenSet.update({
      where: { id: mine.id },
      data: { ownerKey: bob.user.id, userId: bob.user.id },
    });
    const ctx = { ...usher.app, tokenCache: new TokenCache(usher.app.now) };
    await expect(accessToken(ctx, { serverId, ownerKey: bob.user.id })).rejects.toThrow(
      SealedBoxError,
    );
  });
});
