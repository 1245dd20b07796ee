import { fingerprintsOf } from "@/lib/assistants/accepted-tools";
import { endChangedTools } from "@/lib/assistants/always-allowed-tools";
import { accepted, hasAccount } from "@/lib/calls/call-tool";
import { targetFor } from "@/lib/calls/target";
import type { CatalogueTool, LeftOut, TestStep } from "@/lib/contracts/servers/catalogue";
import { findMcpServer } from "@/lib/db/mcp-server";
import { type ServerHealthRow, saveServerHealth } from "@/lib/db/servers/server-health";
import { saveCatalogue, saveCatalogueError } from "@/lib/db/tool-catalogue";
import { AuthorizationRequiredError } from "@/lib/errors";
import { testConnection } from "@/lib/mcp/catalogue/test-connection";
import type { McpConnections } from "@/lib/mcp/connections";
import type { McpTarget } from "@/lib/mcp/target";
import { checkUrl, type OutboundPolicy } from "@/lib/net/policy";
import { type EndpointCache, ownerKeyOf } from "@/lib/servers/open-endpoint";
import type { RefreshContext } from "@/lib/tokens/refresh-outcome";

export interface TestServerContext extends RefreshContext {
  mcp: McpConnections;
  endpointCache: EndpointCache;
  rules: { outboundPolicy: OutboundPolicy };
  /** By server, account and version of the configuration. */
  testsUnderWay: Map<string, TestUnderWay>;
  unsendableTools: UnsendableTools;
}

/** Those that this installation's model cannot be offered, with the reasons. */
export type UnsendableTools = (tools: readonly CatalogueTool[]) => Promise<LeftOut[]>;

/**
 * Like `testServer`. While a test of the same account runs, other callers follow it, so that impatient clicks do
 * not open ten connections.
 */
export async function* testServerOnce(
  ctx: TestServerContext,
  serverId: string,
  userId: string,
): AsyncGenerator<TestStep> {
  const server = await findMcpServer(ctx.db, serverId);
  const key = JSON.stringify([serverId, server && ownerKeyOf(server, userId), server?.version]);
  const run = (signal: AbortSignal) => testServer(ctx, serverId, userId, { signal });
  yield* testUnderKey(ctx.testsUnderWay, key, run).follow();
}

/** Connects as this person would, reads the tools and stores them. Reports each step. */
export async function* testServer(
  ctx: TestServerContext,
  serverId: string,
  userId: string,
  options: { signal?: AbortSignal; keepConnections?: boolean; account?: string | null } = {},
): AsyncGenerator<TestStep> {
  yield* testConnection({
    loadTarget: () => targetToTest(ctx, serverId, userId, options),
    checkUrl: (url) => checkUrl(url, ctx.rules.outboundPolicy),
    mcp: {
      readCatalogue: async (...asked) => {
        const read = await ctx.mcp.readCatalogue(...asked);
        const unsendable = await ctx.unsendableTools(read.tools);
        return { ...read, leftOut: [...read.leftOut, ...unsendable] };
      },
    },
    save: async ({ tools, leftOut, serverInfo, era, ttlMs }, target) => {
      const toolFingerprints = fingerprintsOf(tools);
      const read = {
        tools,
        leftOut,
        serverInfo,
        discovery: era,
        ttlMs,
        serverVersion: target.version,
        toolFingerprints,
      };
      await saveCatalogue(ctx.db, serverId, read, ctx.now());
      await endChangedTools(ctx, serverId, toolFingerprints);
      await accepted(target);
      await noteHealth(ctx, target, { answeredAt: ctx.now(), failedAt: null, error: null });
    },
    saveFailure: async (message, target) => {
      await saveCatalogueError(ctx.db, serverId, target.version, message, ctx.now());
      await noteHealth(ctx, target, { answeredAt: null, failedAt: ctx.now(), error: message });
    },
    log: ctx.log,
    ...options,
  });
}

async function noteHealth(
  { db }: TestServerContext,
  target: McpTarget,
  seen: Omit<ServerHealthRow, "serverId">,
): Promise<void> {
  if (!hasAccount(target)) await saveServerHealth(db, [{ serverId: target.serverId, ...seen }]);
}

async function targetToTest(
  ctx: TestServerContext,
  serverId: string,
  userId: string,
  {
    keepConnections: listOnly = false,
    account,
  }: { keepConnections?: boolean; account?: string | null },
): Promise<McpTarget> {
  const wanted = { account, evenIfRefused: true, orAny: true };
  const target = await targetFor(ctx, serverId, userId, wanted);
  const openly = { ...target, bearer: null };
  if (target.notConnected) return openly;
  // The person who tests wants to know why their sign-in is refused; a list may be available without one.
  return listOnly && (await isRefused(target)) ? openly : target;
}

async function isRefused({ bearer }: McpTarget): Promise<boolean> {
  try {
    await bearer?.token();
    return false;
  } catch (error) {
    if (error instanceof AuthorizationRequiredError) return true;
    throw error;
  }
}

export class TestUnderWay {
  readonly #steps: TestStep[] = [];
  readonly #abort = new AbortController();
  readonly #ended: Promise<void>;
  #isOver = false;
  #followers = 0;
  #next = oneStep();

  constructor(run: (signal: AbortSignal) => AsyncGenerator<TestStep>) {
    this.#ended = this.#run(run(this.#abort.signal));
  }

  /** Rejects if the test could not go on, for example as its outcome could not be stored. */
  get ended(): Promise<void> {
    return this.#ended;
  }

  /** Aborted when nobody follows any more. */
  get isGivenUp(): boolean {
    return this.#abort.signal.aborted;
  }

  /** Every step from the first, then what `ended` rejects with. The last follower to leave aborts the test. */
  async *follow(): AsyncGenerator<TestStep> {
    this.#followers += 1;
    try {
      for (let at = 0; ; ) {
        const { promise } = this.#next;
        for (; at < this.#steps.length; at++) yield this.#steps[at] as TestStep;
        if (this.#isOver) return await this.#ended;
        await promise;
      }
    } finally {
      this.#followers -= 1;
      if (this.#followers === 0) this.#abort.abort();
    }
  }

  async #run(source: AsyncGenerator<TestStep>): Promise<void> {
    try {
      for await (const step of source) {
        this.#steps.push(step);
        this.#tell();
      }
    } finally {
      this.#isOver = true;
      this.#tell();
    }
  }

  #tell(): void {
    const told = this.#next;
    this.#next = oneStep();
    told.resolve();
  }
}

export function testUnderKey(
  underWay: Map<string, TestUnderWay>,
  key: string,
  run: (signal: AbortSignal) => AsyncGenerator<TestStep>,
): TestUnderWay {
  const running = underWay.get(key);
  if (running && !running.isGivenUp) return running;
  const test = new TestUnderWay(run);
  underWay.set(key, test);
  const forget = () => {
    if (underWay.get(key) === test) underWay.delete(key);
  };
  test.ended.then(forget, forget);
  return test;
}

/** Resolves at the next step. */
function oneStep(): { promise: Promise<void>; resolve: () => void } {
  let resolve = () => {};
  const promise = new Promise<void>((done) => {
    resolve = done;
  });
  return { promise, resolve };
}
