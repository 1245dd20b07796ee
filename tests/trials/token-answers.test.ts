import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { AuthorizationServer } from "@/demo/authorization-server";
import type { EndpointFault } from "@/demo/authorization-server/endpoint-faults";
import type { ConnectionStatus } from "@/lib/contracts/connections/connection";
import { UsherError } from "@/lib/errors";
import { accessToken } from "@/lib/tokens/access-token";
import { findConnection } from "@/lib/tokens/own-connections";
import { Clock } from "@/tests/support/clock";
import { type Installation, startInstallation, startProvider } from "@/tests/support/installation";
import type { Visitor } from "@/tests/support/visitor";
import { type Account, connect, introspect, refreshPosts } from "./accounts";
import { tell } from "./figures";

const second = 1000;
const minute = 60 * second;
const hour = 60 * minute;
const calls = 20;
/** Longer than a token stays cached: every call reads what is stored. */
const betweenCalls = 5 * second;

type Kind = "opaque" | "jwt" | "not rotating";

interface Case {
  what: string;
  provider?: Kind;
  /** What the refresh response is changed into. */
  fault: EndpointFault;
  /** Seconds from the refresh to the stored expiry; null: none is stored. */
  expiresIn?: number | null;
  status?: ConnectionStatus;
  scope?: string;
  /** What a call gets instead of a token. */
  error?: "try_later" | "authorization_required";
  /** POSTs during the calls; 1 unless given. */
  posts?: number;
}

const expiresIn = (value: unknown): EndpointFault => ({ kind: "expires-in", value });
const changed = (change: Record<string, unknown>): EndpointFault => ({
  kind: "changed",
  change: (answer) => ({ ...answer, ...change }),
});
const without = (name: string): EndpointFault => changed({ [name]: undefined });
const jwtOf = (claims: object) =>
  ["{}", JSON.stringify(claims), "signature"]
    .map((part) => Buffer.from(part).toString("base64url"))
    .join(".");

const cases: Case[] = [
  { what: "expires_in missing", fault: expiresIn(undefined), expiresIn: null },
  { what: "expires_in null", fault: expiresIn(null), expiresIn: null },
  { what: "expires_in as a string", fault: expiresIn("7200"), expiresIn: 7200 },
  { what: "expires_in as a float", fault: expiresIn(7199.5), expiresIn: 7199.5 },
  { what: "expires_in as a string with a float", fault: expiresIn("7199.5"), expiresIn: 7199.5 },
  { what: "expires_in zero", fault: expiresIn(0), expiresIn: null },
  { what: "expires_in zero as a string", fault: expiresIn("0"), expiresIn: null },
  { what: "expires_in negative", fault: expiresIn(-3600), expiresIn: null },
  { what: "expires_in a date", fault: expiresIn(4_102_444_800), expiresIn: null },
  { what: "expires_in beyond every date", fault: expiresIn(1e18), expiresIn: null },
  { what: "expires_in a word", fault: expiresIn("soon"), expiresIn: null },
  { what: "expires_in empty", fault: expiresIn(""), expiresIn: null },
  { what: "expires_in true", fault: expiresIn(true), expiresIn: null },
  { what: "expires_in an object", fault: expiresIn({ seconds: 60 }), expiresIn: null },
  {
    what: "expires_in missing, beside a JWT that says it",
    provider: "jwt",
    fault: expiresIn(undefined),
    expiresIn: 3600,
  },
  {
    what: "expires_in zero, beside a JWT that says it",
    provider: "jwt",
    fault: expiresIn(0),
    expiresIn: 3600,
  },
  {
    what: "expires_in missing, beside a JWT that ends before it begins",
    fault: changed({ expires_in: undefined, access_token: jwtOf({ iat: 2000, exp: 1000 }) }),
    expiresIn: null,
  },
  {
    what: "expires_in missing, beside a JWT in milliseconds",
    fault: changed({
      expires_in: undefined,
      access_token: jwtOf({ iat: 1_700_000_000, exp: 1_700_003_600_000 }),
    }),
    expiresIn: null,
  },
  { what: "refresh_token missing", provider: "not rotating", fault: without("refresh_token") },
  { what: "refresh_token null", provider: "not rotating", fault: changed({ refresh_token: null }) },
  { what: "refresh_token empty", provider: "not rotating", fault: changed({ refresh_token: "" }) },
  { what: "form-encoded", fault: { kind: "form-encoded" } },
  { what: "token_type missing", fault: without("token_type") },
  { what: "a narrower scope", fault: changed({ scope: "files:read" }), scope: "files:read" },
  {
    what: "a scope as a list",
    fault: changed({ scope: ["files:write", "files:read"] }),
    scope: "files:write files:read",
  },
  { what: "scope missing", fault: without("scope"), scope: "files:read files:write" },
  {
    what: "the token nested as Slack nests it",
    fault: {
      kind: "changed",
      change: ({ token_type, ...answer }) => ({
        ok: true,
        authed_user: { ...answer, token_type: "user" },
      }),
    },
  },
  {
    what: "{ok: false} with 200, of trouble",
    fault: { kind: "ok-false", error: "internal_error" },
    error: "try_later",
    expiresIn: -60,
    posts: calls,
  },
  {
    what: "{ok: false} with 200, of a revoked token",
    fault: { kind: "ok-false", error: "token_revoked" },
    error: "authorization_required",
    status: "needs_authorization",
    expiresIn: -60,
  },
  {
    what: "no access token",
    provider: "not rotating",
    fault: without("access_token"),
    error: "try_later",
    expiresIn: -60,
    posts: calls,
  },
];

