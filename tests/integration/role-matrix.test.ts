import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { apiScopes } from "@/lib/contracts/api-scopes";
import type { AssistantInput } from "@/lib/contracts/assistant";
import { personParameter } from "@/lib/contracts/problem";
import { createServer } from "@/lib/servers/save";
import { createApiKey } from "@/lib/session/api-keys/authenticate";
import { sealTokens } from "@/lib/tokens/token-store";
import { sealSigningSecret } from "@/lib/webhooks/signing-secret";
import {
  type Installation,
  publicUrl,
  startInstallation,
  visitorFor,
} from "@/tests/support/installation";
import { serverInput } from "@/tests/support/server-input";
import { Visitor } from "@/tests/support/visitor";

const root = path.resolve(import.meta.dirname, "../..");
const provider = "https://as.example.com/authorize";

const roles = ["anonymous", "memberA", "memberB", "auditor", "admin", "disabled"] as const;
type Role = (typeof roles)[number];
/** A status; or for a redirect, the start of its target. */
type Outcome = number | string;

interface Row extends Record<Role, Outcome> {
  json?: (stage: Stage) => unknown;
  query?: string;
}

/** What a row's request may name. Everything in it is new for each request that may change it. The chat is member A's. */
interface Stage {
  serverId: string;
  connectionId: string;
  vendorServerId: string;
  assistantId: string;
  conversationId: string;
  pausedToolCallId: string;
  invitationId: string;
  userId: string;
  sessionId: string;
  alwaysAllowedId: string;
  apiKeyId: string;
  authorizationId: string;
  groupId: string;
  providerName: string;
  modelId: string;
  webhookId: string;
  deliveryId: string;
}

const signIn = `${publicUrl}/sign-in?callbackUrl=`;
const anybody = (outcome: Outcome) => row(outcome, outcome, outcome, outcome, outcome, outcome);
const people = (outcome: Outcome) => row(401, outcome, outcome, outcome, outcome, 401);
/** Everyone who chats and connects accounts: all except auditors. */
const users = (outcome: Outcome) => row(401, outcome, outcome, 403, outcome, 401);
const auditing = (outcome: Outcome) => row(401, 403, 403, outcome, outcome, 401);
const admins = (outcome: Outcome) => row(401, 403, 403, 403, outcome, 401);
/** Member A's alone: to an admin it does not exist either. */
const ownerOnly = (outcome: Outcome) => row(401, outcome, 404, 403, 404, 401);
const navigators = (outcome: Outcome, ofAuditor = outcome) =>
  row(signIn, outcome, outcome, ofAuditor, outcome, signIn);

const assistant: AssistantInput = {
  name: "",
  description: "",
  instructions: "",
  model: "",
  servers: [],
};
const server = serverInput({ url: "http://127.0.0.1:9/mcp" });
const unique = () => crypto.randomUUID();
const group = (name: string) => ({
  name,
  description: "",
  claimValue: "",
  role: null,
  userIds: [],
});
/** Nothing listens there. */
const webhook = {
  ...{ url: "http://127.0.0.1:9/hook", description: "canary-webhook" },
  ...{ eventTypes: ["notice.closed"], enabled: true },
};
const everyone = { access: "EVERYONE", userIds: [], groupIds: [] };

