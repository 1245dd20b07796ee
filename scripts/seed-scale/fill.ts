import type pg from "pg";
import { acceptable } from "@/lib/assistants/accepted-tools";
import { acceptTools } from "@/lib/db/assistant";
import type { Database } from "@/lib/db/client";
import { toolsOf } from "@/lib/servers/view";
import { fillPersonalKeys, fillTokenSets, personalServers, placeholderBox } from "./accounts";
import { fillAudit, fillConversations, fillSweepRuns } from "./history";

export interface ScaleSizes {
  servers: number;
  assistants: number;
  serversPerAssistant: number;
  toolsPerServer: number;
  people: number;
  tokenSets: number;
  auditEvents: number;
}

export const fullSize: ScaleSizes = {
  servers: 300,
  assistants: 60,
  serversPerAssistant: 10,
  toolsPerServer: 40,
  people: 1_000,
  tokenSets: 50_000,
  auditEvents: 2_000_000,
};

export const scaleAdmin = "person-1@scale.example";
export const scaleMember = "person-2@scale.example";

/** Whether this database is already in use. */
export async function isInUse(client: pg.Client): Promise<boolean> {
  const { rows } = await client.query<{ used: boolean }>(
    `SELECT EXISTS (SELECT 1 FROM "User") OR EXISTS (SELECT 1 FROM "McpServer") AS used`,
  );
  return rows[0]?.used === true;
}

/** Why these sizes are inconsistent; null: they are fine. */
export function sizesProblem(sizes: ScaleSizes): string | null {
  const { servers, serversPerAssistant, people, tokenSets, assistants } = sizes;
  if (assistants > 0 && serversPerAssistant > servers) {
    return `An assistant cannot use ${serversPerAssistant} of ${servers} servers.`;
  }
  if (people < 2) return "There have to be two people at least: an admin and a member.";
  const most = personalServers(servers) * people;
  return tokenSets > most
    ? `${people} people have ${most.toLocaleString("en")} accounts at most with ${servers} servers.`
    : null;
}

/**
 * Fills a migrated database. Every tenth assistant is one whose servers have changed each of their
 * tools since they were accepted. The first people have an account with every server that asks for one.
 *
 * @param db the same database
 */
export async function fillAtScale(
  client: pg.Client,
  db: Database,
  sizes: ScaleSizes,
  say: (line: string) => void,
): Promise<void> {
  say(`${sizes.people} people, ${sizes.servers} servers, ${sizes.tokenSets} token sets`);
  await fillPeople(client, sizes.people);
  await fillGroups(client, sizes.people);
  await fillServers(client, sizes);
  await fillTokenSets(client, sizes);
  await fillPersonalKeys(client);
  say(`${sizes.assistants} assistants`);
  await fillAssistants(client, sizes);
  await acceptAll(client, db);
  await changeSome(client);
  await fillConversations(client, sizes);
  await fillSweepRuns(client);
  await fillAudit(client, sizes, say);
  await client.query("VACUUM ANALYZE");
}

/** One in twenty is an admin, one in a hundred disabled; half of them are linked to an identity provider. */
async function fillPeople(client: pg.Client, people: number): Promise<void> {
  await client.query(
    `INSERT INTO "User" ("id", "email", "name", "role", "disabledAt", "lastSignInAt", "createdAt", "updatedAt")
     SELECT 'person-' || n, 'person-' || n || '@scale.example',
       (ARRAY['Ada', 'Grace', 'Edsger', 'Barbara', 'Alan', 'Radia', 'Donald', 'Frances'])[1 + n % 8]
         || ' ' || (ARRAY['Hopper', 'Liskov', 'Perlman', 'Knuth', 'Allen', 'Turing', 'Lamport'])[1 + n % 7]
         || ' ' || n,
       (CASE WHEN n % 20 = 1 THEN 'ADMIN' ELSE 'MEMBER' END)::"Role",
       CASE WHEN n % 100 = 0 THEN now() - interval '3 days' END,
       now() - make_interval(mins => n), now() - interval '200 days', now()
     FROM generate_series(1, $1::int) n`,
    [people],
  );
  await client.query(
    `INSERT INTO "OidcIdentity" ("id", "issuer", "subject", "userId", "createdAt")
     SELECT 'identity-' || n, 'https://login.scale.example', 'subject-' || n, 'person-' || n, now()
     FROM generate_series(2, $1::int, 2) n`,
    [people],
  );
}

