import { randomUUID } from "node:crypto";
import pLimit from "p-limit";
import type { Database } from "@/lib/db/client";
import {
  claimRevocations,
  endRevocation,
  isAuthorizedAgain,
  postponeRevocation,
  type RevocationOutcome,
  type TokenRevocationRow,
} from "@/lib/db/revocations/token-revocation";
import { SealedBoxError, UsherError } from "@/lib/errors";
import type { FlowRecorder } from "@/lib/flows/recorder";
import type { Log } from "@/lib/log";
import type { OutboundFetch } from "@/lib/net/fetch";
import { type Observe, observed } from "@/lib/oauth/client";
import { jwtExpiry } from "@/lib/oauth/jwt";
import { revokeTokens } from "@/lib/oauth/revocation";
import { openAskingClient } from "@/lib/servers/oauth-client";
import { openDeletedTokens } from "@/lib/tokens/token-store";
import type { Keyring } from "@/lib/vault/keyring";
import {
  authorizedAgain,
  decideRevocation,
  type RevocationDecision,
  tryAgain,
} from "./decide-revocation";

export interface RevocationContext {
  db: Database;
  keyring: Keyring;
  now: () => Date;
  outbound: OutboundFetch;
  log: Log;
  flows: FlowRecorder;
  observe?: Observe | undefined;
}

/** Parallel revocations: fast enough for many people, without flooding a provider. */
const atOnce = 8;
/** Claimed together. At 10 s each they end within the lease. */
const batch = 32;
const leaseMs = 60_000;

export interface SettledRevocation {
  outcome: RevocationOutcome;
  hasEndpoint: boolean;
  /** Until when the access token works, in the future. Null: it has ended, or this is unknown. */
  accessUntil: Date | null;
}

/** Who reports the outcome. `caller` reports it itself; otherwise each outcome gets a flow record and an audit event. */
export type Told =
  | "caller"
  | { actorId: string; actorEmail: string; ipAddress: string | null }
  | "sweep";

/** Tries these now. Rows that another replica is trying are skipped. */
export async function settleRevocations(
  ctx: RevocationContext,
  ids: readonly string[],
  told: Told,
): Promise<SettledRevocation[]> {
  const settled: SettledRevocation[] = [];
  for (let left = ids.slice(); left.length > 0; left = left.slice(batch)) {
    const rows = await claimRevocations(ctx.db, { ids: left.slice(0, batch) }, batch, newLease());
    settled.push(...(await settleClaimed(ctx, rows, told)));
  }
  return settled;
}

/**
 * Tries one batch of due revocations.
 * @param away hosts that did not respond in this run, which are not called again in it; added to
 * @returns the number of revocations
 */
export async function settleDueRevocations(
  ctx: RevocationContext,
  dueAt: Date,
  away: Set<string>,
): Promise<number> {
  const rows = await claimRevocations(ctx.db, { dueAt }, batch, newLease());
  await settleClaimed(ctx, rows, "sweep", away);
  return rows.length;
}

function newLease() {
  return { leaseId: randomUUID(), leaseMs };
}

function settleClaimed(
  ctx: RevocationContext,
  rows: readonly TokenRevocationRow[],
  told: Told,
  away = new Set<string>(),
): Promise<SettledRevocation[]> {
  const limit = pLimit(atOnce);
  return Promise.all(rows.map((row) => limit(() => settle(ctx, row, told, away))));
}

async function settle(
  world: RevocationContext,
  row: TokenRevocationRow,
  told: Told,
  away: Set<string>,
): Promise<SettledRevocation> {
  const { ctx, steps } = told === "caller" ? { ctx: world, steps: null } : observed(world);
  const { decision, accessUntil } = await tellProvider(ctx, row, away);
  const now = ctx.now();
  const until = accessUntil && accessUntil > now ? accessUntil : null;
  const hasEndpoint = row.client !== null && row.client.revocationEndpoint !== null;
  try {
    if (!decision.ended) {
      await postponeRevocation(ctx.db, row, decision, now);
      return { outcome: "PENDING", hasEndpoint, accessUntil: until };
    }
    const { outcome, answer } = decision;
    const end = { outcome, answer, accessUntil: until };
    const eventOf = told === "caller" ? null : auditEvent(told);
    const isHeld = await endRevocation(ctx.db, row, end, now, eventOf);
    if (isHeld && steps && told !== "caller") recordEnd(ctx, row, end, told, steps.read());
    return { outcome, hasEndpoint, accessUntil: until };
  } catch (error) {
    // The lease ends, and the sweep tries again: notifying a provider twice does no harm.
    ctx.log.warn({ err: error, serverId: row.serverId }, "the end of a revocation was not saved");
    return { outcome: "PENDING", hasEndpoint, accessUntil: until };
  }
}

