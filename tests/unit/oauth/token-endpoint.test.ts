import type { RequestListener } from "node:http";
import { afterEach, describe, expect, test, vi } from "vitest";
import {
  InvalidInputError,
  OutboundRefusedError,
  ProviderError,
  UnreachableError,
} from "@/lib/errors";
import { createOutboundAgent, createOutboundFetch } from "@/lib/net/fetch";
import type { OAuthClient } from "@/lib/oauth/client";
import { classifyRefreshFailure } from "@/lib/oauth/error-response";
import { exchangeCode, refreshTokens } from "@/lib/oauth/token-endpoint";
import {
  type LocalHttpServer,
  readBody,
  sendJson,
  startHttpServer,
} from "@/tests/support/local-http-server";

const now = new Date("2026-03-01T12:00:00Z");
const opened: { close(): Promise<void> }[] = [];

afterEach(async () => {
  vi.useRealTimers();
  await Promise.all(opened.splice(0).map((one) => one.close()));
});

async function serve(handler: RequestListener): Promise<LocalHttpServer> {
  const server = await startHttpServer(handler);
  opened.push(server);
  return server;
}

function context() {
  const agent = createOutboundAgent({ allowHttpLoopback: true, allowedPrivateHosts: [] });
  opened.push(agent);
  return { outbound: createOutboundFetch(agent), now: () => now };
}

function clientAt(origin: string, rest: Partial<OAuthClient> = {}): OAuthClient {
  return {
    clientId: "client-id",
    clientSecret: "client-secret",
    authorizationEndpoint: `${origin}/authorize`,
    tokenEndpoint: `${origin}/token`,
    revocationEndpoint: null,
    issuer: null,
    tokenEndpointAuthMethod: "CLIENT_SECRET_BASIC",
    ...rest,
  };
}

interface Seen {
  method: string | undefined;
  url: string | undefined;
  headers: Record<string, unknown>;
  body: Record<string, string>;
}

/** A token endpoint that records its requests and always grants. */
async function granting(): Promise<{ server: LocalHttpServer; seen: Seen[] }> {
  const seen: Seen[] = [];
  const server = await serve(async (request, response) => {
    const body = Object.fromEntries(new URLSearchParams(await readBody(request)));
    seen.push({ method: request.method, url: request.url, headers: request.headers, body });
    sendJson(response, 200, { access_token: "at", token_type: "Bearer", expires_in: 60 });
  });
  return { server, seen };
}

const refresh = (client: OAuthClient, resource: string | null = null) =>
  refreshTokens({ client, refreshToken: "the-refresh-token", resource }, context());

async function failureOf<E extends Error>(
  promise: Promise<unknown>,
  type: abstract new (...args: never[]) => E,
): Promise<E> {
  const error = await promise.then(
    () => new Error("it succeeded"),
    (reason: unknown) => reason,
  );
  if (error instanceof type) return error;
  throw error;
}

describe("a token request", () => {
  test("exchanges a code as specified in RFC 6749 §4.1.3, 7636 §4.5 and 8707 §2.2", async () => {
    const { server, seen } = await granting();
    const grant = {
      client: clientAt(server.origin),
      code: "the code+/",
      redirectUri: "https://usher.example/oauth/callback",
      codeVerifier: "the-verifier",
      resource: "https://mcp.example/mcp",
    };
    expect(await exchangeCode(grant, context())).toEqual({
      accessToken: "at",
      refreshToken: null,
      tokenType: "Bearer",
      scope: null,
      expiresAt: new Date("2026-03-01T12:01:00Z"),
      obtainedAt: now,
      toldAccount: expect.any(Function),
    });
    expect(seen[0]).toMatchObject({
      method: "POST",
      url: "/token",
      headers: {
        accept: "application/json",
        authorization: `Basic ${Buffer.from("client-id:client-secret").toString("base64")}`,
      },
    });
    expect(seen[0]?.headers["content-type"]).toMatch(/^application\/x-www-form-urlencoded/);
    expect(seen[0]?.body).toEqual({
      grant_type: "authorization_code",
      code: "the code+/",
      redirect_uri: "https://usher.example/oauth/callback",
      code_verifier: "the-verifier",
      resource: "https://mcp.example/mcp",
    });
  });

  test("refreshes as specified in RFC 6749 §6", async () => {
    const { server, seen } = await granting();
    await refresh(clientAt(server.origin));
    expect(seen[0]?.body).toEqual({
      grant_type: "refresh_token",
      refresh_token: "the-refresh-token",
    });
    await refresh(clientAt(server.origin), "https://mcp.example/mcp");
    expect(seen[1]?.body.resource).toBe("https://mcp.example/mcp");
  });

  test("repeats the scopes on refresh for a provider that requires it, and for no other", async () => {
    const { server, seen } = await granting();
    for (const scopeOnRefresh of [true, false]) {
      const client = clientAt(server.origin, { settings: { scopeOnRefresh } });
      const grant = { client, refreshToken: "rt", resource: null, scope: "api://files/.default" };
      await refreshTokens(grant, context());
    }
    expect(seen.map(({ body }) => body.scope)).toEqual(["api://files/.default", undefined]);
  });

  test("keeps the token endpoint's query", async () => {
    const { server, seen } = await granting();
    await refresh(clientAt(server.origin, { tokenEndpoint: `${server.origin}/token?tenant=a` }));
    expect(seen[0]?.url).toBe("/token?tenant=a");
  });
});