/** Who gets what from each method of each route. A route or a method without a row fails. */
const matrix: Record<string, Row> = {
  "POST /api/account/password": {
    ...people(400),
    json: () => ({ currentPassword: "not the password", newPassword: "another long password" }),
  },
  "GET /api/account/sessions": people(200),
  "DELETE /api/account/sessions": people(204),
  "DELETE /api/account/sessions/[sessionId]": row(401, 204, 404, 404, 404, 401),
  "GET /api/account/always-allowed": people(200),
  "DELETE /api/account/always-allowed/[alwaysAllowedId]": row(401, 204, 404, 404, 404, 401),
  "GET /api/account/two-factor": people(200),
  "POST /api/account/two-factor": {
    ...people(400),
    json: () => ({ password: "not the password" }),
  },
  "PUT /api/account/two-factor": { ...people(409), json: () => ({ code: "guess" }) },
  "POST /api/account/two-factor/recovery-codes": {
    ...people(400),
    json: () => ({ password: "not the password" }),
  },
  "POST /api/account/two-factor/turn-off": {
    ...people(400),
    json: () => ({ password: "not the password" }),
  },
  "GET /api/account/notice-mail": people(200),
  "PUT /api/account/notice-mail": { ...people(204), json: () => ({ noticeMail: "DAILY" }) },
  "GET /api/account/single-sign-on": people(200),
  // This installation has no identity provider: the response leads to a page that says so.
  "POST /api/account/single-sign-on": { ...people(200), json: () => ({}) },
  "DELETE /api/account/single-sign-on": people(204),
  "GET /api/api-keys": people(200),
  "POST /api/api-keys": {
    ...people(201),
    json: () => ({ name: "Key", owner: "person", scopes: ["connections:read"], expiresInDays: 1 }),
  },
  // An admin revokes anyone's.
  "DELETE /api/api-keys/[apiKeyId]": row(401, 204, 404, 404, 204, 401),
  "GET /api/assistants": users(200),
  "POST /api/assistants": { ...admins(201), json: () => ({ ...assistant, name: unique() }) },
  "GET /api/assistants/[assistantId]": admins(200),
  "PUT /api/assistants/[assistantId]": {
    ...admins(200),
    json: () => ({ ...assistant, name: unique() }),
  },
  "DELETE /api/assistants/[assistantId]": admins(204),
  "GET /api/assistants/[assistantId]/servers/[serverId]": admins(200),
  // An assistant without tools: there is nothing to base suggestions on.
  "POST /api/assistants/examples": {
    ...admins(400),
    json: () => ({ description: "", model: "", servers: [] }),
  },
  "GET /api/assistants/form-context": admins(200),
  "GET /api/audit": auditing(200),
  "GET /api/audit/groups": auditing(200),
  "GET /api/audit/export": { ...auditing(200), query: "?format=csv" },
  "GET /api/auth/callback/oidc": {
    ...anybody(`${publicUrl}/sign-in?error=OidcExpired`),
    query: "?state=guessed&code=guessed",
  },
  // A session does not prove that the password was just entered.
  "POST /api/auth/two-factor": { ...anybody(409), json: () => ({ code: "123456" }) },
  "POST /api/auth/signin/oidc": { ...anybody(200), json: () => ({ callbackUrl: "/chat" }) },
  "GET /api/catalogue": admins(200),
  "GET /api/catalogue/[vendorServerId]": admins(200),
  "GET /api/catalogue/match": { ...admins(200), query: "?url=https://mcp.linear.app/mcp" },
  "PUT /api/mcp-servers/[serverId]/switch": { ...admins(200), json: () => ({ on: true }) },
  "POST /api/mcp-servers/[serverId]/duplicate": admins(201),
  // None is set up.
  "GET /api/registry/servers": admins(404),
  "GET /api/registry/servers/versions": { ...admins(404), query: "?name=a/b" },
  "GET /api/chat/assistants": users(200),
  "GET /api/chat/conversations": users(200),
  "POST /api/chat/conversations": {
    ...users(201),
    json: ({ assistantId }) => ({ assistantId }),
  },
  "GET /api/chat/conversations/[conversationId]": ownerOnly(200),
  "PATCH /api/chat/conversations/[conversationId]": {
    ...ownerOnly(200),
    json: () => ({ title: "Another title" }),
  },
  "DELETE /api/chat/conversations/[conversationId]": ownerOnly(204),
  "GET /api/chat/conversations/[conversationId]/messages": {
    ...ownerOnly(200),
    query: "?before=50",
  },
  "POST /api/chat/conversations/[conversationId]/stop": ownerOnly(204),
  "POST /api/chat/conversations/[conversationId]/turn": {
    ...ownerOnly(200),
    json: () => ({ kind: "send", messageId: unique(), text: "Hello" }),
  },
  "POST /api/chat/conversations/[conversationId]/paused-tool-calls/[pausedToolCallId]": {
    ...ownerOnly(200),
    json: () => ({ decision: "skip" }),
  },
  // The owner of this call was not asked anything.
  "POST /api/chat/conversations/[conversationId]/paused-tool-calls/[pausedToolCallId]/input": {
    ...ownerOnly(409),
    json: () => ({ round: 1, key: "0", action: "decline" }),
  },
  // This one waits for its owner's own account.
  "POST /api/chat/conversations/[conversationId]/paused-tool-calls/[pausedToolCallId]/ask-admin":
    ownerOnly(409),
  "GET /api/connections": people(200),
  "GET /api/connections/everyone": auditing(200),
  "POST /api/connections/everyone/revoke": {
    ...admins(200),
    json: ({ connectionId }) => ({ connectionIds: [connectionId] }),
  },
  "POST /api/connections/everyone/[connectionId]/ask-again": admins(200),
  "GET /api/connections/[serverId]": people(200),
  "GET /api/connections/[serverId]/accounts": people(200),
  // No one has connected one.
  "PATCH /api/connections/[serverId]/accounts/[account]": {
    ...users(404),
    json: () => ({ isDefault: true }),
  },
  "POST /api/connections/[serverId]/refresh": users(200),
  // This server asks no one for a key.
  "PUT /api/connections/[serverId]/key": {
    ...users(404),
    json: () => ({ serverVersion: 1, values: {} }),
  },
  "GET /api/cron/refresh-tokens": anybody(401),
  "GET /api/auth/session": anybody(200),
  "GET /api/doctor": admins(200),
  "GET /api/health": anybody(200),
  "GET /api/health/echo": anybody(404),
  "GET /api/health/live": anybody(200),
  "GET /api/health/ready": anybody(200),
  "GET /api/metrics": anybody(404),
  "POST /api/invitations/accept": {
    ...anybody(404),
    json: () => ({ token: "guessed", name: "Eve", password: "a long enough password" }),
  },
  "GET /api/groups": admins(200),
  "POST /api/groups": { ...admins(201), json: () => group(unique()) },
  "GET /api/groups/[groupId]": admins(200),
  "PUT /api/groups/[groupId]": { ...admins(200), json: () => group(unique()) },
  "DELETE /api/groups/[groupId]": admins(204),
  "GET /api/assistants/[assistantId]/access": admins(200),
  "PUT /api/assistants/[assistantId]/access": { ...admins(200), json: () => everyone },
  "GET /api/mcp-servers/[serverId]/access": admins(200),
  "GET /api/mcp-servers/[serverId]/access/people": admins(200),
  "GET /api/people/[userId]/access": admins(200),
  "PUT /api/mcp-servers/[serverId]/access": { ...admins(200), json: () => everyone },
  "GET /api/mcp-servers": admins(200),
  "POST /api/mcp-servers": { ...admins(201), json: () => ({ ...server, name: unique() }) },
  "GET /api/mcp-servers/[serverId]": admins(200),
  "PUT /api/mcp-servers/[serverId]": {
    ...admins(200),
    json: () => ({ ...server, name: unique() }),
  },
  "DELETE /api/mcp-servers/[serverId]": admins(204),
  "POST /api/mcp-servers/[serverId]/authorizations": users(201),
  // Requested in a session of member A.
  "GET /api/mcp-servers/[serverId]/authorizations/[authorizationId]": ownerOnly(200),
  "DELETE /api/mcp-servers/[serverId]/authorizations/[authorizationId]": row(
    ...([401, 204, 403, 403, 403, 401] as const),
  ),
  "GET /api/mcp-servers/[serverId]/flows": admins(200),
  "GET /api/mcp-servers/[serverId]/support-bundle": admins(200),
  "POST /api/mcp-servers/[serverId]/test": admins(200),
  "GET /api/mcp-servers/[serverId]/tools": admins(200),
  "POST /api/mcp-servers/[serverId]/tools": admins(200),
  "GET /api/mcp-servers/[serverId]/tool-reviews": admins(200),
  // Nothing of that name is listed.
  "POST /api/mcp-servers/[serverId]/tool-reviews": {
    ...admins(409),
    json: () => ({ tools: [{ toolName: "gone", fingerprint: "0".repeat(64) }] }),
  },
  "POST /api/mcp-servers/discover": {
    ...admins(200),
    json: () => ({ url: "http://127.0.0.1:9/mcp" }),
  },
  "GET /api/mcp-servers/form-context": admins(200),
  "GET /api/notices": users(200),
  "GET /api/openapi.json": anybody(200),
  "GET /api/people": admins(200),
  "GET /api/people/[userId]": admins(200),
  "GET /api/people/[userId]/receipts": admins(200),
  // The session is member A's, and not this person's.
  "DELETE /api/people/[userId]/sessions/[sessionId]": admins(404),
  "GET /api/people/[userId]/always-allowed": admins(200),
  // It is member A's, and not this person's.
  "DELETE /api/people/[userId]/always-allowed/[alwaysAllowedId]": admins(404),
  "DELETE /api/people/[userId]": admins(200),
  "PATCH /api/people/[userId]": { ...admins(200), json: () => ({ role: "ADMIN" }) },
  "DELETE /api/people/[userId]/single-sign-on": admins(204),
  // They have none.
  "DELETE /api/people/[userId]/two-factor": admins(409),
  "POST /api/people/invitations": {
    ...admins(201),
    json: () => ({ email: `${unique()}@example.com`, role: "ADMIN" }),
  },
  "POST /api/people/invitations/batch": {
    ...admins(201),
    json: () => ({ text: `${unique()}@example.com`, role: "MEMBER" }),
  },
  "DELETE /api/people/invitations/[invitationId]": admins(204),
  "POST /api/people/[userId]/reset-link": admins(201),
  "POST /api/reset-password": {
    ...anybody(404),
    json: () => ({ token: "guessed", password: "a long enough password" }),
  },
  // This installation sends no mail.
  "POST /api/forgot-password": { ...anybody(404), json: () => ({ email: "ada@example.com" }) },
  "GET /api/refreshes": auditing(200),
  "POST /api/refreshes": admins(200),
  "GET /api/get-started": admins(200),
  "PUT /api/get-started": { ...admins(200), json: () => ({ dismissed: true }) },
  "GET /api/models": admins(200),
  "PUT /api/models/default": { ...admins(200), json: () => ({ id: null }) },
  "POST /api/models/offered": { ...admins(400), json: () => ({ name: "nobody/has-it" }) },
  "PUT /api/models/offered/[modelId]": {
    ...admins(200),
    json: () => ({ label: "Small", audience: "ADMINS" }),
  },
  "DELETE /api/models/offered/[modelId]": admins(204),
  "POST /api/models/providers": {
    ...admins(201),
    json: () => ({
      kind: "openai-compatible",
      name: `own-${unique().slice(0, 8)}`,
      baseUrl: "http://127.0.0.1:9/v1",
    }),
  },
  "PATCH /api/models/providers/[providerName]": {
    ...admins(200),
    json: () => ({ enabled: false }),
  },
  "DELETE /api/models/providers/[providerName]": admins(204),
  // Nothing listens there: the answer says so.
  "GET /api/models/providers/[providerName]/models": admins(200),
  "POST /api/models/providers/[providerName]/test": {
    ...admins(200),
    json: () => ({ model: "small" }),
  },
  "GET /api/settings": admins(200),
  "POST /api/settings/public-url-check": admins(200),
  "POST /api/setup": {
    ...anybody(400),
    json: () => ({
      code: "guessed",
      name: "Eve",
      email: "eve@example.com",
      password: "a long enough password",
    }),
  },
  "GET /api/webhooks": admins(200),
  "POST /api/webhooks": { ...admins(201), json: () => webhook },
  "GET /api/webhooks/[webhookId]": admins(200),
  "PUT /api/webhooks/[webhookId]": { ...admins(200), json: () => webhook },
  "DELETE /api/webhooks/[webhookId]": admins(204),
  "POST /api/webhooks/[webhookId]/secret": admins(200),
  "POST /api/webhooks/[webhookId]/test": admins(200),
  "GET /api/webhooks/[webhookId]/deliveries": admins(200),
  "GET /api/webhooks/[webhookId]/deliveries/[deliveryId]": admins(200),
  "POST /api/webhooks/[webhookId]/deliveries/[deliveryId]/resend": admins(200),
  "GET /oauth/authorize/[serverId]": navigators(provider, `${publicUrl}/oauth/complete?server=`),
  "GET /oauth/callback": {
    ...navigators(`${publicUrl}/oauth/refused?reason=`),
    query: "?state=guessed&code=guessed",
  },
  // It only leads to the row above, with the answer of the form.
  "POST /oauth/callback": anybody(`${publicUrl}/oauth/callback?`),
  // Providers fetch it over https, which this installation does not have.
  "GET /oauth/client-metadata": anybody(404),
  "GET /oauth/jwks": anybody(200),
  "POST /oauth/revoke/[serverId]": { ...admins(200), json: () => ({ what: "server" }) },
};