interface Answered {
  decision: RevocationDecision;
  /**
   * A token that servers validate without asking the provider cannot be revoked: the provider still answers 200,
   * and the token works until it expires (RFC 7009 §3).
   */
  accessUntil: Date | null;
}

async function tellProvider(
  ctx: RevocationContext,
  row: TokenRevocationRow,
  away: Set<string>,
): Promise<Answered> {
  const now = ctx.now();
  const unknown = { accessUntil: row.accessExpiresAt };
  if (await isAuthorizedAgain(ctx.db, row)) {
    return { decision: { ended: true, ...authorizedAgain }, ...unknown };
  }
  if (away.has(row.providerHost)) {
    const reason = `${row.providerHost} did not answer when it was asked for other accounts.`;
    return { decision: tryAgain(reason, row, now), ...unknown };
  }
  try {
    const tokens = openDeletedTokens(ctx.keyring, row);
    const ofToken = jwtExpiry(tokens.accessToken ?? "");
    const client = await clientOf(ctx, row);
    if (!client?.revocationEndpoint) {
      const accessUntil = ofToken ?? row.accessExpiresAt;
      return { decision: decideRevocation(null, row, now), accessUntil };
    }
    const outcomes = await revokeTokens({ client, tokens }, ctx);
    const ofAccess = outcomes.find(({ token }) => token === "access_token")?.outcome;
    const decision = decideRevocation(outcomes, row, ctx.now());
    if (outcomes.every((each) => each.outcome === "failed" && each.mayPass)) {
      away.add(row.providerHost);
    }
    return {
      decision,
      accessUntil: ofAccess === "revoked" ? ofToken : (ofToken ?? row.accessExpiresAt),
    };
  } catch (error) {
    ctx.log.warn({ err: error, serverId: row.serverId }, "the provider could not be told");
    // It recovers once the operator adds the key.
    if (error instanceof SealedBoxError || !(error instanceof UsherError)) {
      const reason = error instanceof UsherError ? error.userMessage : "Usher failed to ask it.";
      return { decision: tryAgain(reason, row, now), ...unknown };
    }
    return { decision: { ended: true, outcome: "REFUSED", answer: error.userMessage }, ...unknown };
  }
}

async function clientOf(ctx: RevocationContext, row: TokenRevocationRow) {
  if (row.client === null || row.clientRowId === null) return null;
  const { clientSecretExpiresAt: expiry, ...client } = row.client;
  return openAskingClient(ctx, {
    ...client,
    ...{ id: row.clientRowId, clientSecretSealed: row.clientSecretSealed },
    clientSecretExpiresAt: expiry === null ? null : new Date(expiry),
  });
}

type Ending = { outcome: RevocationOutcome; answer: string };

function recordEnd(
  ctx: RevocationContext,
  { serverId, ownerKey }: TokenRevocationRow,
  { outcome, answer }: Ending,
  told: Exclude<Told, "caller">,
  steps: ReturnType<ReturnType<typeof observed>["steps"]["read"]>,
): void {
  ctx.flows.record({
    ...{ serverId, ownerKey, kind: "REVOCATION", steps, reason: answer },
    ...{ trigger: told === "sweep" ? "sweep" : "person" },
    actorId: told === "sweep" ? null : told.actorId,
    outcome: outcome === "REVOKED" || outcome === "NO_ENDPOINT" ? "succeeded" : "failed",
  });
}

function auditEvent(told: Exclude<Told, "caller">): Parameters<typeof endRevocation>[4] {
  return ({ serverId, serverName, ownerKey, ...row }) => ({
    action: "connection.revoke-at-provider",
    ...(told === "sweep" ? { actorId: null, actorEmail: null } : told),
    ...{ serverId, serverName, ownerKey },
    details: {
      ...{ person: row.userEmail, account: row.accountName, provider: row.providerHost },
      ...{ outcome: row.outcome, answer: row.answer },
    },
  });
}