/** A group with every twentieth person, and one with every second. */
async function fillGroups(client: pg.Client, people: number): Promise<void> {
  await client.query(
    `INSERT INTO "Group" ("id", "name", "updatedAt") VALUES ('group-1', 'Support', now()), ('group-2', 'Europe', now())`,
  );
  await client.query(
    `INSERT INTO "GroupMember" ("groupId", "userId")
     SELECT 'group-1', 'person-' || n FROM generate_series(2, $1::int, 20) n
     UNION ALL SELECT 'group-2', 'person-' || n FROM generate_series(2, $1::int, 2) n`,
    [people],
  );
}

/**
 * Every tenth server takes no account and every tenth headers, half of which are each person's own; a third of the
 * others are shared.
 */
async function fillServers(client: pg.Client, sizes: ScaleSizes): Promise<void> {
  await client.query(
    `INSERT INTO "McpServer" ("id", "name", "description", "transport", "url", "authentication",
       "headerNames", "headersSealed", "headerSharing", "settings", "createdAt", "updatedAt")
     SELECT 'server-' || n, ${subject("n")} || ' ' || n, 'What the ' || ${subject("n")} || ' team keeps, read and changed.',
       'STREAMABLE_HTTP', 'https://mcp-' || n || '.scale.example/mcp',
       (CASE n % 10 WHEN 8 THEN 'NONE' WHEN 9 THEN 'HEADERS' ELSE 'OAUTH' END)::"AuthenticationType",
       CASE WHEN n % 20 = 9 THEN ARRAY['X-Api-Key'] ELSE '{}'::text[] END,
       CASE WHEN n % 20 = 9 THEN $2 END,
       (CASE WHEN n % 20 = 19 THEN 'PER_USER' ELSE 'SHARED' END)::"TokenSharing",
       CASE WHEN n % 20 = 19 THEN '{"personalHeaders": "X-Api-Key"}'::jsonb ELSE '{}'::jsonb END, now() - interval '100 days', now() - make_interval(hours => n)
     FROM generate_series(1, $1::int) n`,
    [sizes.servers, placeholderBox],
  );
  await client.query(
    `INSERT INTO "OAuthClient" ("id", "serverId", "clientId", "clientSecretSealed", "authorizationEndpoint",
       "tokenEndpoint", "revocationEndpoint", "issuer", "scope", "tokenSharing", "updatedAt")
     SELECT 'client-' || n, 'server-' || n, 'usher-' || n, $2, issuer || '/authorize', issuer || '/token',
       issuer || '/revoke', issuer, 'read write offline_access',
       (CASE WHEN n % 3 = 0 THEN 'SHARED' ELSE 'PER_USER' END)::"TokenSharing", now()
     FROM generate_series(1, $1::int) n, LATERAL (SELECT 'https://login-' || n || '.scale.example' AS issuer) i
     WHERE n % 10 < 8`,
    [sizes.servers, placeholderBox],
  );
  await client.query(
    `INSERT INTO "ToolCatalogue" ("serverId", "tools", "serverInfo", "fetchedAt", "serverVersion")
     SELECT 'server-' || n, (SELECT coalesce(jsonb_agg(${tool("n", "t")} ORDER BY t), '[]')
         FROM generate_series(1, $2::int) t),
       jsonb_build_object('name', 'scale-' || n, 'version', '1.0.0', 'title', NULL, 'protocolVersion', '2025-11-25',
         'instructions', 'Search before you change anything.'),
       now() - make_interval(mins => n % 9), 1
     FROM generate_series(1, $1::int) n`,
    [sizes.servers, sizes.toolsPerServer],
  );
}

