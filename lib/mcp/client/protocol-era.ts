import {
  type Client,
  type DiscoverResult,
  isSpecType,
  type PriorDiscovery,
} from "@modelcontextprotocol/client";
import * as z from "zod";
import type { McpTarget } from "@/lib/mcp/target";

/**
 * The protocol that a server turned out to speak, as stored in ToolCatalogue.discovery. With it a connection to a
 * 2026-07-28 server needs no request of its own, and one to an older server no futile question.
 */
export type ProtocolEra =
  | { era: "modern"; discover: DiscoverResult }
  | { era: "legacy"; checkedAt: string };

/**
 * An upgraded server continues to answer the old way, so "legacy" would stay true forever if it were
 * never asked again. An outdated "modern" shows in the server's first answer.
 */
const LEGACY_HOLDS_MS = 24 * 3_600_000;

const stored = z.discriminatedUnion("era", [
  z.object({ era: z.literal("modern"), discover: z.unknown() }),
  z.object({ era: z.literal("legacy"), checkedAt: z.iso.datetime() }),
]);

/** From a connected client. The server's instructions are omitted: what is stored is used for every owner. */
export function eraOf(client: Client, now: Date): ProtocolEra {
  const discover = client.getDiscoverResult();
  if (client.getProtocolEra() !== "modern" || discover === undefined) return legacySince(now);
  const { instructions: _, ...rest } = discover;
  return { era: "modern", discover: rest };
}

export function legacySince(now: Date): ProtocolEra {
  return { era: "legacy", checkedAt: now.toISOString() };
}

/** From an answer to `server/discover`; null if it is not one. */
export function modernEra(discover: unknown): ProtocolEra | null {
  return isSpecType.DiscoverResult(discover) ? { era: "modern", discover } : null;
}

/** The stored form, if it is valid and current. */
export function readEra(value: unknown, now: Date): ProtocolEra | null {
  const parsed = stored.safeParse(value);
  if (!parsed.success) return null;
  if (parsed.data.era === "modern") {
    return modernEra(parsed.data.discover);
  }
  const age = now.getTime() - Date.parse(parsed.data.checkedAt);
  return age < LEGACY_HOLDS_MS ? parsed.data : null;
}

/** Its form for the SDK's `connect`. */
export function priorOf(era: ProtocolEra): PriorDiscovery {
  return era.era === "legacy" ? { kind: "legacy" } : { kind: "modern", discover: era.discover };
}

const MAX_SERVERS = 1_000;

/**
 * The protocol of each server: this process's own findings first, then what is stored. A
 * server that was found to have changed is asked again, whatever is stored.
 */
export class KnownEras {
  readonly #stored: (target: McpTarget) => Promise<unknown>;
  /** By server and version of its configuration; null: ask. */
  readonly #found = new Map<string, ProtocolEra | null>();

  constructor(stored: (target: McpTarget) => Promise<unknown>) {
    this.#stored = stored;
  }

  async of(target: McpTarget): Promise<unknown> {
    const found = this.#found.get(keyOf(target));
    return found === undefined ? this.#stored(target) : found;
  }

  remember(target: McpTarget, era: ProtocolEra): void {
    this.#set(target, era);
  }

  forget(target: McpTarget): void {
    this.#set(target, null);
  }

  #set(target: McpTarget, era: ProtocolEra | null): void {
    const key = keyOf(target);
    this.#found.delete(key);
    this.#found.set(key, era);
    const [oldest] = this.#found.keys();
    if (this.#found.size > MAX_SERVERS && oldest !== undefined) this.#found.delete(oldest);
  }
}

function keyOf({ serverId, version }: McpTarget): string {
  return `${serverId} ${version}`;
}
