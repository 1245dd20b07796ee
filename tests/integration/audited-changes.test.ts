import { afterEach, beforeEach, expect, test } from "vitest";
import {
  PUT as changeAssistant,
  DELETE as deleteAssistant,
} from "@/app/api/assistants/[assistantId]/route";
import { POST as createAssistant } from "@/app/api/assistants/route";
import { POST as duplicateServer } from "@/app/api/mcp-servers/[serverId]/duplicate/route";
import {
  PUT as changeServer,
  DELETE as deleteServer,
} from "@/app/api/mcp-servers/[serverId]/route";
import { POST as createServer } from "@/app/api/mcp-servers/route";
import { type Installation, startInstallation } from "@/tests/support/installation";
import { nowhere, serverInput } from "@/tests/support/server-input";
import type { Visitor } from "@/tests/support/visitor";

let usher: Installation;
let admin: Visitor;
let serverId: string;
let assistantId: string;

const assistant = (name: string) => ({
  ...{ name, description: "", instructions: "", model: "" },
  servers: [{ serverId, allTools: true, toolNames: [] }],
});
const server = (name: string) => serverInput({ name, url: nowhere });

/** Each change of a server or an assistant. */
const changes: Record<string, () => Promise<Response>> = {
  "server.create": () =>
    admin.visit(createServer, { path: "/api/mcp-servers", json: server("New") }),
  "server.change": () => ofServer(changeServer, "", { method: "PUT", json: server("Changed") }),
  "server.create (a copy)": () => ofServer(duplicateServer, "/duplicate", { method: "POST" }),
  "server.delete": () => ofServer(deleteServer, "", { method: "DELETE" }),
  "assistant.create": () =>
    admin.visit(createAssistant, { path: "/api/assistants", json: assistant("New") }),
  "assistant.change": () =>
    ofAssistant(changeAssistant, { method: "PUT", json: assistant("Changed") }),
  "assistant.delete": () => ofAssistant(deleteAssistant, { method: "DELETE" }),
};

type Request = { method: "PUT" | "POST" | "DELETE"; json?: object };

function ofServer(route: typeof changeServer, end: string, request: Request) {
  const path = `/api/mcp-servers/${serverId}${end}`;
  return admin.visit(route, { path, params: { serverId }, ...request });
}

function ofAssistant(route: typeof changeAssistant, request: Request) {
  const path = `/api/assistants/${assistantId}`;
  return admin.visit(route, { path, params: { assistantId }, ...request });
}

beforeEach(async () => {
  usher = await startInstallation();
  admin = await usher.join("ADMIN");
  const path = "/api/mcp-servers";
  serverId = (await (await admin.visit(createServer, { path, json: server("Old") })).json()).id;
  const made = await admin.visit(createAssistant, {
    ...{ path: "/api/assistants", json: assistant("Old") },
  });
  assistantId = (await made.json()).id;
});
afterEach(() => usher.close());

async function stored() {
  const { db } = usher.app;
  const order = { orderBy: { name: "asc" } } as const;
  const servers = await db.mcpServer.findMany(order);
  const assistants = await db.assistant.findMany(order);
  return { servers, assistants };
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
  expect((await change()).status).toBeLessThan(300);
  expect(await stored()).not.toEqual(before);
  const action = name.split(" ")[0];
  // Deleting a server also revokes its accounts, which is another event.
  const events = (await db.auditEvent.findMany({ orderBy: { at: "asc" } })).slice(recorded);
  expect(events.filter((each) => each.action === action)).toMatchObject([
    { actorId: admin.user.id },
  ]);
});
