import { describe, expect, it } from "vitest";
import type { OddAnswer, Oddities, OddRequest } from "@/tests/support/odd-provider";
import { OddProviderStage } from "@/tests/support/odd-provider-stage";
import { discoverUrl } from "@/tests/support/paste-url";

// What MCP servers answer to a request without a token, and what Discover makes of it.

const stage = new OddProviderStage();

async function discovered(
  replace: (origin: string, usual: Oddities) => Partial<Oddities>,
): ReturnType<typeof discoverUrl> {
  const provider = await stage.odd(replace);
  return discoverUrl(stage.admin, provider.url);
}

type Message = { method?: string; id?: unknown };

/** The MCP server's answer to a request without a token; null: as usual. */
const asServer = (answer: (message: Message) => OddAnswer | null) => ({
  first: ({ path, authorization, body }: OddRequest) =>
    path === "/mcp" && authorization === null ? answer(body === "" ? {} : JSON.parse(body)) : null,
});
/** It publishes nothing, and has no OAuth at all. */
const keyOnly = (answer: OddAnswer) => ({
  ...{ resources: {}, servers: {} },
  first: ({ path }: OddRequest) => (path === "/mcp" ? answer : { status: 404 }),
});
const page = (title: string) => `<!doctype html><title>${title}</title>`;
const initialized = {
  protocolVersion: "2025-11-25",
  capabilities: { tools: {} },
  serverInfo: { name: "Open", version: "1" },
};

describe("a server without a token", () => {
  const error = (message: string) => ({ jsonrpc: "2.0", id: 1, error: { code: -32001, message } });
  const challenge = (origin: string) => ({
    "www-authenticate": `Bearer resource_metadata="${origin}/meta.json"`,
  });

  it.each<[string, (message: Message, origin: string) => OddAnswer]>([
    [
      "sends the challenge with an error and 200",
      (_, origin) => ({ headers: challenge(origin), body: error("Log in first") }),
    ],
    [
      "sends it with 403 and scopes only",
      () => ({ status: 403, headers: { "www-authenticate": 'Bearer scope="only:there"' } }),
    ],
    [
      // vuetifyjs/mcp#40, langgenius/dify#36352, danny-avila/LibreChat#13249
      "asks for it only after the handshake",
      ({ method, id }) =>
        method === "initialize"
          ? {
              headers: { "mcp-session-id": "s" },
              body: { jsonrpc: "2.0", id, result: initialized },
            }
          : method === "notifications/initialized"
            ? { status: 202 }
            : { status: 400, body: error("Server not initialized") },
    ],
  ])("that %s is asked where its challenge says", async (_, answer) => {
    let began = false;
    const { result } = await discovered((origin) => ({
      resources: {
        "/meta.json": {
          ...{ resource: `${origin}/mcp`, authorization_servers: [origin] },
          scopes_supported: ["only:there"],
        },
      },
      ...asServer((message) => {
        if (message.method === "tools/list" && began) {
          return { status: 401, headers: challenge(origin) };
        }
        began ||= message.method === "notifications/initialized";
        return answer(message, origin);
      }),
    }));
    expect(result).toMatchObject({ settings: { scope: "only:there" } });
  });

  it.each<[string, OddAnswer, RegExp]>([
    // shopware/shopware#19831
    [
      "500",
      { status: 500, body: error('Missing "Authorization" header') },
      /Missing "Authorization"/,
    ],
    ["403", { status: 403, body: { message: "API key required" } }, /API key required/],
    [
      "400",
      { status: 400, body: { error: "no_auth", message: "Authorization header is required" } },
      /Authorization header is required/,
    ],
    [
      "499",
      { status: 499, body: { error: { code: 499, message: "Token Required" } } },
      /Token Required/,
    ],
    ["401", { status: 401, body: { error: "Missing X-API-Key header" } }, /Missing X-API-Key/],
    [
      "an event",
      {
        headers: { "content-type": "text/event-stream" },
        body: `data: ${JSON.stringify(error("Unauthorized"))}\n\n`,
      },
      /Unauthorized/,
    ],
  ])(
    "that refuses with words by %s requires a credential, and is quoted",
    async (_, answer, words) => {
      const { result } = await discovered(() => keyOnly(answer));
      expect(result).toMatchObject({ outcome: "credential", reason: expect.stringMatching(words) });
    },
  );

  it("that asks for a user and a password says so", async () => {
    const challenge = 'Basic realm="x", charset="UTF-8"';
    const { lines, result } = await discovered(() =>
      keyOnly({ status: 401, headers: { "www-authenticate": challenge } }),
    );
    expect(result.outcome).toBe("credential");
    expect(lines[0]?.answered).toBe("401: it requires a credential, by basic.");
  });

  it.each<[string, OddAnswer, RegExp]>([
    [
      "a firewall",
      { status: 403, body: page("Just a moment...") },
      /refused every request with status 403, as firewalls do/,
    ],
    [
      "an outage",
      { status: 503, body: "no healthy upstream" },
      /temporary problem.*no healthy upstream/,
    ],
    ["a limit", { status: 429 }, /too many requests/],
    ["a web site", { status: 200, body: page("App") }, /not answer as an MCP server does/],
    [
      // agencyenterprise/draft-detective#774
      "a sign-in page",
      { status: 302, headers: { location: "/api/auth/sign-in?to=%2Fmcp" } },
      /looks like a sign-in for people/,
    ],
    [
      "a proxy that asks people to sign in",
      { status: 302, headers: { location: "https://login.example/oauth2/start?rd=%2Fmcp" } },
      /looks like a sign-in for people/,
    ],
  ])("behind %s is reported as that", async (_, answer, words) => {
    const { result } = await discovered(() => keyOnly(answer));
    expect(result).toMatchObject({ outcome: "failed", reason: expect.stringMatching(words) });
    expect(result).not.toHaveProperty("correctedUrl");
  });
});
