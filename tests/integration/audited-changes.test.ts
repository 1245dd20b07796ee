import { afterEach, beforeEach, expect, test } from "vitest";
import { POST as changePassword } from "@/app/api/account/password/route";
import { DELETE as endSessions } from "@/app/api/account/sessions/route";
import { DELETE as revokeKey } from "@/app/api/api-keys/[apiKeyId]/route";
import { POST as createKey } from "@/app/api/api-keys/route";
import { PUT as assistantAccess } from "@/app/api/assistants/[assistantId]/access/route";
import {
  PUT as changeAssistant,
  DELETE as deleteAssistant,
} from "@/app/api/assistants/[assistantId]/route";
import { POST as createAssistant } from "@/app/api/assistants/route";
import { PUT as changeGroup, DELETE as deleteGroup } from "@/app/api/groups/[groupId]/route";
import { POST as createGroup } from "@/app/api/groups/route";
import { PUT as serverAccess } from "@/app/api/mcp-servers/[serverId]/access/route";
import { POST as duplicateServer } from "@/app/api/mcp-servers/[serverId]/duplicate/route";
import {
  PUT as changeServer,
  DELETE as deleteServer,
} from "@/app/api/mcp-servers/[serverId]/route";
import { PUT as switchServer } from "@/app/api/mcp-servers/[serverId]/switch/route";
import { POST as createServer } from "@/app/api/mcp-servers/route";
import { PUT as chooseDefault } from "@/app/api/models/default/route";
import {
  PUT as changeModel,
  DELETE as withdrawModel,
} from "@/app/api/models/offered/[modelId]/route";
import { POST as offerModel } from "@/app/api/models/offered/route";
import {
  PATCH as changeProvider,
  DELETE as removeProvider,
} from "@/app/api/models/providers/[providerName]/route";
import { POST as addProvider } from "@/app/api/models/providers/route";
import { POST as createResetLink } from "@/app/api/people/[userId]/reset-link/route";
import { PATCH as changePerson } from "@/app/api/people/[userId]/route";
import { DELETE as endSessionOf } from "@/app/api/people/[userId]/sessions/[sessionId]/route";
import { DELETE as unlink } from "@/app/api/people/[userId]/single-sign-on/route";
import { DELETE as resetTwoFactor } from "@/app/api/people/[userId]/two-factor/route";
import { DELETE as withdrawInvitation } from "@/app/api/people/invitations/[invitationId]/route";
import { POST as invitePerson } from "@/app/api/people/invitations/route";
import { type Installation, startInstallation } from "@/tests/support/installation";
import { nowhere, serverInput } from "@/tests/support/server-input";
import type { Visitor } from "@/tests/support/visitor";

let usher: Installation;
let admin: Visitor;
/** By the name of their parameter in a route. */
let ids: Record<string, string>;

type Handler = Parameters<Visitor["visit"]>[0];
type Method = "POST" | "PUT" | "PATCH" | "DELETE";

/** @param path with parameters in brackets, as in the route's file */
const request = (handler: Handler, method: Method, path: string, json?: () => object) => () =>
  admin.visit(handler, {
    path: `/api/${path.replace(/\[(\w+)\]/g, (_, name: string) => ids[name] ?? "")}`,
    ...{ params: ids, method, ...(json ? { json: json() } : {}) },
  });

const assistant = (name: string) => ({
  ...{ name, description: "", instructions: "", model: "" },
  servers: [{ serverId: ids.serverId, allTools: true, toolNames: [] }],
});
const server = (name: string) => serverInput({ name, url: nowhere });
const group = (name: string) => ({
  ...{ name, description: "", claimValue: "", role: null },
  userIds: [ids.userId],
});
const access = () => ({ access: "CHOSEN", userIds: [ids.userId], groupIds: [ids.groupId] });
const key = { name: "CI", owner: "person", scopes: ["servers:read"], expiresInDays: null };
const provider = { kind: "openai-compatible", name: "own", baseUrl: "https://models.example.com" };
const model = (name: string) => ({ name: `own/${name}`, label: "", audience: "EVERYONE" });
const password = () => ({
  ...{ currentPassword: `password of ${admin.user.email}`, newPassword: "another long password" },
});

