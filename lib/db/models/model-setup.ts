import type { ModelEnv, ModelSetup } from "@/lib/contracts/chat/model-name";
import type { Database } from "../client";

/** A statement's columns: what admins saved, in the form of `ModelSetup`. */
export const savedModels = `
  (SELECT coalesce(jsonb_agg(jsonb_build_object('id', "id", 'kind', "kind", 'name', "name",
    'baseUrl', "baseUrl", 'apiKeySealed', "apiKeySealed", 'enabled', "enabled") ORDER BY "name"), '[]')
    FROM "ModelProvider") AS "saved",
  (SELECT coalesce(jsonb_agg(jsonb_build_object('id', "id", 'name', "name", 'label', "label",
    'audience', "audience", 'isDefault', "isDefault") ORDER BY "name"), '[]')
    FROM "OfferedModel") AS "offered"`;

/** The environment, with what admins saved. In one statement: each turn needs it. */
export async function readModelSetup(db: Database, env: ModelEnv): Promise<ModelSetup> {
  const { rows } = await db.$statement<Required<Pick<ModelSetup, "saved" | "offered">>>(
    `SELECT ${savedModels}`,
    [],
  );
  return { ...env, ...rows[0] };
}