/** A provider's page posts here; the answer only sends the browser to the same path with GET. */
const fromElsewhere = ["POST /oauth/callback"];

/** next-auth's own handlers work inside Next only; the Playwright tests sign in through them. */
const elsewhere = ["GET /api/auth/[...nextauth]", "POST /api/auth/[...nextauth]"];

type Handler = Parameters<Visitor["visit"]>[0];
const methods = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"] as const;
const handlers = new Map<string, Handler>();
const visitors = {} as Record<Role, Visitor>;
/** API keys by their permissions. */
const keys = { noScopes: "", service: "" };
let usher: Installation;

beforeAll(async () => {
  for (const file of readdirSync(path.join(root, "app"), { recursive: true, encoding: "utf8" })) {
    if (!/(^|\/)route\.tsx?$/.test(file)) continue;
    const exported = await import(/* @vite-ignore */ path.join(root, "app", file));
    for (const method of methods) {
      if (exported[method]) handlers.set(`${method} ${pathOf(file)}`, exported[method]);
    }
  }
  usher = await startInstallation();
  visitors.admin = await usher.join("ADMIN");
  visitors.memberA = await usher.join("MEMBER", "Ada Member");
  visitors.memberB = await usher.join("MEMBER", "Bob Member");
  visitors.auditor = await usher.join("AUDITOR", "Abe Auditor");
  visitors.anonymous = new Visitor(visitors.admin.user, {});
  visitors.disabled = await usher.join("ADMIN", "Dan Disabled");
  await usher.app.db.user.update({
    where: { id: visitors.disabled.user.id },
    data: { disabledAt: new Date() },
  });
  keys.noScopes = await keyOf({ userId: visitors.admin.user.id, scopes: [] });
  keys.service = await keyOf({ role: "ADMIN", scopes: [...apiScopes] });
});
afterAll(() => usher.close());

