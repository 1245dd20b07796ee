import type { StandardSchemaV1 } from "@modelcontextprotocol/client";
import { isJsonObject, type JsonObject } from "@/lib/bounded-json";

const inside = Symbol("as it came");

/**
 * A result inside one that passes the SDK's own schema, which its codec for 2026-07-28 applies to a whole result
 * before ours: one odd tool or a missing `ttlMs` would lose the rest.
 *
 * @param valid the least that the SDK's schema accepts
 */
export function carried(result: JsonObject, valid: JsonObject): JsonObject {
  return { ...valid, [inside]: result };
}

/**
 * Accepts any result: a schema for a whole list, or a whole answer, would lose its good parts.
 * The content is read entry by entry, by the files beside this one.
 */
export const asItCame: StandardSchemaV1<unknown, unknown> = {
  "~standard": {
    version: 1,
    vendor: "usher",
    validate: (value) => ({
      value: isJsonObject(value) && inside in value ? value[inside] : value,
    }),
  },
};