const changes: Record<string, () => Promise<Response>> = {
  "server.create": request(createServer, "POST", "mcp-servers", () => server("New")),
  "server.change": request(changeServer, "PUT", "mcp-servers/[serverId]", () => server("Changed")),
  "server.create (a copy)": request(
    ...([duplicateServer, "POST", "mcp-servers/[serverId]/duplicate"] as const),
  ),
  "server.delete": request(deleteServer, "DELETE", "mcp-servers/[serverId]"),
  "server.switch-off": request(switchServer, "PUT", "mcp-servers/[serverId]/switch", () => ({
    on: false,
  })),
  "server.access": request(serverAccess, "PUT", "mcp-servers/[serverId]/access", access),
  "assistant.create": request(createAssistant, "POST", "assistants", () => assistant("New")),
  "assistant.change": request(changeAssistant, "PUT", "assistants/[assistantId]", () =>
    assistant("Changed"),
  ),
  "assistant.delete": request(deleteAssistant, "DELETE", "assistants/[assistantId]"),
  "assistant.access": request(assistantAccess, "PUT", "assistants/[assistantId]/access", access),
  "group.create": request(createGroup, "POST", "groups", () => group("New")),
  "group.change": request(changeGroup, "PUT", "groups/[groupId]", () => group("Changed")),
  "group.delete": request(deleteGroup, "DELETE", "groups/[groupId]"),
  "person.change": request(changePerson, "PATCH", "people/[userId]", () => ({ role: "AUDITOR" })),
  "person.change (disabled)": request(changePerson, "PATCH", "people/[userId]", () => ({
    disabled: true,
  })),
  "person.invite": request(invitePerson, "POST", "people/invitations", () => ({
    ...{ email: "grace@example.com", role: "MEMBER" },
  })),
  "person.withdraw-invitation": request(
    ...([withdrawInvitation, "DELETE", "people/invitations/[invitationId]"] as const),
  ),
  "person.create-reset-link": request(createResetLink, "POST", "people/[userId]/reset-link"),
  "person.change-password": request(changePassword, "POST", "account/password", password),
  "person.unlink": request(unlink, "DELETE", "people/[userId]/single-sign-on"),
  "two-factor.disable": request(resetTwoFactor, "DELETE", "people/[userId]/two-factor"),
  "session.end": request(endSessions, "DELETE", "account/sessions"),
  "session.end (another person's)": request(
    ...([endSessionOf, "DELETE", "people/[userId]/sessions/[sessionId]"] as const),
  ),
  "api-key.create": request(createKey, "POST", "api-keys", () => key),
  "api-key.revoke": request(revokeKey, "DELETE", "api-keys/[apiKeyId]"),
  "model.add-provider": request(addProvider, "POST", "models/providers", () => ({
    ...{ ...provider, name: "other" },
  })),
  "model.change-provider": request(
    ...([changeProvider, "PATCH", "models/providers/[providerName]"] as const),
    () => ({ enabled: false }),
  ),
  "model.replace-key": request(
    ...([changeProvider, "PATCH", "models/providers/[providerName]"] as const),
    () => ({ apiKey: "sk-new" }),
  ),
  "model.remove-provider": request(
    ...([removeProvider, "DELETE", "models/providers/[providerName]"] as const),
  ),
  "model.offer": request(offerModel, "POST", "models/offered", () => model("small")),
  "model.change": request(changeModel, "PUT", "models/offered/[modelId]", () => ({
    ...{ label: "Large", audience: "EVERYONE" },
  })),
  "model.set-default": request(chooseDefault, "PUT", "models/default", () => ({ id: null })),
  "model.withdraw": request(withdrawModel, "DELETE", "models/offered/[modelId]"),
};