let usher: Installation;
let admin: Visitor;
const clock = new Clock();
const providers = new Map<Kind, AuthorizationServer>();

beforeAll(async () => {
  usher = await startInstallation({ now: clock.now });
  admin = await usher.join("ADMIN");
  providers.set("opaque", await startProvider());
  providers.set("jwt", await startProvider({ accessTokenFormat: "jwt" }));
  providers.set("not rotating", await startProvider({ rotateRefreshTokens: false }));
});
afterAll(async () => {
  await usher.close();
  for (const provider of providers.values()) await provider.close();
});

async function connectTo(kind: Kind): Promise<Account> {
  const provider = providers.get(kind);
  if (!provider) throw new Error(`No provider is ${kind}.`);
  provider.stopFailing();
  return connect(usher, admin, provider);
}

const call = ({ owner }: Account): Promise<string> =>
  accessToken(usher.app, owner).catch((error: unknown) => {
    if (error instanceof UsherError) return error.code;
    throw error;
  });

async function connectionOf({ owner }: Account) {
  const shown = await findConnection(usher.app, admin.user, owner.serverId);
  return shown?.connection;
}

function storedOf({ owner }: Account) {
  return usher.app.db.storedTokenSet.findUniqueOrThrow({ where: { serverId_ownerKey: owner } });
}

describe("a refresh response with", () => {
  let posts = 0;

  it.each(cases)("$what is stored and used without a loop", async (one) => {
    const account = await connectTo(one.provider ?? "opaque");
    clock.advance(hour + minute);
    account.provider.failNextTokenRequests(Number.POSITIVE_INFINITY, one.fault);
    const refreshedAt = clock.now().getTime();
    const got = new Set<string>();
    for (let n = 0; n < calls; n++) {
      got.add(await call(account));
      clock.advance(betweenCalls);
    }

    const seen = refreshPosts(account).length;
    posts = Math.max(posts, one.error === "try_later" ? 0 : seen);
    if (one.error === "try_later") expect(seen).toBeLessThanOrEqual(one.posts ?? 1);
    else expect(seen).toBe(1);
    const shown = await connectionOf(account);
    expect(shown?.standing.status).toBe(
      one.status ?? (one.error === "try_later" ? "retrying" : "connected"),
    );
    const stored = one.expiresIn === undefined ? 3600 : one.expiresIn;
    const expected = stored === null ? null : new Date(refreshedAt + stored * second).toISOString();
    expect((await storedOf(account)).expiresAt?.toISOString() ?? null).toBe(expected);
    expect(shown?.scope).toBe(one.scope ?? "files:read files:write");
    if (one.error) {
      expect([...got]).toEqual([one.error]);
      expect(shown?.standing.reason).toMatch(/\w+ \w+/);
    } else {
      expect(got.size).toBe(1);
      expect(shown?.standing.reason).toBeNull();
    }
    if (one.error === "authorization_required") return;

    // What is stored can still renew the access.
    account.provider.stopFailing();
    clock.advance(Math.max(stored ?? 0, 0) * second + hour);
    const later = await call(account);
    if (stored === null) {
      expect(got).toContain(later);
      return;
    }
    expect(got).not.toContain(later);
    // The provider does not introspect JWTs.
    if (one.provider === "jwt") return;
    expect(await introspect(account.provider, later)).toMatchObject({ active: true });
  });

  it("any of these quirks costs one request", () => {
    tell(
      `${cases.length} odd token answers, ${calls} calls after each: no refresh loop, right status`,
      `${posts} POST each (back-off where there was none to store)`,
    );
    expect(posts).toBe(1);
  });
});