describe("client authentication", () => {
  async function credentials(rest: Partial<OAuthClient>): Promise<Seen> {
    const { server, seen } = await granting();
    await refresh(clientAt(server.origin, rest));
    const [request] = seen;
    if (!request) throw new Error("no request came");
    return request;
  }

  test.each([
    ["Iv1.8a61f9b3a7aba766", "s3cr_et-~*.", "Iv1.8a61f9b3a7aba766:s3cr_et-~*."],
    ["a:b c", "p%d+/=&ü", "a%3Ab+c:p%25d%2B%2F%3D%26%C3%BC"],
  ])("by Basic form-encodes %s and %s, and nothing else", async (id, secret, sent) => {
    const { headers, body } = await credentials({ clientId: id, clientSecret: secret });
    const [scheme, encoded = ""] = String(headers.authorization).split(" ");
    expect(scheme).toBe("Basic");
    expect(Buffer.from(encoded, "base64").toString()).toBe(sent);
    expect(sent.split(":").map((part) => new URLSearchParams(`x=${part}`).get("x"))).toEqual([
      id,
      secret,
    ]);
    expect(body).not.toHaveProperty("client_secret");
  });

  test("by post puts both into the body", async () => {
    const { headers, body } = await credentials({ tokenEndpointAuthMethod: "CLIENT_SECRET_POST" });
    expect(headers).not.toHaveProperty("authorization");
    expect(body).toMatchObject({ client_id: "client-id", client_secret: "client-secret" });
  });

  test("as a public client sends only the client ID, even if a secret is stored", async () => {
    const { headers, body } = await credentials({ tokenEndpointAuthMethod: "NONE" });
    expect(headers).not.toHaveProperty("authorization");
    expect(body).toMatchObject({ client_id: "client-id" });
    expect(body).not.toHaveProperty("client_secret");
  });

  test("without the required secret says who can fix that, and sends nothing", async () => {
    const { server } = await granting();
    const client = clientAt(server.origin, { clientSecret: null });
    const error = await failureOf(refresh(client), InvalidInputError);
    expect(error.userMessage).toContain("client secret is missing");
    expect(server.connections()).toBe(0);
  });
});