async function keyOf(what: { userId?: string; role?: "ADMIN"; scopes: string[] }) {
  const { secret, keyHash, prefix } = createApiKey();
  // Its use is recorded alongside the request, which would count as a change.
  const lastUsedAt = new Date(Date.now() + 24 * 60 * 60_000);
  await usher.app.db.apiKey.create({
    data: { ...what, name: "Key", keyHash, prefix, createdAt: new Date(), lastUsedAt },
  });
  return secret;
}

/** As Next derives it: a folder in parentheses is not part of the path. */
function pathOf(file: string): string {
  const folders = path.dirname(file).split(path.sep);
  return `/${folders.filter((each) => !/^\(.*\)$/.test(each)).join("/")}`;
}

async function setStage(): Promise<Stage> {
  const { db } = usher.app;
  // A session not seen for minutes is recorded as seen, whatever its request may do.
  await db.session.updateMany({ data: { lastSeenAt: new Date() } });
  const serverId = await createServer(
    usher.app,
    serverInput({
      name: `canary-server ${unique()}`,
      url: "http://127.0.0.1:9/mcp",
      authentication: "OAUTH",
      oauth: {
        clientId: "client",
        clientSecret: "canary-secret",
        authorizationEndpoint: provider,
        tokenEndpoint: "https://as.example.com/token",
        tokenSharing: "PER_USER",
      },
    }),
  );
  const { id: assistantId } = await db.assistant.create({
    data: {
      ...{ name: `Guide ${unique()}`, instructions: "canary-instructions" },
      servers: { create: { serverId } },
    },
  });
  const userId = visitors.memberA.user.id;
  const conversation = await db.conversation.create({
    data: { userId, assistantId, title: "canary-conversation" },
  });
  const paused = await db.pausedToolCall.create({
    data: {
      conversationId: conversation.id,
      serverId,
      toolCallId: unique(),
      toolName: "canary-tool",
      input: {},
      state: "AWAITING_CONFIRMATION",
    },
  });
  const invitation = await db.invitation.create({
    data: {
      email: "canary-invited@example.com",
      tokenHash: unique(),
      expiresAt: new Date(Date.now() + 60_000),
      invitedById: visitors.admin.user.id,
    },
  });
  const person = await db.user.create({
    data: {
      email: `canary-${unique()}@example.com`,
      name: "Throwaway",
      passwordHash: "canary-secret-hash",
    },
  });
  const connection = await db.storedTokenSet.create({
    data: {
      ...{ serverId, ownerKey: person.id, userId: person.id, accountName: "canary-account" },
      ...{ accessTokenSealed: "v1.key.salt.nonce.box", obtainedAt: new Date() },
    },
  });
  const session = await db.session.create({
    data: {
      ...{ userId, sessionVersion: 1, method: "password", userAgent: "canary-browser" },
      ...{ lastSeenAt: new Date(), createdAt: new Date() },
      expiresAt: new Date(Date.now() + 60_000),
    },
  });
  const allowed = await db.alwaysAllowedTool.create({
    data: {
      ...{ userId, assistantId, serverId, toolName: unique(), toolTitle: "canary-title" },
      ...{ fingerprint: "canary", endpoint: "canary", createdAt: new Date() },
    },
  });
  const apiKey = await db.apiKey.create({
    data: {
      ...{ name: "canary-key", keyHash: unique(), prefix: "ush_canary", scopes: [] },
      ...{ userId, createdById: userId, createdAt: new Date() },
    },
  });
  const link = await db.authorizationLink.create({
    data: {
      ...{ serverId, ownerKey: userId, userId, createdAt: new Date() },
      expiresAt: new Date(Date.now() + 60_000),
    },
  });
  const { id: groupId } = await db.group.create({ data: { name: `canary-group ${unique()}` } });
  const providerName = `canary-${unique()}`;
  await db.modelProvider.create({
    data: { kind: "openai-compatible", name: providerName, baseUrl: "http://127.0.0.1:9/v1" },
  });
  const model = await db.offeredModel.create({ data: { name: `${providerName}/small` } });
  const webhookId = unique();
  // Only a few may exist.
  await db.webhook.deleteMany();
  const secretSealed = sealSigningSecret(usher.app.keyring, webhookId, "secretSealed", "whsec_");
  await db.webhook.create({ data: { ...webhook, id: webhookId, secretSealed } });
  const event = { id: unique(), type: "notice.closed", at: new Date(), data: { is: "canary" } };
  await db.webhookEvent.create({ data: event });
  const delivery = await db.webhookDelivery.create({
    data: { webhookId, eventId: event.id, createdAt: event.at, state: "DELIVERED" },
  });
  return {
    ...{ webhookId, deliveryId: delivery.id },
    serverId,
    connectionId: connection.id,
    vendorServerId: "linear",
    assistantId,
    authorizationId: link.id,
    groupId,
    providerName,
    modelId: model.id,
    sessionId: session.id,
    alwaysAllowedId: allowed.id,
    apiKeyId: apiKey.id,
    conversationId: conversation.id,
    pausedToolCallId: paused.id,
    invitationId: invitation.id,
    userId: person.id,
  };
}

