import { createHmac, timingSafeEqual } from "node:crypto";
import * as z from "zod";
import type { Env } from "@/lib/env";
import { UnreachableError, UsherError } from "@/lib/errors";
import { createOutboundAgent, createOutboundFetch, type OutboundFetch } from "@/lib/net/fetch";
import { parseUrl } from "@/lib/parse-url";

type OwnEnv = Pick<Env, "publicUrl" | "nextAuthSecret" | "outboundProxy">;

/** What Usher finds at its own public URL. */
export interface OwnAddress {
  live: OwnAnswer<{ installation: string | null; instance: string | null }>;
  /** The headers with which a request through the public URL arrives. */
  echo: OwnAnswer<EchoedHeaders>;
  /** Where the callback URL leads without a state, without scheme and host. */
  callback: OwnAnswer<{ location: string | null }>;
}

type OwnAnswer<Said> =
  | { status: number; said: Said | null }
  | { status: null; problem: string; reason: UnreachableError["reason"] | "refused" };

export const echoedHeaders = z.object({
  host: z.string(),
  forwardedProto: z.string(),
  forwardedHost: z.string(),
  forwardedFor: z.string(),
});
export type EchoedHeaders = z.infer<typeof echoedHeaders>;

const limits = { headersTimeoutMs: 6_000, totalTimeoutMs: 8_000, maxResponseBytes: 64 * 1024 };

/** Reserved for documentation, so it belongs to no one. @see https://www.rfc-editor.org/rfc/rfc5737 */
export const sentClientAddress = "198.51.100.77";

/** Three requests, in parallel. The address is the operator's, so it may be in a private network. */
export async function askOwnAddress(env: OwnEnv, now: () => Date): Promise<OwnAddress> {
  const agent = createOutboundAgent(
    {
      allowHttpLoopback: env.publicUrl.startsWith("http:"),
      allowedPrivateHosts: [new URL(env.publicUrl).hostname],
    },
    { proxy: env.outboundProxy },
  );
  const send = createOutboundFetch(agent, limits);
  const ask = <Said>(path: string, headers: Record<string, string>, read: Read<Said>) =>
    answerOf(send, env.publicUrl + path, headers, read);
  try {
    const [live, echo, callback] = await Promise.all([
      ask("/api/health/live", {}, readJson(liveAnswer)),
      ask(
        "/api/health/echo",
        {
          [echoHeader]: echoToken(env, now()),
          "x-forwarded-for": sentClientAddress,
        },
        readJson(echoedHeaders),
      ),
      ask("/oauth/callback", {}, async ({ headers }) => ({
        location: pathOf(headers.get("location"), env.publicUrl),
      })),
    ]);
    return { live, echo, callback };
  } finally {
    await agent.close();
  }
}

type Read<Said> = (response: Response) => Promise<Said | null>;

const liveAnswer = z.object({
  installation: z.string().nullable().default(null),
  instance: z.string().nullable().default(null),
});

function readJson<Said>(shape: z.ZodType<Said>): Read<Said> {
  return async (response) => shape.safeParse(await response.json()).data ?? null;
}

async function answerOf<Said>(
  send: OutboundFetch,
  url: string,
  headers: Record<string, string>,
  read: Read<Said>,
): Promise<OwnAnswer<Said>> {
  try {
    const response = await send(url, { headers, redirect: "manual" });
    const said = await read(response).catch((error) => {
      // Another program's page counts as an answer.
      if (error instanceof UsherError) throw error;
      return null;
    });
    return { status: response.status, said };
  } catch (error) {
    if (!(error instanceof UsherError)) throw error;
    const reason = error instanceof UnreachableError ? error.reason : "refused";
    return { status: null, problem: error.userMessage, reason };
  }
}

function pathOf(location: string | null, publicUrl: string): string | null {
  const url = location === null ? null : parseUrl(location, publicUrl);
  return url === null || url.origin !== publicUrl ? null : url.pathname;
}

/** Not Authorization: a proxy may keep that to itself, and it would be checked for an API key. */
export const echoHeader = "x-usher-echo-token";
const tokenMs = 60_000;

/** Lets a person who knows NEXTAUTH_SECRET see, for a minute, the headers of their own request. */
export function echoToken({ nextAuthSecret }: Pick<Env, "nextAuthSecret">, now: Date): string {
  const until = String(now.getTime() + tokenMs);
  return `${until}.${macOf(nextAuthSecret, until)}`;
}

export function isEchoToken(
  { nextAuthSecret }: Pick<Env, "nextAuthSecret">,
  token: string | null,
  now: Date,
): boolean {
  const [, until = "", mac = ""] = /^(\d{1,16})\.([\w-]+)$/.exec(token ?? "") ?? [];
  const [given, right] = [Buffer.from(mac), Buffer.from(macOf(nextAuthSecret, until))];
  if (given.length !== right.length || !timingSafeEqual(given, right)) return false;
  const leftMs = Number(until) - now.getTime();
  return leftMs > 0 && leftMs <= 2 * tokenMs;
}

function macOf(nextAuthSecret: string, until: string): string {
  return createHmac("sha256", nextAuthSecret).update(`usher/echo/${until}`).digest("base64url");
}
