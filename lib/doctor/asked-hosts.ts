import type { Database } from "@/lib/db/client";
import { listServerUrls } from "@/lib/db/inspection/outbound";
import { OutboundRefusedError, UnreachableError, UsherError } from "@/lib/errors";
import type { OutboundFetch } from "@/lib/net/fetch";
import { parseUrl } from "@/lib/parse-url";

/** The answer of one registered server's or provider's host, whatever its status. */
export interface AskedHost {
  host: string;
  /** Null: it answered. */
  problem: string | null;
  reason: UnreachableError["reason"] | "refused" | null;
  /** How far its clock is ahead of ours, in ms, to the second; null: unknown. */
  aheadMs: number | null;
}

const mostUrls = 500;
const mostHosts = 12;
const answerMs = 6_000;

/**
 * Each host once, in parallel, without a token. A hanging host delays only itself.
 * @param ctx.serverId the hosts of this server only; null: of all
 */
export async function askHosts(ctx: {
  db: Database;
  outbound: OutboundFetch;
  now: () => Date;
  serverId: string | null;
}): Promise<AskedHost[]> {
  const urls = await listServerUrls(ctx.db, ctx.serverId, mostUrls);
  const origins = new Set(urls.flatMap((url) => parseUrl(url)?.origin ?? []));
  return Promise.all([...origins].slice(0, mostHosts).map((origin) => askHost(ctx, origin)));
}

async function askHost(
  { outbound, now }: { outbound: OutboundFetch; now: () => Date },
  origin: string,
): Promise<AskedHost> {
  const { host } = new URL(origin);
  const answered = { host, problem: null, reason: null };
  const timeout = new AbortController();
  const timer = setTimeout(
    () =>
      timeout.abort(new UnreachableError("timeout", `${host} did not answer within 6 seconds.`)),
    answerMs,
  );
  try {
    const sentAt = now().getTime();
    const { headers, body } = await outbound(`${origin}/`, {
      redirect: "manual",
      signal: timeout.signal,
    });
    const middle = (sentAt + now().getTime()) / 2;
    await body?.cancel().catch(() => {});
    return { ...answered, aheadMs: clockOf(headers, middle) };
  } catch (error) {
    if (!(error instanceof UsherError)) throw error;
    const reason =
      error instanceof UnreachableError
        ? error.reason
        : error instanceof OutboundRefusedError
          ? "refused"
          : "reset";
    return { host, problem: error.userMessage, reason, aheadMs: null };
  } finally {
    clearTimeout(timer);
  }
}

/**
 * `Date` is when the response was created; a cache says how long ago that was.
 * @see https://www.rfc-editor.org/rfc/rfc9110#section-6.6.1 and https://www.rfc-editor.org/rfc/rfc9111#section-5.1
 */
function clockOf(headers: Headers, ownMs: number): number | null {
  const date = Date.parse(headers.get("date") ?? "");
  if (Number.isNaN(date)) return null;
  const age = Number(headers.get("age") ?? 0);
  // The header has whole seconds: half a second is the best guess for the rest.
  return date + 500 + (age > 0 ? age * 1000 : 0) - ownMs;
}