/** Otherwise each row's lists and digests would be longer than those of the row before. */
async function clearStages(): Promise<void> {
  const { db } = usher.app;
  await db.conversation.deleteMany();
  await db.assistant.deleteMany();
  await db.mcpServer.deleteMany();
  await db.user.deleteMany({ where: { email: { startsWith: "canary-" } } });
  await db.invitation.deleteMany();
  await db.group.deleteMany();
  await db.offeredModel.deleteMany();
  await db.modelProvider.deleteMany();
  await db.webhookEvent.deleteMany();
}

async function call(
  name: string,
  role: Role,
  stage: Stage,
  headers: Record<string, string> = {},
  query = "",
) {
  const [method = "", pattern = ""] = name.split(" ");
  const handler = handlers.get(name);
  const expected = matrix[name];
  if (!handler || !expected) throw new Error(`There is no ${name}`);
  const filled = pattern.replace(/\[(\w+)\]/g, (_, param: keyof Stage) => stage[param]);
  const response = await visitors[role].visit(handler, {
    path: `${filled}${expected.query ?? "?"}&${query}`,
    method,
    params: { ...stage },
    ...(expected.json ? { json: expected.json(stage) } : {}),
    headers,
  });
  const location = response.headers.get("location");
  return { status: response.status, location, body: await response.text() };
}

