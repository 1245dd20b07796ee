import type pg from "pg";
import type { ScaleSizes } from "./fill";

const conversationsEach = 200;

/** The first ten people have two hundred conversations each, with four messages. */
export async function fillConversations(client: pg.Client, sizes: ScaleSizes): Promise<void> {
  if (sizes.assistants === 0) return;
  await client.query(
    `INSERT INTO "Conversation" ("id", "userId", "assistantId", "title", "createdAt", "updatedAt")
     SELECT 'conversation-' || p || '-' || c, 'person-' || p, 'assistant-' || 1 + c % $1::int,
       'What became of ticket ' || c || '?', now() - make_interval(hours => c), now() - make_interval(hours => c)
     FROM generate_series(1, least(10, $2::int)) p, generate_series(1, $3::int) c`,
    [sizes.assistants, sizes.people, conversationsEach],
  );
  await client.query(
    `INSERT INTO "Message" ("id", "conversationId", "position", "role", "parts", "updatedAt")
     SELECT "id" || '-' || n, "id", n, CASE WHEN n % 2 = 0 THEN 'user' ELSE 'assistant' END,
       jsonb_build_array(jsonb_build_object('type', 'text', 'text', repeat('Some words of an answer. ', 20))), now()
     FROM "Conversation", generate_series(0, 3) n`,
  );
}

/** One every five minutes, for a week. */
export async function fillSweepRuns(client: pg.Client): Promise<void> {
  await client.query(
    `INSERT INTO "SweepRun" ("id", "trigger", "startedAt", "finishedAt", "refreshed", "failed")
     SELECT 'sweep-' || n, 'cron', at, at + interval '4 seconds', 160 + n % 40, n % 3
     FROM generate_series(1, 2016) n, LATERAL (SELECT now() - make_interval(mins => n * 5) AS at) t`,
  );
}

const eventsAtOnce = 100_000;

/** Over a year, oldest first: nine of ten are tool calls. One in two hundred is a refused sign-in. */
export async function fillAudit(
  client: pg.Client,
  sizes: ScaleSizes,
  say: (line: string) => void,
): Promise<void> {
  const { auditEvents, people, servers } = sizes;
  for (let from = 0; from < auditEvents; from += eventsAtOnce) {
    const to = Math.min(from + eventsAtOnce, auditEvents);
    await client.query(
      `INSERT INTO "AuditEvent" ("id", "at", "action", "actorId", "actorEmail", "serverId", "serverName",
         "ownerKey", "ipAddress", "details")
       SELECT gen_random_uuid(), now() - make_interval(secs => ($3::int - k) * 31536000.0 / $3::int),
         CASE WHEN k % 200 = 0 THEN 'sign-in.refused' WHEN k % 10 > 0 THEN 'tool.call'
           ELSE (ARRAY['sign-in', 'server.change', 'assistant.change', 'connection.authorize'])[1 + k / 10 % 4] END,
         CASE WHEN k % 200 > 0 THEN 'person-' || person END,
         'person-' || person || '@scale.example', 'server-' || server, s."name", 'person-' || person,
         '203.0.113.' || k % 250,
         jsonb_build_object('tool', 'get_ticket_' || k % 40, 'durationMs', k % 900,
           'outcome', CASE WHEN k % 50 = 1 THEN 'tool_error' ELSE 'answered' END,
           'actingAs', CASE WHEN k % 3 = 0 THEN 'person-' || person || '@crm.example' ELSE 'their own account' END)
       FROM generate_series($1::int, $2::int - 1) k,
         LATERAL (SELECT 1 + k * 7919::bigint % $4::int AS person, 1 + k * 104729::bigint % $5::int AS server) who
         LEFT JOIN "McpServer" s ON s."id" = 'server-' || who.server`,
      [from, to, auditEvents, people, Math.max(servers, 1)],
    );
    if (to % 500_000 === 0 || to === auditEvents) {
      say(`${to.toLocaleString("en")} of ${auditEvents.toLocaleString("en")} audit events`);
    }
  }
}
