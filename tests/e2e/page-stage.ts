import { randomUUID } from "node:crypto";
import type { InviteInput } from "@/lib/contracts/people/person";
import type { WebhookInput } from "@/lib/contracts/webhooks";
import { expect, type People } from "@/tests/e2e/fixtures";
import type { Account, Stage } from "@/tests/e2e/stage";

export const roles = ["anonymous", "memberA", "memberB", "auditor", "admin", "disabled"] as const;
export type Role = (typeof roles)[number];

/** A stored text that only some people may see. */
export interface Canary {
  name: string;
  value: string;
  maySee: readonly Role[];
  /** Where one of these people does find it, which proves that it is stored. */
  foundBy: readonly [Role, string];
  /** The page that shows it to anyone who has its URL. */
  shownAt?: string;
}

export interface PageStage {
  readonly origin: string;
  /** What the person's browser would send; empty if signed out. */
  readonly cookies: Readonly<Record<Role, string>>;
  readonly canaries: readonly Canary[];
  /** A page's URL, with member A's conversation and canaries in place of its parameters. */
  pathOf(page: string): string;
}

/** People of each role, and something of each kind that some of them must not see. */
export async function setPageStage(stage: Stage, people: People): Promise<PageStage> {
  const accounts = {
    memberA: await people.join("Ada Pagematrix"),
    memberB: await people.join("Bob Pagematrix"),
    auditor: await people.join("Abe Pagematrix", "AUDITOR"),
    disabled: await people.join("Dan Pagematrix", "ADMIN"),
  };
  const cookies = {
    anonymous: "",
    memberA: await cookieOf(people, accounts.memberA),
    memberB: await cookieOf(people, accounts.memberB),
    auditor: await cookieOf(people, accounts.auditor),
    admin: await cookieOf(people, stage.admin),
    disabled: await cookieOf(people, accounts.disabled),
  };
  const admin = await people.api(stage.admin);
  const dan = await userId(stage, accounts.disabled);
  const disabling = await admin.patch(`/api/people/${dan}`, { data: { disabled: true } });
  expect(disabling.ok(), await disabling.text()).toBe(true);

  const email = `${randomUUID()}@usher.example`;
  const invited = await admin.post("/api/people/invitations", {
    data: { email, role: "MEMBER" } satisfies InviteInput,
  });
  const { link } = (await invited.json()) as { link: string };
  const token = new URL(link).pathname.split("/").at(-1) ?? "";

  const resetLink = await people.resetLink(accounts.memberB);
  const resetToken = new URL(resetLink).pathname.split("/").at(-1) ?? "";

  const groupId = randomUUID();
  const webhookAnswer = await admin.post("/api/webhooks", {
    data: {
      ...{ url: "http://127.0.0.1:9/hook", description: `canary-${randomUUID()}` },
      ...{ eventTypes: ["notice.opened"], enabled: true },
    } satisfies WebhookInput,
  });
  const { id: webhookId, description: webhook } = (await webhookAnswer.json()).webhook;
  const ada = await userId(stage, accounts.memberA);
  const stored = await storeCanaries(stage, ada);
  const { serverId, assistantId, conversationId } = stored.ids;
  const users = ["memberA", "memberB", "admin"] as const;
  const team = [...users, "auditor"] as const;
  const canary = (
    name: string,
    value: string,
    maySee: readonly Role[],
    ...foundBy: [Role, string]
  ): Canary => ({ name, value, maySee, foundBy });
  const { texts } = stored;
  const server = `/api/mcp-servers/${serverId}`;
  const conversation = `/api/chat/conversations/${conversationId}`;
  return {
    origin: stage.url,
    cookies,
    canaries: [
      canary("a server's id", serverId, team, "admin", server),
      canary("a server's name", texts.serverName, team, "admin", server),
      canary("a server's address", texts.serverUrl, ["admin"], "admin", server),
      canary("a tool", texts.tool, ["admin"], "admin", server),
      canary("an assistant's id", assistantId, users, "admin", "/api/assistants"),
      canary(
        "instructions",
        texts.instructions,
        ["admin"],
        "admin",
        `/api/assistants/${assistantId}`,
      ),
      canary("a person's id", ada, ["memberA", "admin"], "admin", "/api/people"),
      canary("a person's name", "Ada Pagematrix", ["memberA", "admin"], "admin", "/api/people"),
      canary(
        "an address",
        accounts.memberA.email,
        ["memberA", "admin"],
        "memberA",
        "/settings/account",
      ),
      {
        ...canary("who was invited", email, ["admin"], "admin", "/api/people"),
        shownAt: "/invite/[token]",
      },
      {
        ...canary(
          "whose password is reset",
          accounts.memberB.email,
          ["memberB", "admin"],
          ...(["memberB", "/settings/account"] as const),
        ),
        shownAt: "/reset-password/[resetToken]",
      },
      canary("a webhook", webhook, ["admin"], "admin", `/api/webhooks/${webhookId}`),
      canary("an audit event", texts.audit, ["admin", "auditor"], "admin", "/api/audit"),
      canary("a conversation's id", conversationId, ["memberA"], "memberA", conversation),
      canary("a conversation's title", texts.title, ["memberA"], "memberA", conversation),
      canary("a message", texts.message, ["memberA"], "memberA", conversation),
      canary("a scope", texts.scope, ["memberA"], "memberA", `/api/connections/${serverId}`),
    ],
    pathOf: (page) =>
      page
        .replace("[userId]", ada)
        .replace("[groupId]", groupId)
        .replace("[webhookId]", webhookId)
        .replace("[serverId]", serverId)
        .replace("[assistantId]", assistantId)
        .replace("[conversationId]", conversationId)
        .replace("[userId]", ada)
        .replace("[resetToken]", resetToken)
        .replace("[token]", token),
  };
}