/** After all their sessions have ended. */
async function comeBackAs(role: Role): Promise<void> {
  const { id } = visitors[role].user;
  const user = await usher.app.db.user.findUniqueOrThrow({ where: { id } });
  visitors[role] = await visitorFor(usher.app, user);
}

function expectOutcome(answer: Awaited<ReturnType<typeof call>>, outcome: Outcome): void {
  if (typeof outcome === "number") expect(answer.status).toBe(outcome);
  else expect(answer.location?.slice(0, outcome.length)).toBe(outcome);
}

const isRefusal = (outcome: Outcome) =>
  typeof outcome === "number" ? outcome >= 400 : outcome !== provider;

/** From every row of every table that a person can change; counters and the audit are irrelevant. */
async function digest(): Promise<string> {
  const tables = await usher.app.db.$queryRaw<{ name: string }[]>`
    SELECT table_name AS "name" FROM information_schema.tables WHERE table_schema = 'public'
      AND table_name NOT IN ('RateLimit', 'AuditEvent', 'SweepRun') ORDER BY table_name`;
  const digests = await Promise.all(
    tables.map(({ name }) =>
      usher.app.db.$queryRawUnsafe(
        `SELECT md5(coalesce(string_agg(t::text, ',' ORDER BY t::text), '')) FROM "${name}" t`,
      ),
    ),
  );
  return JSON.stringify(digests);
}