describe("real-world providers:", () => {
  test.each<[string, RequestListener]>([
    [
      "GitHub, which answers form-encoded",
      (_, response) => {
        response.setHeader("content-type", "application/x-www-form-urlencoded");
        response.end("access_token=at&scope=repo&token_type=bearer");
      },
    ],
    [
      "one that calls JSON text/html",
      (_, response) => {
        response.setHeader("content-type", "text/html");
        response.end('{"access_token":"at"}');
      },
    ],
    [
      "one that answers 201 in pieces",
      (_, response) => {
        response.writeHead(201);
        response.write('{"access_');
        setTimeout(() => response.end('token":"at"}'), 20);
      },
    ],
  ])("%s grants", async (_, handler) => {
    const server = await serve(handler);
    expect((await refresh(clientAt(server.origin))).accessToken).toBe("at");
  });

  test("one that quotes the refresh token in its error does not have it shown", async () => {
    const server = await serve((_, response) =>
      sendJson(response, 400, {
        error: "invalid_grant",
        error_description: "the-refresh-token of client-secret is gone",
      }),
    );
    const error = await failureOf(refresh(clientAt(server.origin)), ProviderError);
    expect(classifyRefreshFailure(error).verdict).toBe("grant_ended");
    expect(error.userMessage).toContain("“… of … is gone”");
  });

  test("one that asks for patience is left alone", async () => {
    const server = await serve((_, response) => {
      response.setHeader("retry-after", "17");
      sendJson(response, 429, { error: "slow_down" });
    });
    const error = await failureOf(refresh(clientAt(server.origin)), ProviderError);
    expect(classifyRefreshFailure(error)).toMatchObject({
      verdict: "outage",
      retryAfterMs: 17_000,
    });
  });

  test.each([301, 302, 303, 307, 308])(
    "one that redirects with %i receives no second request",
    async (status) => {
      const canary = await serve((_, response) =>
        sendJson(response, 200, { access_token: "evil" }),
      );
      const server = await serve((_, response) => {
        response.writeHead(status, { location: `${canary.origin}/token` });
        response.end();
      });
      const error = await failureOf(refresh(clientAt(server.origin)), ProviderError);
      expect(error.userMessage).toContain("redirect");
      expect(classifyRefreshFailure(error).verdict).toBe("outage");
      expect(canary.connections()).toBe(0);
    },
  );
});

describe("limits", () => {
  test.each<[string, RequestListener]>([
    ["never answers", () => {}],
    ["never ends its answer", (_, response) => response.write('{"access_token":')],
  ])("end a request within 20 seconds to a provider that %s", async (_, handler) => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    let arrived = () => {};
    const arrival = new Promise<void>((resolve) => {
      arrived = resolve;
    });
    const server = await serve((request, response) => {
      handler(request, response);
      arrived();
    });
    let settled = false;
    const failure = failureOf(refresh(clientAt(server.origin)), UnreachableError).finally(() => {
      settled = true;
    });
    await arrival;
    await new Promise((resolve) => setImmediate(resolve));
    await vi.advanceTimersByTimeAsync(19_400);
    expect(settled).toBe(false);
    await vi.advanceTimersByTimeAsync(200);
    const error = await failure;
    expect(error.reason).toBe("timeout");
    expect(classifyRefreshFailure(error).verdict).toBe("outage");
  });

  test("apply to all forms of client authentication together", async () => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "performance"] });
    const arrivals: (() => void)[] = [];
    const arrival = (nth: number) =>
      new Promise<void>((resolve) => {
        arrivals[nth] = resolve;
      });
    const [first, second] = [arrival(0), arrival(1)];
    let refuse = () => {};
    const server = await serve((_, response) => {
      refuse = () => sendJson(response, 401, { error: "invalid_client" });
      arrivals.shift()?.();
    });
    const failure = failureOf(refresh(clientAt(server.origin)), UnreachableError);
    await first;
    await vi.advanceTimersByTimeAsync(15_000);
    refuse();
    await second;
    await vi.advanceTimersByTimeAsync(4600);
    expect((await failure).reason).toBe("timeout");
  });

  test("end an answer of more than 256 KiB", async () => {
    const server = await serve((_, response) => {
      response.end(`{"access_token":"at","padding":"${"x".repeat(256 * 1024)}"}`);
    });
    const error = await failureOf(refresh(clientAt(server.origin)), UnreachableError);
    expect(error.reason).toBe("too_large");
  });

  test("leave the final decision to the guard", async () => {
    const client = clientAt("https://10.0.0.1");
    const error = await failureOf(refresh(client), OutboundRefusedError);
    expect(classifyRefreshFailure(error).verdict).toBe("outage");
  });

  test("and a network failure is reported as an unreachable provider", async () => {
    const outbound = () => Promise.reject(new TypeError("fetch failed"));
    const failed = refreshTokens(
      { client: clientAt("https://as.example"), refreshToken: "rt", resource: null },
      { outbound, now: () => now },
    );
    expect((await failureOf(failed, UnreachableError)).userMessage).toContain("as.example");
  });
});