function subject(n: string): string {
  return `(ARRAY['Support', 'Billing', 'Wiki', 'Calendar', 'Sales', 'Warehouse', 'Build', 'Legal'])[1 + ${n} % 8]`;
}

/** As large as usual: a sentence or two, and a schema with six arguments. Half are read-only. */
function tool(n: string, t: string): string {
  const noun = `(ARRAY['ticket', 'invoice', 'page', 'event', 'lead', 'order', 'build', 'contract'])[1 + (${n} + ${t}) % 8]`;
  const verb = `(ARRAY['list', 'create', 'get', 'update', 'search', 'delete', 'export', 'assign'])[1 + ${t} % 8]`;
  return `jsonb_build_object(
    'name', ${verb} || '_' || ${noun} || '_' || ${t},
    'title', initcap(${verb}) || ' ' || ${noun} || ' ' || ${t},
    'description', initcap(${verb}) || 's a ' || ${noun} || ' of the team. Use it when somebody names one by its number or its title, and say which one it was in the answer.',
    'annotations', jsonb_build_object('readOnlyHint', ${t} % 2 = 0),
    'inputSchema', jsonb_build_object('type', 'object', 'required', jsonb_build_array('argument_1'),
      'properties', (SELECT jsonb_object_agg('argument_' || p, jsonb_build_object('type', 'string',
        'description', 'The ' || p || '. fact about the ' || ${noun} || ' that is looked for, as people write it on the page of the team, with or without its number.'))
        FROM generate_series(1, 6) p)))`;
}

/** Every fourth server of an assistant with ten chosen tools, the others with all. */
async function fillAssistants(client: pg.Client, sizes: ScaleSizes): Promise<void> {
  const { assistants, servers, serversPerAssistant } = sizes;
  await client.query(
    `INSERT INTO "Assistant" ("id", "name", "description", "instructions", "updatedAt")
     SELECT 'assistant-' || n, ${subject("n")} || ' assistant ' || n, 'Answers questions of the team and keeps its lists in order.',
       repeat('Look things up before you answer. ', 40), now()
     FROM generate_series(1, $1::int) n`,
    [assistants],
  );
  await client.query(
    `INSERT INTO "AssistantServer" ("assistantId", "serverId", "allTools", "toolNames", "toolsAcceptedAt")
     SELECT 'assistant-' || a, s."serverId", i % 4 > 0,
       CASE WHEN i % 4 = 0 THEN ARRAY(SELECT e ->> 'name' FROM jsonb_array_elements(s."tools") e LIMIT 10) ELSE '{}' END,
       now() - interval '10 days'
     FROM generate_series(1, $1::int) a, generate_series(1, $3::int) i
     JOIN LATERAL (SELECT * FROM "ToolCatalogue" WHERE "serverId" = 'server-' || 1 + (a * $3::int + i) % $2::int) s ON true`,
    [assistants, servers, serversPerAssistant],
  );
}

/** With the code that accepts a list when it is first read: computing its fingerprints is no job for SQL. */
async function acceptAll(client: pg.Client, db: Database): Promise<void> {
  const { rows } = await client.query<{ serverId: string; tools: [] }>(
    `SELECT "serverId", "tools" FROM "ToolCatalogue"`,
  );
  for (const row of rows) {
    await acceptTools(
      db,
      { serverId: row.serverId },
      toolsOf(row).map(acceptable),
      new Date(Date.now() - 10 * 86_400_000),
    );
  }
}

async function changeSome(client: pg.Client): Promise<void> {
  await client.query(
    `UPDATE "AssistantTool" SET "acceptedFingerprint" = repeat('0', 64), "acceptedDefinition" =
       jsonb_set(jsonb_set("acceptedDefinition", '{description}', '"What it said before."'),
         '{inputSchema,properties,argument_6,type}', '"number"')
     WHERE "assistantId" IN (SELECT 'assistant-' || n FROM generate_series(10, 100000, 10) n)`,
  );
}
