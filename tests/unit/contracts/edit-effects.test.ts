import { describe, expect, it } from "vitest";
import { effectsOfEdit, type StoredServer } from "@/lib/contracts/servers/edit-effects";
import type { McpServerInput } from "@/lib/contracts/servers/mcp-server";

const client = {
  clientId: "usher",
  hasClientSecret: true,
  authorizationEndpoint: "https://auth.example.com/authorize",
  tokenEndpoint: "https://auth.example.com/token",
  revocationEndpoint: null,
  issuer: "https://auth.example.com",
  tokenSharing: "SHARED",
  grantType: "AUTHORIZATION_CODE",
  registration: "PRE_REGISTERED",
} as const;

const stored: StoredServer = {
  transport: "STREAMABLE_HTTP",
  authentication: "OAUTH",
  headerSharing: "SHARED",
  url: "https://mcp.example.com/mcp",
  command: "node",
  args: ["server.js", "--quiet"],
  hasEnvironment: true,
  hasHeaders: true,
  oauthClient: client,
};

const unchanged: McpServerInput = {
  version: 1,
  name: "Wiki",
  description: "",
  transport: "STREAMABLE_HTTP",
  url: "https://mcp.example.com/mcp",
  command: "node",
  args: "server.js\n--quiet",
  environment: "",
  clearEnvironment: false,
  headers: "",
  clearHeaders: false,
  authentication: "OAUTH",
  oauth: {
    clientId: "usher",
    clientSecret: "",
    authorizationEndpoint: "https://auth.example.com/authorize",
    tokenEndpoint: "https://auth.example.com/token",
    revocationEndpoint: "",
    issuer: "https://auth.example.com",
    tokenEndpointAuthMethod: "CLIENT_SECRET_BASIC",
    scope: "read",
    tokenSharing: "SHARED",
    grantType: "AUTHORIZATION_CODE",
    extraAuthorizationParameters: "",
    resourceIndicator: true,
  },
};
const edited = (change: Partial<McpServerInput>) => ({ ...unchanged, ...change });
const editedClient = (change: Partial<McpServerInput["oauth"]>) =>
  edited({ oauth: { ...unchanged.oauth, ...change } });

describe("an edit", () => {
  it("keeps everything if it changes no destination", () => {
    const effects = effectsOfEdit(stored, edited({ name: "Docs", url: ` ${unchanged.url} ` }));
    expect(effects).toMatchObject({
      environment: { keep: true },
      headers: { keep: true },
      clientSecret: { keep: true },
      tokens: { keep: true },
    });
  });

  it("sends headers and client secret to no new server", () => {
    const effects = effectsOfEdit(stored, edited({ url: "https://evil.example.net/mcp" }));
    expect(effects.headers).toMatchObject({
      keep: false,
      reason: expect.stringMatching(/^The URL changed/),
    });
    expect(effects.clientSecret).toMatchObject({
      keep: false,
      reason: expect.stringMatching(/^The server URL changed/),
    });
    expect(effects.tokens).toEqual({ keep: false, reason: "The server URL changed." });
  });

  it("passes variables to no other program", () => {
    for (const change of [{ command: "sh" }, { args: "evil.js\n--quiet" }]) {
      const { environment } = effectsOfEdit(stored, edited(change));
      expect(environment).toMatchObject({
        keep: false,
        reason: expect.stringMatching(/^The command changed/),
      });
    }
  });

  it.each([
    ["Token URL", { tokenEndpoint: "https://evil.example.net/token" }],
    ["client ID", { clientId: "another" }],
    ["Revocation URL", { revocationEndpoint: "https://evil.example.net/revoke" }],
  ])("sends the client secret to no new %s", (what, change) => {
    const { clientSecret } = effectsOfEdit(stored, editedClient(change));
    expect(clientSecret).toMatchObject({ keep: false, reason: `The ${what} changed. ${again}` });
  });

  it("keeps the client secret for a revocation at the host of the Token URL", () => {
    const change = { revocationEndpoint: "https://auth.example.com/revoke" };
    expect(effectsOfEdit(stored, editedClient(change)).clientSecret).toEqual({ keep: true });
  });

  it("does not affect tokens if only the revocation endpoint is new", () => {
    const change = { revocationEndpoint: "https://revoke.example.net/revoke" };
    expect(effectsOfEdit(stored, editedClient(change)).tokens).toEqual({ keep: true });
  });

  it("ends tokens if the sharing or the authentication changes", () => {
    const shared = effectsOfEdit(stored, editedClient({ tokenSharing: "PER_USER" }));
    expect(shared.tokens).toEqual({ keep: false, reason: "Token sharing changed." });
    const none = effectsOfEdit(stored, edited({ authentication: "NONE" }));
    expect(none.tokens).toMatchObject({ keep: false });
  });

  it("asks for nothing that is cleared or was never stored", () => {
    const url = "https://other.example.com/mcp";
    const cleared = effectsOfEdit(stored, edited({ url, clearHeaders: true }));
    expect(cleared.headers).toEqual({ keep: false, reason: null });
    const empty = { ...stored, hasHeaders: false, hasEnvironment: false };
    expect(effectsOfEdit(empty, edited({ url, command: "sh" }))).toMatchObject({
      headers: { keep: false, reason: null },
      environment: { keep: false, reason: null },
    });
  });

  it("keeps a registration only for the same issuer and server", () => {
    const registered = {
      ...stored,
      oauthClient: { ...client, registration: "DYNAMIC" as const },
    };
    expect(effectsOfEdit(registered, unchanged).registration).toEqual({
      mode: "DYNAMIC",
      keep: true,
    });
    const elsewhere = editedClient({ issuer: "https://elsewhere.example.org" });
    expect(effectsOfEdit(registered, elsewhere)).toMatchObject({
      registration: { keep: false },
      tokens: { keep: false, reason: expect.stringMatching(/^The issuer changed/) },
    });
  });
});

const again = "Enter the client secret again, so that it is sent there on purpose.";
