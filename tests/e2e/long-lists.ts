import { randomUUID } from "node:crypto";
import type { Account, Stage } from "@/tests/e2e/stage";

/** Long enough to scroll on every screen. */
export const rows = 40;

/** Rows named "Long <what> 0" and on: servers with sign-in, assistants, people, refreshes and events. */
export async function fillLists(stage: Stage): Promise<void> {
  const servers = Array.from({ length: rows }, () => randomUUID());
  await stage.query(
    `INSERT INTO "McpServer" ("id", "name", "transport", "url", "authentication", "updatedAt")
     SELECT id, 'Long server ' || n - 1, 'STREAMABLE_HTTP', 'https://long' || n || '.example/mcp', 'OAUTH', now()
     FROM unnest($1::text[]) WITH ORDINALITY AS given (id, n)`,
    [servers],
  );
  await stage.query(
    `INSERT INTO "OAuthClient" ("id", "serverId", "clientId", "authorizationEndpoint", "tokenEndpoint",
       "tokenSharing", "updatedAt")
     SELECT gen_random_uuid()::text, id, 'client', 'https://as.example/authorize',
       'https://as.example/token', 'SHARED', now() FROM unnest($1::text[]) AS given (id)`,
    [servers],
  );
  await stage.query(
    `INSERT INTO "StoredTokenSet" ("id", "serverId", "ownerKey", "accessTokenSealed", "obtainedAt",
       "expiresAt", "nextRefreshAt", "updatedAt")
     SELECT gen_random_uuid()::text, id, 'shared', 'v1.key.salt.nonce.box', now(),
       now() + interval '9 hours', now() + interval '8 hours', now() FROM unnest($1::text[]) AS given (id)`,
    [servers],
  );
  await stage.query(
    `INSERT INTO "ToolCatalogue" ("serverId", "tools", "serverVersion", "fetchedAt")
     VALUES ($1, $2, 1, now())`,
    [
      servers[0],
      JSON.stringify(
        Array.from({ length: rows }, (_, n) => ({
          ...{
            name: `long_tool_${n}`,
            description: `Long tool ${n}`,
            inputSchema: {},
            annotations: {},
          },
        })),
      ),
    ],
  );
  await stage.query(
    `INSERT INTO "Assistant" ("id", "name", "instructions", "updatedAt")
     SELECT gen_random_uuid()::text, 'Long assistant ' || n, '', now() FROM generate_series(0, $1 - 1) AS n`,
    [rows],
  );
  await stage.query(
    `INSERT INTO "AuditEvent" ("id", "action", "actorEmail", "at")
     SELECT gen_random_uuid()::text, 'sign-in', 'long' || n || '@usher.example', now() - n * interval '1 s'
     FROM generate_series(0, 129) AS n
     -- Nobody can delete what an earlier story wrote.
     WHERE NOT EXISTS (SELECT 1 FROM "AuditEvent" WHERE "actorEmail" = 'long0@usher.example')`,
  );
  await stage.query(
    `INSERT INTO "User" ("id", "name", "email", "role", "updatedAt")
     SELECT gen_random_uuid()::text, 'Long Person ' || n, 'long' || n || '@people.example', 'MEMBER', now()
     FROM generate_series(0, $1 - 1) AS n ON CONFLICT DO NOTHING`,
    [rows],
  );
}

/** One by one, as an admin would, they would be 80 requests. No process has used one of them. */
export async function removeLists(stage: Stage): Promise<void> {
  await stage.query(`DELETE FROM "McpServer" WHERE "name" LIKE 'Long server %'`);
  await stage.query(`DELETE FROM "Assistant" WHERE "name" LIKE 'Long assistant %'`);
}

/** Conversations of one person, "Talk 0" changed last; half of them a day apart, so that the days differ. */
export async function fillHistory(stage: Stage, { email }: Account, count: number): Promise<void> {
  await stage.query(
    `INSERT INTO "Conversation" ("id", "userId", "title", "updatedAt")
     SELECT gen_random_uuid()::text, u."id", 'Talk ' || n || '.', now() - (n / 2) * interval '1 day'
     FROM "User" u, generate_series(0, $2 - 1) AS n WHERE u."email" = $1`,
    [email, count],
  );
}