async function cookieOf(people: People, account: Account): Promise<string> {
  const { cookies } = await (await people.api(account)).storageState();
  return cookies.map(({ name, value }) => `${name}=${value}`).join("; ");
}

async function userId(stage: Stage, { email }: Account): Promise<string> {
  const [row] = await stage.query<{ id: string }>('SELECT "id" FROM "User" WHERE "email" = $1', [
    email,
  ]);
  if (!row) throw new Error(`Nobody has the address ${email}.`);
  return row.id;
}

async function storeCanaries(stage: Stage, owner: string) {
  const ids = {
    serverId: randomUUID(),
    assistantId: randomUUID(),
    conversationId: randomUUID(),
  };
  const word = () => `canary-${randomUUID()}`;
  const texts = {
    serverName: word(),
    serverUrl: `https://${word()}.example/mcp`,
    tool: word(),
    instructions: word(),
    audit: word(),
    title: word(),
    message: word(),
    scope: word(),
  };
  const { serverId, assistantId, conversationId } = ids;
  await stage.query(
    `INSERT INTO "McpServer" ("id", "name", "transport", "url", "authentication", "updatedAt")
     VALUES ($1, $2, 'STREAMABLE_HTTP', $3, 'OAUTH', now())`,
    [serverId, texts.serverName, texts.serverUrl],
  );
  await stage.query(
    `INSERT INTO "OAuthClient" ("id", "serverId", "clientId", "authorizationEndpoint", "tokenEndpoint",
       "tokenSharing", "updatedAt")
     VALUES ($1, $2, 'client', 'https://as.example/authorize', 'https://as.example/token', 'PER_USER', now())`,
    [randomUUID(), serverId],
  );
  await stage.query(
    `INSERT INTO "ToolCatalogue" ("serverId", "tools", "serverVersion", "fetchedAt") VALUES ($1, $2, 1, now())`,
    [
      serverId,
      JSON.stringify([{ name: texts.tool, description: "", inputSchema: {}, annotations: {} }]),
    ],
  );
  await stage.query(
    `INSERT INTO "StoredTokenSet" ("id", "serverId", "ownerKey", "userId", "accessTokenSealed", "scope",
       "obtainedAt", "updatedAt")
     VALUES ($1, $2, $3, $3, 'v1.key.salt.nonce.box', $4, now(), now())`,
    [randomUUID(), serverId, owner, texts.scope],
  );
  await stage.query(
    `INSERT INTO "Assistant" ("id", "name", "instructions", "updatedAt") VALUES ($1, $2, $3, now())`,
    [assistantId, word(), texts.instructions],
  );
  await stage.query(
    `INSERT INTO "Conversation" ("id", "userId", "assistantId", "title", "updatedAt")
     VALUES ($1, $2, $3, $4, now())`,
    [conversationId, owner, assistantId, texts.title],
  );
  await stage.query(
    `INSERT INTO "Message" ("id", "conversationId", "position", "role", "parts", "updatedAt")
     VALUES ($1, $2, 0, 'user', $3, now())`,
    [randomUUID(), conversationId, JSON.stringify([{ type: "text", text: texts.message }])],
  );
  await stage.query(
    `INSERT INTO "AuditEvent" ("id", "action", "actorEmail") VALUES ($1, 'sign-in.refused', $2)`,
    [randomUUID(), texts.audit],
  );
  return { ids, texts };
}
