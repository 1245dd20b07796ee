import { setTimeout as delay } from "node:timers/promises";
import {
  accountOfOwnerKey,
  personOfOwnerKey,
  sharedOwnerKey,
} from "@/lib/contracts/connections/account";
import { callsWork, standingOf } from "@/lib/contracts/connections/connection-standing";
import { asksForKeys, grantedFor } from "@/lib/contracts/servers/kinds";
import { findPersonalKey } from "@/lib/db/accounts/personal-key";
import { findMcpServer, type McpServerRow } from "@/lib/db/mcp-server";
import { findTokenSet } from "@/lib/db/stored-token-set";
import {
  findCatalogueReading,
  listCatalogueReadings,
  saveCatalogueError,
} from "@/lib/db/tool-catalogue";
import type { McpTarget } from "@/lib/mcp/target";
import { needsRenewal, type ReadingAccount } from "@/lib/servers/catalogue-renewal";
import { ownerOfAccount } from "@/lib/servers/choose-account";
import { connectionFacts } from "@/lib/tokens/connection-view";
import { askedHeaders, personalKeyFacts } from "@/lib/tokens/personal-key";
import { type TestServerContext, testServer, testUnderKey } from "./test-server";

/** The servers of a conversation's assistant whose tool list is due. */
export async function renewCataloguesOf(
  ctx: TestServerContext,
  conversation: { id: string; userId: string },
): Promise<void> {
  for (const { serverId, reading, ...server } of await listCatalogueReadings(
    ctx.db,
    conversation,
  )) {
    const now = ctx.now();
    // Whether the account works is looked up only where that can make a difference.
    const atBest = { state: "works", since: now } as const;
    if (needsRenewal(reading, server, atBest, now).should) {
      await renewCatalogue(ctx, serverId, conversation.userId);
    }
  }
}

/**
 * Reads the tools again if due, once for all who ask in the meantime. A failure is stored for the server's page;
 * it stops no one.
 */
export async function renewCatalogue(
  ctx: TestServerContext,
  serverId: string,
  userId: string,
): Promise<void> {
  const server = await findMcpServer(ctx.db, serverId);
  if (!server) return;
  const reading = await findCatalogueReading(ctx.db, serverId);
  const account = await readingAccount(ctx, server, userId);
  if (!needsRenewal(reading, server, account, ctx.now()).should) return;
  await readOnce(ctx, server, userId);
}

/**
 * How long a server rests after its tools were read because it reported a change, in ms: at first, and where it reports
 * one after another. What it reports in the meantime is read after that.
 */
const rests = { first: 2_000, longest: 60_000 };

type ChangedCatalogue = { state: "reading" | "listed"; restMs: number; isReported: boolean };

/**
 * Reads the tools of a server that reports a change, in the background: what it reports before its list has come
 * concerns that list.
 */
export class ChangedCatalogues {
  readonly #ctx: () => TestServerContext;
  /** By server and account. */
  readonly #recent = new Map<string, ChangedCatalogue>();

  constructor(ctx: () => TestServerContext) {
    this.#ctx = ctx;
  }

  readonly changed = ({ serverId, ownerKey }: Pick<McpTarget, "serverId" | "ownerKey">): void => {
    const key = JSON.stringify([serverId, ownerKey]);
    const recent = this.#recent.get(key);
    if (recent) recent.isReported ||= recent.state === "listed";
    else void this.#follow(key, serverId, ownerKey);
  };

  async #follow(key: string, serverId: string, ownerKey: string): Promise<void> {
    const ctx = this.#ctx();
    const catalogue: ChangedCatalogue = { state: "reading", restMs: rests.first, isReported: true };
    this.#recent.set(key, catalogue);
    while (catalogue.isReported) {
      catalogue.isReported = false;
      catalogue.state = "reading";
      const listed = () => {
        catalogue.state = "listed";
      };
      await this.#read(ctx, serverId, ownerKey, listed).catch((err) =>
        ctx.log.warn({ err, serverId }, "changed tools could not be read"),
      );
      listed();
      await delay(catalogue.restMs, undefined, { ref: false });
      catalogue.restMs = Math.min(catalogue.restMs * 2, rests.longest);
    }
    this.#recent.delete(key);
  }

  /** A shared account belongs to everyone. */
  async #read(
    ctx: TestServerContext,
    serverId: string,
    ownerKey: string,
    listed: () => void,
  ): Promise<void> {
    const server = await findMcpServer(ctx.db, serverId);
    const userId = personOfOwnerKey(ownerKey) ?? sharedOwnerKey;
    if (server) await readOnce(ctx, server, userId, accountOfOwnerKey(ownerKey), listed);
  }
}

async function readOnce(
  ctx: TestServerContext,
  server: McpServerRow,
  userId: string,
  account: string | null = null,
  listed = () => {},
): Promise<void> {
  const { ownerKey } = await ownerOfAccount(ctx, server, userId, account);
  const key = JSON.stringify(["renewal", server.id, ownerKey, server.version]);
  const reading = testUnderKey(ctx.testsUnderWay, key, () => read(ctx, server, userId, account));
  for await (const { step, state } of reading.follow()) {
    if (step === "list_tools" && state === "done") listed();
  }
}

async function* read(
  ctx: TestServerContext,
  server: McpServerRow,
  userId: string,
  account: string | null,
) {
  const how = { keepConnections: true, account };
  for await (const step of testServer(ctx, server.id, userId, how)) {
    if (step.state === "failed") {
      const { id: serverId, version } = server;
      ctx.log.warn({ serverId, step: step.step }, "the tools of a server could not be read");
      // A server that cannot be opened is not reported by the test, and would be read again and again.
      await saveCatalogueError(ctx.db, serverId, version, step.message, ctx.now()).catch((err) =>
        ctx.log.error({ err, serverId }, "that the tools could not be read was not saved"),
      );
    }
    yield step;
  }
}

async function readingAccount(
  ctx: TestServerContext,
  server: McpServerRow,
  userId: string,
): Promise<ReadingAccount> {
  if (asksForKeys(server)) {
    const key = await findPersonalKey(ctx.db, { serverId: server.id, userId });
    const headers = askedHeaders(server);
    const usable = key && personalKeyFacts(headers, key).rejectedAt === null;
    return usable ? { state: "works", since: key.savedAt } : { state: "missing" };
  }
  if (!server.oauthClient) return { state: "not_needed" };
  const owner = await ownerOfAccount(ctx, server, userId, null);
  const tokens = await findTokenSet(ctx.db, owner);
  // Their first call exchanges for tokens, even if another person's sign-in was refused before.
  const isExpected = tokens === null && grantedFor(server.oauthClient.grantType) === "sign-in";
  if (isExpected) return { state: "works", since: ctx.now() };
  const works = callsWork(standingOf(tokens && connectionFacts(tokens), ctx.now()));
  return tokens && works ? { state: "works", since: tokens.obtainedAt } : { state: "missing" };
}
