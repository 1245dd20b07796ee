import * as z from "zod";
import { connectionStanding, revokeResult } from "./connection";

/**
 * - `failing`: the last refresh failed, and Usher tries again
 * - `needs_authorization`: access has ended until someone authorizes again
 * - `expiring`: access ends within a day, and there is no refresh token
 * - `unused_30`, `unused_90`: no call was answered with it for this many days, or since it was connected
 * - `disabled`: its owner is disabled
 */
export const shownConnections = z.enum([
  "all",
  "failing",
  "needs_authorization",
  "expiring",
  "unused_30",
  "unused_90",
  "disabled",
]);
export type ShownConnections = z.infer<typeof shownConnections>;

/** `used`: least recently used first. `ends`: what ends first, unless someone authorizes again. */
export const connectionSort = z.enum(["newest", "person", "server", "used", "ends"]);
export type ConnectionSort = z.infer<typeof connectionSort>;

/** A connection as the console shows it. Times are ISO 8601. */
export const consoleConnection = z.object({
  id: z.string(),
  serverId: z.string(),
  serverName: z.string(),
  /** Null: shared by everyone. */
  person: z
    .object({ id: z.string(), name: z.string(), email: z.string(), disabled: z.boolean() })
    .nullable(),
  /** For a shared one, the name of the person who authorized it; null: unknown. */
  authorizedBy: z.string().nullable(),
  /** The person entered a key instead of giving consent. */
  isKey: z.boolean(),
  /** It comes from their sign-in: no one authorizes it, and the next call gets it again. */
  managedByOrganization: z.boolean(),
  /** The provider's name for the account; null: it does not say. */
  accountName: z.string().nullable(),
  standing: connectionStanding,
  /** When a call made with it was last answered, to the hour. Null: never. */
  lastUsedAt: z.string().nullable(),
  /** The first 300 characters. */
  lastError: z.object({ reason: z.string(), at: z.string().nullable() }).nullable(),
  /** When it was first connected. */
  since: z.string(),
});
export type ConsoleConnection = z.infer<typeof consoleConnection>;

const dayMs = 24 * 60 * 60_000;

/** For `unused_30` and `unused_90`, in ms; null for the others. */
export function unusedForMs(show: ShownConnections): number | null {
  if (show === "unused_30") return 30 * dayMs;
  return show === "unused_90" ? 90 * dayMs : null;
}

/** The one decision on what a filter shows. The list's SQL implements the same, and a test compares the two. */
export function isShown(
  show: ShownConnections,
  {
    standing: { status },
    person,
    lastUsedAt,
    since,
  }: Pick<ConsoleConnection, "standing" | "person" | "lastUsedAt" | "since">,
  now: Date,
): boolean {
  switch (show) {
    case "all":
      return true;
    case "failing":
      return status === "retrying";
    case "needs_authorization":
      return status === "needs_authorization" || status === "expired";
    case "expiring":
      return status === "expiring";
    case "disabled":
      return person?.disabled ?? false;
    case "unused_30":
    case "unused_90": {
      return now.getTime() - Date.parse(lastUsedAt ?? since) >= (unusedForMs(show) ?? 0);
    }
  }
}

const moment = z.union([z.iso.datetime(), z.literal("infinity")]);
/** No stored text has a NUL or a lone surrogate, and Postgres rejects both. */
const text = z
  .string()
  .max(1_000)
  .regex(/^[^\0\p{Surrogate}]*$/u);

/** The sort value of a page's last row, and its id. */
const positions = {
  newest: z.tuple([moment, text]),
  used: z.tuple([moment, text]),
  ends: z.tuple([moment, text]),
  /** Name, address, server. */
  person: z.tuple([text, text, text, text]),
  /** Server, name, address. */
  server: z.tuple([text, text, text, text]),
} as const satisfies Record<ConnectionSort, z.ZodType>;

/** A page's `next`, to request the following one. It says where to continue, never what may be seen. */
export function consoleCursor(sort: ConnectionSort, position: readonly string[]): string {
  return toBase64Url(JSON.stringify([sort, ...position]));
}

/** Null: this is not a cursor of a list sorted this way. */
export function consolePosition(sort: ConnectionSort, cursor: string): string[] | null {
  try {
    const [sortedBy, ...position] = JSON.parse(fromBase64Url(cursor));
    if (sortedBy !== sort) return null;
    const read = positions[sort].safeParse(position);
    return read.success ? read.data : null;
  } catch {
    return null;
  }
}

function toBase64Url(plain: string): string {
  const bytes = String.fromCharCode(...new TextEncoder().encode(plain));
  return btoa(bytes).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}

function fromBase64Url(encoded: string): string {
  const bytes = atob(encoded.replaceAll("-", "+").replaceAll("_", "/"));
  return new TextDecoder("utf-8", { fatal: true }).decode(
    Uint8Array.from(bytes, (each) => each.charCodeAt(0)),
  );
}

const id = z.string().max(100, "This is not an id.");

export const consoleQuery = z
  .object({
    /** Words, each of which is part of a person's name or address, a server's name or an account's. */
    search: z.string().trim().max(200, "Use at most 200 characters.").optional(),
    show: shownConnections.default("all"),
    sort: connectionSort.default("newest"),
    /** A person's id. */
    person: id.optional(),
    /** A server's id. */
    server: id.optional(),
    /** `next` of the previous page, of the same sort. */
    after: z.string().max(6_000, "This is not a page of this list.").optional(),
  })
  .refine(({ sort, after }) => after === undefined || consolePosition(sort, after) !== null, {
    path: ["after"],
    message: "This is not a page of this list.",
  });
export type ConsoleQuery = z.infer<typeof consoleQuery>;

export const consolePage = z.object({
  connections: z.array(consoleConnection),
  /** For `after`; null at the end. */
  next: z.string().nullable(),
  /** Only on the first page. */
  first: z
    .object({
      /** How many match. A search stops counting at 10,000. */
      found: z.number(),
      /** Whether more match than `found`. */
      foundMore: z.boolean(),
      /** The names for `person` and `server`; null: unknown, or not requested. */
      person: z.object({ id: z.string(), name: z.string(), email: z.string() }).nullable(),
      server: z.object({ id: z.string(), name: z.string() }).nullable(),
    })
    .nullable(),
});
export type ConsolePage = z.infer<typeof consolePage>;

/** The browser's page sends more in batches. */
export const mostRevokedAtOnce = 20;

export const consoleRevokeInput = z.object({
  connectionIds: z
    .array(id)
    .min(1, "Name a connection to revoke.")
    .max(mostRevokedAtOnce, `Revoke ${mostRevokedAtOnce} connections at once at most.`),
});
export type ConsoleRevokeInput = z.infer<typeof consoleRevokeInput>;

/** For each named connection, in that order. */
export const consoleRevokeResult = z.object({
  results: z.array(
    z.object({
      connectionId: z.string(),
      /** Null: it was not revoked. */
      revoked: revokeResult.nullable(),
      /** Why not, in plain words; null: it was. */
      problem: z.string().nullable(),
    }),
  ),
});
export type ConsoleRevokeResult = z.infer<typeof consoleRevokeResult>;

/** A page of Usher where the intended person signs in and authorizes again. It contains no secret. */
export const authorizeAgainLink = z.object({ link: z.string() });
export type AuthorizeAgainLink = z.infer<typeof authorizeAgainLink>;