beforeEach(async () => {
  usher = await startInstallation();
  const { db } = usher.app;
  admin = await usher.join("ADMIN");
  const member = await usher.join("MEMBER");
  await db.user.update({ where: { id: member.user.id }, data: { twoFactorSince: new Date() } });
  const identity = { issuer: "https://login.example.com", subject: "1", createdAt: new Date() };
  await db.oidcIdentity.create({ data: { ...identity, userId: member.user.id } });
  const [session] = await db.session.findMany({ where: { userId: member.user.id } });
  ids = { userId: member.user.id, sessionId: session?.id ?? "", providerName: "own" };
  const created = async (make: Handler, path: string, json: object) => {
    const response = await admin.visit(make, { path: `/api/${path}`, json });
    const body = await response.json();
    expect(response.status, JSON.stringify(body)).toBeLessThan(300);
    return body;
  };
  ids.serverId = (await created(createServer, "mcp-servers", server("Old"))).id;
  ids.assistantId = (await created(createAssistant, "assistants", assistant("Old"))).id;
  ids.groupId = (await created(createGroup, "groups", group("Old"))).id;
  const invited = { email: "ada@example.com", role: "MEMBER" };
  const { invitation } = await created(invitePerson, "people/invitations", invited);
  ids.invitationId = invitation.id;
  ids.apiKeyId = (await created(createKey, "api-keys", key)).apiKey.id;
  await created(addProvider, "models/providers", provider);
  ids.modelId = (await created(offerModel, "models/offered", model("large"))).id;
});
afterEach(() => usher.close());

/** Counted, or written apart from a change. */
const others = ["AuditEvent", "AuditName", "FlowRecord", "RateLimit"];

/** Each table, with a digest of its rows. */
async function stored(): Promise<Record<string, string | null>> {
  const { db } = usher.app;
  const tables = await db.$queryRaw<{ name: string }[]>`
    SELECT "table_name"::text AS "name" FROM information_schema.tables
    WHERE "table_schema" = current_schema() AND "table_type" = 'BASE TABLE' ORDER BY 1`;
  const digests: Record<string, string | null> = {};
  for (const { name } of tables.filter((table) => !others.includes(table.name))) {
    // Without when a session was last used: each request may note that.
    const [found] = await db.$queryRawUnsafe<{ digest: string | null }[]>(
      `SELECT string_agg((to_jsonb(t) - 'lastSeenAt')::text, ' ' ORDER BY to_jsonb(t)::text) AS "digest"
       FROM "${name}" t`,
    );
    digests[name] = found?.digest ?? null;
  }
  return digests;
}

test.each(Object.entries(changes))("%s is made and recorded, or neither", async (name, change) => {
  const { db } = usher.app;
  const before = await stored();
  // The database refuses the event, for example because its disk is full.
  await db.$executeRawUnsafe(
    `CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS
     $$ BEGIN RAISE EXCEPTION 'no room'; END $$`,
  );
  await db.$executeRawUnsafe(
    `CREATE TRIGGER refuse BEFORE INSERT ON "AuditEvent" EXECUTE FUNCTION refuse()`,
  );
  expect((await change()).status).toBeGreaterThanOrEqual(500);
  expect(await stored()).toEqual(before);

  await db.$executeRawUnsafe(`DROP TRIGGER refuse ON "AuditEvent"`);
  const { length: recorded } = await db.auditEvent.findMany();
  const response = await change();
  expect(response.status, await response.text()).toBeLessThan(300);
  expect(await stored()).not.toEqual(before);
  const action = name.split(" ")[0];
  // Some changes make a second event: deleting a server also revokes its accounts.
  const events = (await db.auditEvent.findMany({ orderBy: { at: "asc" } })).slice(recorded);
  expect(events.filter((each) => each.action === action)).toMatchObject([
    { actorId: admin.user.id },
  ]);
});
