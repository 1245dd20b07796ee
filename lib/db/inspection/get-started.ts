import type { ModelEnv, ModelSetup } from "@/lib/contracts/chat/model-name";
import type { GetStartedFacts } from "@/lib/contracts/get-started";
import type { Database } from "../client";
import { savedModels } from "../models/model-setup";

type Facts = Omit<GetStartedFacts, "model">;

/** What the first steps depend on. `models`: the environment, with what admins saved. */
export type GetStartedRow = Facts & { models: ModelSetup };

/** The oldest represents all servers that are alike in everything relevant here. */
const oneOfEachKind = `
  SELECT DISTINCT ON ("transport", "authentication", "headerSharing", "oauthClient", "switchedOff",
      "hasAccount", "hasTools") kind.*
  FROM (
    SELECT s."id", s."name", s."createdAt", s."transport", s."authentication", s."headerSharing",
      s."switchedOffAt" IS NOT NULL AS "switchedOff",
      (SELECT jsonb_build_object('tokenSharing', c."tokenSharing")
        FROM "OAuthClient" c WHERE c."serverId" = s."id") AS "oauthClient",
      EXISTS (SELECT FROM "StoredTokenSet" t WHERE t."serverId" = s."id")
        OR EXISTS (SELECT FROM "PersonalKey" k WHERE k."serverId" = s."id") AS "hasAccount",
      EXISTS (SELECT FROM "ToolCatalogue" k WHERE k."serverId" = s."id" AND k."toolCount" > 0)
        AS "hasTools"
    FROM "McpServer" s) kind
  ORDER BY "transport", "authentication", "headerSharing", "oauthClient", "switchedOff", "hasAccount",
    "hasTools", "createdAt", "id"`;

/** In one statement: it runs while pages load. */
export async function readGetStarted(
  db: Database,
  { userId, now, env }: { userId: string; now: Date; env: ModelEnv },
): Promise<GetStartedRow> {
  const { rows } = await db.$statement<Facts & Pick<ModelSetup, "saved" | "offered">>(
    `SELECT ${savedModels},
      (SELECT coalesce(jsonb_agg(to_jsonb(one) - 'createdAt' ORDER BY one."createdAt"), '[]')
        FROM (${oneOfEachKind}) one) AS "servers",
      (SELECT jsonb_build_object('id', found."id", 'name', found."name", 'hasServer', found."hasServer")
        FROM (
          SELECT a."id", a."name", a."createdAt",
            EXISTS (SELECT FROM "AssistantServer" x WHERE x."assistantId" = a."id") AS "hasServer"
          FROM "Assistant" a) found
        ORDER BY found."hasServer" DESC, found."createdAt" LIMIT 1) AS "assistant",
      jsonb_build_object(
        'joined', EXISTS (SELECT FROM "User" WHERE "id" <> $1 AND "disabledAt" IS NULL),
        'invited', EXISTS (SELECT FROM "Invitation" WHERE "acceptedAt" IS NULL AND "expiresAt" > $2)
      ) AS "people"`,
    [userId, now],
  );
  const [row] = rows;
  if (!row) throw new Error("A SELECT without FROM has one row.");
  const { servers, assistant, people, ...saved } = row;
  return { servers, assistant, people, models: { ...env, ...saved } };
}