const forgeries: Record<string, Record<string, string>> = {
  "as it is": {},
  "with x-middleware-subrequest": {
    "x-middleware-subrequest": "proxy:proxy:proxy:proxy:proxy",
    "x-nextjs-data": "1",
  },
  "with another Host": {
    host: "attacker.example",
    "x-forwarded-host": "attacker.example",
    "x-forwarded-proto": "https",
    "x-original-url": "/api/health",
    "x-rewrite-url": "/api/health",
  },
};

function foundRoutes(): string[] {
  const files = readdirSync(path.join(root, "app"), { recursive: true, encoding: "utf8" });
  return files
    .filter((file) => /(^|\/)route\.tsx?$/.test(file))
    .flatMap((file) => {
      const source = readFileSync(path.join(root, "app", file), "utf8");
      return methods
        .filter((method) =>
          new RegExp(`export (const|(async )?function) ${method}\\b|as ${method}\\b`).test(source),
        )
        .map((method) => `${method} ${pathOf(file)}`);
    });
}

describe("the role matrix", () => {
  it("has a row for every method of every route, and no extra rows", () => {
    expect([...handlers.keys()].toSorted()).toEqual(
      [...Object.keys(matrix), ...elsewhere].toSorted(),
    );
  });

  it("has no server action, which no row would cover", () => {
    const actions = ["app", "components", "lib"].flatMap((folder) =>
      readdirSync(path.join(root, folder), { recursive: true, encoding: "utf8" })
        .filter((file) => /\.tsx?$/.test(file))
        .filter((file) =>
          /^\s*["']use server["']/m.test(readFileSync(path.join(root, folder, file), "utf8")),
        ),
    );
    expect(actions).toEqual([]);
  });

  describe.each(foundRoutes().filter((name) => !elsewhere.includes(name)))("%s", (name) => {
    const expected = () => {
      const found = matrix[name];
      if (!found) throw new Error(`Say in the matrix who may ${name}`);
      return found;
    };

    /** For requests that are refused: each test shows that it is as it was. */
    let untouched: Stage;
    beforeAll(async () => {
      untouched = await setStage();
    });
    afterAll(clearStages);

    it("refuses unauthorized callers, however the request is dressed up, reveals nothing and changes nothing", async () => {
      const row = expected();
      const before = await digest();
      for (const role of roles.filter((each) => isRefusal(row[each]))) {
        for (const headers of Object.values(forgeries)) {
          const answer = await call(name, role, untouched, headers);
          expectOutcome(answer, row[role]);
          expect(answer.body).not.toContain("canary");
        }
      }
      expect(await digest()).toBe(before);
      await usher.app.db.rateLimit.deleteMany();
    });

    const isChange = !name.startsWith("GET ");
    const end = fromElsewhere.includes(name) ? "answers as to a link" : "refuses";
    it.runIf(isChange)(`${end} everyone from another origin, and changes nothing`, async () => {
      const before = await digest();
      for (const role of roles) {
        for (const origin of [
          "https://attacker.example",
          "null",
          `${publicUrl}.attacker.example`,
        ]) {
          const answer = await call(name, role, untouched, { origin });
          if (end === "refuses") expect(answer.status).toBe(403);
          else expectOutcome(answer, expected()[role]);
          expect(answer.body).not.toContain("canary");
        }
      }
      expect(await digest()).toBe(before);
    });

    const isPublic = () => {
      const { anonymous, memberA, memberB, admin } = expected();
      return [memberA, memberB, admin].every((outcome) => outcome === anonymous);
    };
    it.runIf(matrix[name] && !isPublic())(
      "serves no page of another person, and changes nothing",
      async () => {
        const row = expected();
        const before = await digest();
        for (const role of ["memberA", "memberB", "admin"] as const) {
          const other = visitors[role === "admin" ? "memberA" : "admin"].user;
          const [byHeader, byLink] = [
            await call(name, role, untouched, { "x-usher-person": other.id }),
            await call(name, role, untouched, {}, `${personParameter}=${other.id}`),
          ];
          for (const answer of [byHeader, byLink]) {
            if (typeof row[role] === "number") {
              expect(answer.status).toBe(409);
              expect(JSON.parse(answer.body).error).toMatchObject({
                code: "other_person",
                message: `You are signed in as ${visitors[role].user.email}.`,
              });
            } else {
              expect(answer.location).toMatch(/(authorization_error|reason)=other_person/);
            }
          }
        }
        expect(await digest()).toBe(before);
        await usher.app.db.rateLimit.deleteMany();
      },
    );

    it.runIf(matrix[name] && !isPublic())(
      "refuses a key without scopes, and does not fail for a service that has no account",
      async () => {
        const before = await digest();
        const bare = { authorization: `Bearer ${keys.noScopes}`, cookie: "" };
        const refused = await call(name, "anonymous", untouched, bare);
        if (typeof expected().admin === "number") {
          expect(refused.status).toBe(403);
          expect(JSON.parse(refused.body).error.message).toMatch(/API key/);
        } else {
          expect(refused.location).toMatch(/=forbidden$/);
        }
        expect(await digest()).toBe(before);
        const service = { authorization: `Bearer ${keys.service}`, cookie: "" };
        const answer = await call(name, "anonymous", await setStage(), service);
        expect(answer.status, answer.body).toBeLessThan(500);
        expect(answer.body).not.toContain("canary-secret");
        await usher.settle();
        await usher.app.db.rateLimit.deleteMany();
      },
    );

    it("serves authorized callers, and sends no one to a host that the request named", async () => {
      const row = expected();
      for (const role of roles.filter((each) => !isRefusal(row[each]))) {
        const own = { "x-usher-person": visitors[role].user.id };
        const headers = { ...forgeries["with another Host"], ...own };
        const answer = await call(name, role, await setStage(), headers);
        expectOutcome(answer, row[role]);
        expect(answer.body + answer.location).not.toContain("attacker.example");
        expect(answer.body).not.toContain("canary-secret");
        if (name === "DELETE /api/account/sessions") await comeBackAs(role);
      }
      await usher.settle();
      await usher.app.db.rateLimit.deleteMany();
    });
  });
});

describe("member B", () => {
  const list = (name: string, role: Role, stage: Stage) => call(name, role, stage);

  it("does not find member A's conversations in a list, and neither does an admin", async () => {
    const stage = await setStage();
    const name = "GET /api/chat/conversations";
    expect((await list(name, "memberA", stage)).body).toContain(stage.conversationId);
    for (const role of ["memberB", "admin"] as const) {
      expect((await list(name, role, stage)).body).not.toContain("canary-conversation");
    }
  });

  it("sees and ends only their own connection", async () => {
    const stage = await setStage();
    const { serverId } = stage;
    const owner = { serverId, ownerKey: visitors.memberA.user.id };
    const tokens = {
      accessToken: "canary-token",
      refreshToken: "canary-refresh",
      tokenType: "Bearer",
      scope: "canary-scope",
      expiresAt: null,
      obtainedAt: new Date(),
    };
    await usher.app.db.storedTokenSet.create({
      data: { ...owner, userId: owner.ownerKey, ...sealTokens(usher.app.keyring, owner, tokens) },
    });
    const view = async (role: Role) =>
      JSON.parse((await list("GET /api/connections/[serverId]", role, stage)).body).connection;
    expect(await view("memberA")).toMatchObject({
      standing: { status: "connected" },
      scope: "canary-scope",
    });
    for (const role of ["memberB", "admin"] as const) {
      expect(await view(role)).toMatchObject({
        standing: { status: "not_connected" },
        scope: null,
      });
      expect((await list("GET /api/connections", role, stage)).body).not.toContain("canary-scope");
    }

    const revoke = handlers.get("POST /oauth/revoke/[serverId]");
    if (!revoke) throw new Error("There is no way to revoke");
    for (const role of ["memberB", "admin"] as const) {
      const path = `/oauth/revoke/${serverId}`;
      const visit = { path, params: { serverId }, json: { what: "mine" } };
      const response = await visitors[role].visit(revoke, visit);
      expect(await response.json()).toMatchObject({ deleted: 0 });
    }
    expect(await usher.app.db.storedTokenSet.count({ where: owner })).toBe(1);
  });
});

function row(
  anonymous: Outcome,
  memberA: Outcome,
  memberB: Outcome,
  auditor: Outcome,
  admin: Outcome,
  disabled: Outcome,
): Row {
  return { anonymous, memberA, memberB, auditor, admin, disabled };
}
