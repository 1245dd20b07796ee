import { describe, expect, test } from "vitest";
import { serverWords } from "@/lib/mcp/server-words";
import type { McpTarget } from "@/lib/mcp/target";

const endpoint = {
  transport: "STREAMABLE_HTTP",
  url: "https://mcp.example.com/mcp",
  headers: { "x-api-key": "918273645", "x-team": "platform-team" },
} satisfies McpTarget["endpoint"];

function wordsOf(tokens: () => readonly string[] = () => []) {
  const target = { serverId: "s1", serverName: "Docs", version: 1, ownerKey: "shared" };
  return serverWords({ ...target, endpoint, bearer: null }, tokens, () => null);
}

describe("a server's text", () => {
  test("is stripped of its credentials, in texts, in names and at any depth", () => {
    const words = wordsOf(() => ["token-of-ada"]);
    expect(
      words.withoutCredentials({
        text: "Bearer token-of-ada, or 918273645!",
        list: [{ "token-of-ada": null }, ["918273645", true]],
      }),
    ).toEqual({
      text: "Bearer [removed], or [removed]!",
      list: [{ "[removed]": null }, ["[removed]", true]],
    });
  });

  test("is stripped of a credential returned as a number, and remains a complete answer", () => {
    expect(wordsOf().withoutCredentials({ id: 918273645, other: 19182736450 })).toEqual({
      id: "[removed]",
      other: 19182736450,
    });
  });

  test("is the very same value if it contains no credential", () => {
    const said = { content: [{ type: "text", text: "another-team" }], deep: { a: [1, null] } };
    expect(wordsOf(() => ["token-of-ada"]).withoutCredentials(said)).toBe(said);
  });

  test("keeps a name that has a meaning in JavaScript like any other name", () => {
    const said = JSON.parse('{"__proto__":{"x":1},"text":"918273645"}');
    const cleaned = wordsOf().withoutCredentials(said);
    expect(JSON.stringify(cleaned)).toBe('{"__proto__":{"x":1},"text":"[removed]"}');
    expect(cleaned.x).toBeUndefined();
  });

  test("loses the longer credential completely if a shorter one is part of it", () => {
    const words = wordsOf(() => ["918273645-and-more"]);
    expect(words.withoutCredentials(["918273645-and-more"])).toEqual(["[removed]"]);
  });

  test("is searched for the tokens that were sent last, not for the first ones", () => {
    let sent: readonly string[] = ["first-token"];
    const words = wordsOf(() => sent);
    expect(words.withoutCredentials("first-token second-token")).toBe("[removed] second-token");
    sent = ["second-token"];
    expect(words.withoutCredentials("first-token second-token")).toBe("first-token [removed]");
  });

  test("is quoted without the value of any header", () => {
    expect(wordsOf().quote("no platform-team\nby 918273645")).toBe("no [removed] by [removed]");
  });

  test.each([
    ["X-Tenant", "acme-corp-42", "[removed]"],
    ["X-Team", "platform team", "[removed]"],
    ["X-Home", "/srv/acme", "[removed]"],
    ["X-Flag", "true", "true"],
    ["X-Level", "1", "1"],
    ["X-Mode", "production", "production"],
    ["X-Api-Key", "production", "[removed]"],
    ["__proto__", "value-of-proto", "[removed]"],
  ])(
    "is stripped of the stored header %s, unless it is too short or a common setting",
    (name, value, left) => {
      const headers = Object.fromEntries([[name, value]]);
      const target = { serverId: "s1", serverName: "Docs", version: 1, ownerKey: "shared" };
      const words = serverWords(
        { ...target, endpoint: { ...endpoint, headers }, bearer: null },
        () => [],
        () => null,
      );
      expect(words.withoutCredentials({ list: [`It is ${value}.`] })).toEqual({
        list: [`It is ${left}.`],
      });
      expect(words.quote(`It is ${value}.`)).toBe(`It is ${left}.`);
    },
  );

  test("is stripped of a program's credentials, but keeps the projects, paths and addresses it works on", () => {
    const pem = "-----BEGIN KEY-----\nMIIBVgIBADANBgkqhkiG\n-----END KEY-----";
    const environment = {
      KEY: pem,
      TENANT: "acme-corp-42",
      ROOT: "/srv/docs",
      API: "https://api.example.com/v1",
    };
    const target = { serverId: "s1", serverName: "Docs", version: 1, ownerKey: "shared" };
    const words = serverWords(
      {
        ...target,
        endpoint: { transport: "STDIO", command: "x", args: [], environment },
        bearer: null,
      },
      () => [],
      () => ({
        wrote: `Bad line MIIBVgIBADANBgkqhkiG of ${pem} of acme-corp-42 in /srv/docs`,
        ended: null,
      }),
    );
    expect(words.ofProcess().wrote).toBe(
      "Bad line [removed] of [removed] of [removed] in /srv/docs",
    );
    const answer = "https://api.example.com/v1/a of acme-corp-42";
    expect(words.withoutCredentials(answer)).toBe(answer);
    expect(words.withoutCredentials("MIIBVgIBADANBgkqhkiG")).toBe("[removed]");
  });

  test("is stripped of a secret in the server's URL", () => {
    const target = { serverId: "s1", serverName: "Docs", version: 1, ownerKey: "shared" };
    const url = "https://mcp.example.com/mcp?tavilyApiKey=tvly-123456&team=platform";
    const words = serverWords(
      { ...target, endpoint: { ...endpoint, url }, bearer: null },
      () => [],
      () => null,
    );
    expect(words.quote("No tvly-123456 of platform")).toBe("No [removed] of platform");
  });
});
