import type { RequestListener } from "node:http";
import { createServer, type Socket } from "node:net";
import { gzipSync } from "node:zlib";
import { afterEach, describe, expect, test } from "vitest";
import { ProviderError } from "@/lib/errors";
import { createOutboundAgent, createOutboundFetch } from "@/lib/net/fetch";
import type { OAuthClient } from "@/lib/oauth/client";
import { classifyRefreshFailure } from "@/lib/oauth/error-response";
import { explainExchange } from "@/lib/oauth/exchange-refusal";
import { exchangeToken } from "@/lib/oauth/identity-assertion";
import { revokeTokens } from "@/lib/oauth/revocation";
import { exchangeCode, refreshTokens } from "@/lib/oauth/token-endpoint";
import { decideRevocation } from "@/lib/tokens/revocation/decide-revocation";
import { readBody, sendJson, startHttpServer } from "@/tests/support/local-http-server";

const now = new Date("2026-03-01T12:00:00Z");
const inAWeek = new Date("2026-03-08T12:00:00Z");
const opened: { close(): Promise<void> }[] = [];

afterEach(async () => {
  await Promise.all(opened.splice(0).map((one) => one.close()));
});

async function serve(handler: RequestListener): Promise<string> {
  const server = await startHttpServer(handler);
  opened.push(server);
  return server.origin;
}

/** A server that sends these bytes and closes the connection. */
async function sends(...chunks: (string | Buffer)[]): Promise<string> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on("error", () => {});
    socket.once("data", () => {
      for (const chunk of chunks) socket.write(chunk);
      socket.end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  opened.push({
    close: () =>
      new Promise((resolve) => {
        for (const socket of sockets) socket.destroy();
        server.close(() => resolve());
      }),
  });
  const address = server.address();
  return `http://127.0.0.1:${typeof address === "object" && address ? address.port : 0}`;
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
    revocationEndpoint: `${origin}/revoke`,
    issuer: null,
    tokenEndpointAuthMethod: "CLIENT_SECRET_POST",
    ...rest,
  };
}

const refresh = (client: OAuthClient) =>
  refreshTokens({ client, refreshToken: "the-refresh-token", resource: null }, context());

async function failureOf(promise: Promise<unknown>) {
  const error = await promise.then(
    () => new Error("it succeeded"),
    (reason: unknown) => reason,
  );
  if (!(error instanceof ProviderError)) throw error;
  return { ...classifyRefreshFailure(error), error };
}

const json = '{"access_token":"at","refresh_token":"rt"}';

describe("tokens are read from an answer", () => {
  const zipped = gzipSync(json);
  test.each<[string, (string | Buffer)[]]>([
    ["of HTTP/1.0 without a length", ["HTTP/1.0 200 OK\r\n\r\n", json]],
    ["without a Content-Type", [`HTTP/1.1 200 OK\r\nContent-Length: ${json.length}\r\n\r\n`, json]],
    [
      "that is compressed",
      [
        `HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: ${zipped.length}\r\n\r\n`,
        zipped,
      ],
    ],
    [
      "that names a compression and has none",
      [`HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: ${json.length}\r\n\r\n`, json],
    ],
    [
      "that names a charset as its encoding",
      [
        `HTTP/1.1 200 OK\r\nContent-Encoding: utf-8\r\nContent-Length: ${json.length}\r\n\r\n`,
        json,
      ],
    ],
    ["with status 203", [`HTTP/1.1 203 OK\r\nContent-Length: ${json.length}\r\n\r\n`, json]],
  ])("%s", async (_, chunks) => {
    const client = clientAt(await sends(...chunks));
    expect(await refresh(client)).toMatchObject({ accessToken: "at", refreshToken: "rt" });
  });
});

describe("a 401", () => {
  const refused = async (challenge: string, body = "") => {
    const origin = await serve((_, response) => {
      response.writeHead(401, { "www-authenticate": challenge }).end(body);
    });
    return failureOf(refresh(clientAt(origin)));
  };

  // RFC 6749 §5.2, cloudfoundry/uaa#2575
  test.each([
    'Basic realm="token"',
    'Basic realm="UAA/client", error="unauthorized", error_description="Bad credentials"',
    'Bearer error="invalid_client"',
  ])("with the challenge %s and no body refuses the client", async (challenge) => {
    expect((await refused(challenge)).verdict).toBe("client_refused");
  });

  test("with the reason in its challenge has ended the grant", async () => {
    const challenge = 'Bearer error="invalid_token", error_description="Refresh token expired"';
    expect((await refused(challenge)).verdict).toBe("grant_ended");
  });

  test("with a proxy's page says nothing about the client", async () => {
    const page = "<html><h1>401 Authorization Required</h1></html>";
    expect((await refused('Basic realm="Restricted"', page)).verdict).toBe("outage");
  });
});

// Softeria/ms-365-mcp-server#288, Softeria/ms-365-mcp-server#667
test("a secret is left out once the provider says that the client is a public one", async () => {
  const seen: Record<string, string>[] = [];
  const origin = await serve(async (request, response) => {
    const sent = Object.fromEntries(new URLSearchParams(await readBody(request)));
    seen.push(sent);
    const error_description =
      "AADSTS700025: Client is public so neither 'client_assertion' nor 'client_secret' should be presented.";
    if (sent.client_secret) sendJson(response, 401, { error: "invalid_client", error_description });
    else sendJson(response, 200, { access_token: "at" });
  });
  expect((await refresh(clientAt(origin))).workingAuthMethod).toBe("NONE");
  expect(seen.map(({ client_secret }) => client_secret)).toEqual(["client-secret", undefined]);
  expect(seen[1]?.client_id).toBe("client-id");
});

