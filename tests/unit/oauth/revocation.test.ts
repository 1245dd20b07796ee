import type { RequestListener } from "node:http";
import { afterEach, describe, expect, test } from "vitest";
import { createOutboundAgent, createOutboundFetch } from "@/lib/net/fetch";
import type { OAuthClient } from "@/lib/oauth/client";
import { revokeTokens } from "@/lib/oauth/revocation";
import {
  type LocalHttpServer,
  readBody,
  sendJson,
  startHttpServer,
} from "@/tests/support/local-http-server";

const opened: { close(): Promise<void> }[] = [];

afterEach(async () => {
  await Promise.all(opened.splice(0).map((one) => one.close()));
});

async function serve(handler: RequestListener): Promise<LocalHttpServer> {
  const server = await startHttpServer(handler);
  opened.push(server);
  return server;
}

function revoke(revocationEndpoint: string | null, refreshToken: string | null = "rt") {
  const agent = createOutboundAgent({ allowHttpLoopback: true, allowedPrivateHosts: [] });
  opened.push(agent);
  const client: OAuthClient = {
    clientId: "id",
    clientSecret: "secret",
    authorizationEndpoint: "https://as.example/authorize",
    tokenEndpoint: "https://as.example/token",
    revocationEndpoint,
    issuer: null,
    tokenEndpointAuthMethod: "CLIENT_SECRET_POST",
  };
  const ctx = { outbound: createOutboundFetch(agent), now: () => new Date() };
  return revokeTokens({ client, tokens: { accessToken: "at", refreshToken } }, ctx);
}

describe("revocation", () => {
  test("revokes the refresh token first, then the access token", async () => {
    const seen: Record<string, string>[] = [];
    const { origin } = await serve(async (request, response) => {
      seen.push(Object.fromEntries(new URLSearchParams(await readBody(request))));
      response.end();
    });
    expect(await revoke(`${origin}/revoke`)).toEqual([
      { token: "refresh_token", outcome: "revoked" },
      { token: "access_token", outcome: "revoked" },
    ]);
    const credentials = { client_id: "id", client_secret: "secret" };
    expect(seen).toEqual([
      { ...credentials, token: "rt", token_type_hint: "refresh_token" },
      { ...credentials, token: "at", token_type_hint: "access_token" },
    ]);
  });

  test("sends only existing tokens, and only if there is an endpoint", async () => {
    const { origin } = await serve((_, response) => response.writeHead(204).end());
    expect(await revoke(origin, null)).toEqual([{ token: "access_token", outcome: "revoked" }]);
    expect(await revoke(null)).toEqual([]);
  });

  test.each<[string, RequestListener]>([
    ["503", (_, response) => response.writeHead(503).end()],
    ["an OAuth error", (_, response) => sendJson(response, 400, { error: "invalid_client" })],
    ["an error with status 200", (_, response) => sendJson(response, 200, { ok: false })],
    ["a web page", (_, response) => response.end("<!doctype html><title>Home</title>")],
    ["a redirect", (_, response) => response.writeHead(302, { location: "/elsewhere" }).end()],
    ["a reset", (request) => request.socket.destroy()],
  ])("answered by %s fails with a plain message and throws nothing", async (_, handler) => {
    const { origin, port } = await serve(handler);
    const outcomes = await revoke(`${origin}/revoke`);
    expect(outcomes).toHaveLength(2);
    for (const one of outcomes) {
      expect(one.outcome).toBe("failed");
      expect("reason" in one && one.reason).toContain(`127.0.0.1:${port} `);
    }
  });

  test("throws nothing for a URL that the guard refuses", async () => {
    expect(await revoke("https://10.0.0.1/revoke")).toMatchObject([
      { outcome: "failed" },
      { outcome: "failed" },
    ]);
  });

  test("distinguishes what a provider does not support from what failed", async () => {
    const { origin } = await serve(async (request, response) => {
      const access = (await readBody(request)).includes("token_type_hint=access_token");
      if (access) sendJson(response, 400, { error: "unsupported_token_type" });
      else response.end();
    });
    expect(await revoke(origin)).toMatchObject([
      { token: "refresh_token", outcome: "revoked" },
      { token: "access_token", outcome: "unsupported" },
    ]);
  });
});
