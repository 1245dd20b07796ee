import * as z from "zod";
import { transports } from "@/lib/contracts/servers/kinds";

/** A part of a URL that differs by customer, written as `{name}` there. */
const registryUrlPart = z.object({
  name: z.string(),
  /** In the registry's words; empty: none. */
  description: z.string(),
  default: z.string(),
  /** Empty: anything. */
  choices: z.array(z.string()),
});

/** A URL of a server in the registry. */
export const registryRemote = z.object({
  transport: z.enum(transports).extract(["STREAMABLE_HTTP", "SSE"]),
  url: z.string(),
  urlParts: z.array(registryUrlPart),
  headers: z.array(
    z.object({
      name: z.string(),
      description: z.string(),
      required: z.boolean(),
      secret: z.boolean(),
    }),
  ),
});
export type RegistryRemote = z.infer<typeof registryRemote>;

/** One version of a server in an MCP registry. All text is the publisher's, truncated and sanitized. */
export const registryServer = z.object({
  /** Unique in the registry, such as `com.example/wiki`. */
  name: z.string(),
  title: z.string(),
  description: z.string(),
  version: z.string(),
  /** `deprecated`: the publisher advises against it. */
  status: z.enum(["active", "deprecated"]),
  isLatest: z.boolean(),
  /** ISO 8601; null: not given. */
  updatedAt: z.string().nullable(),
  /** https; null: not given. */
  website: z.string().nullable(),
  /** Empty: it has no URL, for example a package to run. */
  remotes: z.array(registryRemote),
  /** Parts that were left out, each with its reason. */
  leftOut: z.array(z.string()),
});
export type RegistryServer = z.infer<typeof registryServer>;

export const registryPage = z.object({
  servers: z.array(registryServer),
  /** Null: there are no more. */
  nextCursor: z.string().nullable(),
  /** Entries that could not be read, each with its reason. */
  leftOut: z.array(z.string()),
});
export type RegistryPage = z.infer<typeof registryPage>;

export const longestRegistrySearch = 100;

export const registrySearchInput = z.object({
  search: z.string().trim().max(longestRegistrySearch).default(""),
  cursor: z.string().max(2000).optional(),
});

export const registryVersionsInput = z.object({
  name: z.string().min(1).max(300),
});