describe("the wait after a refusal", () => {
  test.each<[string, number, Record<string, string>, unknown, number | null]>([
    [
      "in Okta's header",
      429,
      { "x-rate-limit-reset": String(now.getTime() / 1000 + 42), date: now.toUTCString() },
      {},
      42_000,
    ],
    ["in Auth0's header", 429, { "x-ratelimit-reset": "42" }, {}, 42_000],
    [
      "in Discord's body",
      429,
      {},
      { message: "You are being rate limited.", retry_after: 41.5 },
      41_500,
    ],
    ["in no 429", 400, { "x-ratelimit-reset": "42" }, { error: "invalid_request" }, null],
    ["in another unit", 429, {}, { retry_after: 1e12 }, null],
  ])("is read %s", async (_, status, headers, body, ms) => {
    const origin = await serve((_request, response) => {
      for (const [name, value] of Object.entries(headers)) response.setHeader(name, value);
      sendJson(response, status, body);
    });
    expect((await failureOf(refresh(clientAt(origin)))).retryAfterMs).toBe(ms);
  });
});

describe("a refused code", () => {
  test.each([
    ["invalid_grant", "Code not valid", "does not accept the authorization code"],
    ["invalid_grant", "Incorrect redirect_uri", "callback URL"],
    ["invalid_grant", "PKCE verification failed", "does not accept the authorization code"],
  ])("by %s “%s” is told as what it is", async (error, error_description, words) => {
    const origin = await serve((_, response) =>
      sendJson(response, 400, { error, error_description }),
    );
    const grant = {
      code: "c",
      codeVerifier: "v",
      redirectUri: "https://u.example/cb",
      resource: null,
    };
    const asked = exchangeCode({ client: clientAt(origin), ...grant }, context());
    expect((await failureOf(asked)).reason).toContain(words);
  });
});

describe("a token exchange", () => {
  const exchange = async (told: object) => {
    const origin = await serve((_, response) =>
      sendJson(response, 200, { access_token: "at", ...told }),
    );
    const subject = { subjectToken: "s", subjectTokenType: "access_token" } as const;
    return exchangeToken(
      { client: clientAt(origin), ...subject, resource: null, scope: null },
      context(),
    );
  };

  test.each([undefined, "access_token", "jwt"])("that issued %s is taken", async (type) => {
    const issued_token_type = type && `urn:ietf:params:oauth:token-type:${type}`;
    expect((await exchange({ issued_token_type })).accessToken).toBe("at");
  });

  test.each(["refresh_token", "id_token", "saml2"])("that issued %s is not", async (type) => {
    const issued_token_type = `urn:ietf:params:oauth:token-type:${type}`;
    const { reason } = await failureOf(exchange({ issued_token_type, token_type: "Bearer" }));
    expect(reason).toContain("another kind of token");
  });
});

describe("an exchange that is refused", () => {
  const names = { idp: "Acme ID", server: "mcp.example" };
  test.each<[string, string, string, string]>([
    [
      "invalid_grant",
      "AADSTS90033: A transient error has occurred.",
      "outage",
      "tries again later",
    ],
    ["invalid_grant", "token request is already being processed", "outage", "tries again later"],
    ["invalid_request", "Invalid token", "sign_in_again", "is over"],
    ["access_denied", "Client not allowed to exchange", "refused", "does not let Usher exchange"],
    // agentgateway/agentgateway#2891
    [
      "invalid_request",
      "Invalid subject_token_type and requested_token_type combination.",
      "refused",
      "does not issue the kind of token",
    ],
  ])("by %s “%s” is told as %s", (error, said, verdict, words) => {
    const told = new ProviderError({ status: 400, error, said }, "Usher tries again later.");
    const explained = explainExchange(told, "identity_provider", names);
    expect(explained.verdict).toBe(verdict);
    expect(explained.reason).toContain(words);
  });
});
describe("a revocation", () => {
  const revoke = async (handler: RequestListener, refreshToken: string | null) => {
    const client = clientAt(await serve(handler));
    const outcomes = await revokeTokens(
      { client, tokens: { accessToken: "at", refreshToken } },
      context(),
    );
    return decideRevocation(outcomes, { attempts: 1, createdAt: now, giveUpAt: inAWeek }, now);
  };
  const unsupported: RequestListener = async (request, response) => {
    const isAccess = (await readBody(request)).includes("token_type_hint=access_token");
    if (isAccess) sendJson(response, 400, { error: "unsupported_token_type" });
    else response.end();
  };

  // better-auth/better-auth#9970
  test("that the provider does not support is not told as one", async () => {
    expect(await revoke(unsupported, null)).toMatchObject({ outcome: "REFUSED" });
    expect(await revoke(unsupported, "rt")).toMatchObject({ outcome: "REVOKED" });
  });

  test.each<[string, number, unknown, string]>([
    // TykTechnologies/tyk#3024
    [
      "a status in words",
      200,
      { status: "error", message: "error getting oauth client" },
      "not yet",
    ],
    ["a text", 200, "OK", "REVOKED"],
    [
      "a status in words that is no error",
      200,
      { status: "ok", message: "tokens revoked" },
      "REVOKED",
    ],
    // twitchdev/issues#87
    ["a token that is over", 400, { status: 400, message: "Invalid token" }, "REVOKED"],
    ["no such address", 404, "", "REFUSED"],
    ["no such method", 405, "", "REFUSED"],
    ["another media type", 415, { message: "Unsupported media type" }, "REFUSED"],
  ])("answered with %s ends as it did", async (_, status, body, outcome) => {
    const answer: RequestListener = (_request, response) =>
      typeof body === "string"
        ? response.writeHead(status).end(body)
        : sendJson(response, status, body);
    const decision = await revoke(answer, "rt");
    expect(decision.ended ? decision.outcome : "not yet").toBe(outcome);
  });
});
