import { describe, expect, it } from "vitest";
import { GET as flowsRoute } from "@/app/api/mcp-servers/[serverId]/flows/route";
import type { TokenEndpointAuthMethod } from "@/lib/contracts/servers/oauth-client";
import { createServer } from "@/lib/servers/save";
import { accessToken } from "@/lib/tokens/access-token";
import {
  type OddAnswer,
  type OddProvider,
  refusal,
  usualClient,
  usualMetadata,
  usualTokens,
} from "@/tests/support/odd-provider";
import { OddProviderStage } from "@/tests/support/odd-provider-stage";
import { addByUrl, authorizeUnasked, discoverUrl } from "@/tests/support/paste-url";
import { serverInput } from "@/tests/support/server-input";

const stage = new OddProviderStage();
const { clock } = stage;

const words = { s256Confirmed: true, issuerAccepted: true };

const resourceAt = (origin: string, more: object) => ({
  "/.well-known/oauth-protected-resource/mcp": {
    resource: `${origin}/mcp`,
    authorization_servers: [origin],
    ...more,
  },
});
const metadataAt = (origin: string, more: object) => ({
  "/.well-known/oauth-authorization-server": usualMetadata(origin, more as never),
});

describe("an issuer", () => {
  // github/copilot-cli#4606, agentconnect-md/agentconnect#2133, NousResearch/hermes-agent#95508
  it.each([
    ["with a slash in the resource's metadata", "/", ""],
    ["with a slash in its own metadata", "", "/"],
  ])(
    "%s is the same issuer, and responses use the name in its own metadata",
    async (_, named, own) => {
      const provider = await stage.odd((origin) => ({
        resources: resourceAt(origin, { authorization_servers: [origin + named] }),
        servers: metadataAt(origin, {
          issuer: origin + own,
          authorization_response_iss_parameter_supported: true,
        }),
        authorize: () => ({ iss: origin + own }),
      }));
      const serverId = await addByUrl(stage.admin, provider.url);
      expect(await authorizeUnasked(stage.admin, serverId)).toContain("authorized=1");
      provider.odd.authorize = () => ({ iss: provider.origin + named });
      expect(await authorizeUnasked(stage.admin, serverId)).toContain("issuer_mismatch");
    },
  );

  it("that an admin accepted is used, audited, and compared exactly", async () => {
    const provider = await stage.odd((origin) => ({
      resources: resourceAt(origin, { authorization_servers: [`${origin}/tenant`] }),
      servers: {
        "/.well-known/oauth-authorization-server/tenant": usualMetadata(origin, {
          issuer: `${origin}/v2.0`,
        }),
      },
      authorize: () => ({ iss: `${origin}/v2.0` }),
    }));
    await expect(addByUrl(stage.admin, provider.url)).rejects.toThrow("by two names");
    const serverId = await addByUrl(stage.admin, provider.url, words);
    expect(await authorizeUnasked(stage.admin, serverId)).toContain("authorized=1");
    const event = await stage.usher.app.db.auditEvent.findFirstOrThrow({
      where: { serverId, action: "server.create" },
    });
    expect(event.details).toMatchObject({
      acceptedIssuer: `${provider.origin}/v2.0`,
      insteadOf: `${provider.origin}/tenant`,
    });
    provider.odd.authorize = () => ({ iss: `${provider.origin}/tenant` });
    expect(await authorizeUnasked(stage.admin, serverId)).toContain("issuer_mismatch");
  });

  // vercel/ai#18674, modelcontextprotocol/typescript-sdk#832
  it("that does not name S256 is used on an admin's word, and gets S256", async () => {
    const provider = await stage.odd((origin) => ({
      servers: metadataAt(origin, { code_challenge_methods_supported: undefined }),
    }));
    await expect(addByUrl(stage.admin, provider.url)).rejects.toThrow("S256");
    const serverId = await addByUrl(stage.admin, provider.url, words);
    expect(await authorizeUnasked(stage.admin, serverId)).toContain("authorized=1");
    expect(provider.at("/authorize").at(-1)?.query.get("code_challenge_method")).toBe("S256");
  });

  // better-auth/better-auth#6394, supermemoryai/supermemory#1125, modelcontextprotocol/typescript-sdk#2785
  it("with a path that publishes nothing there is looked up at its origin, and used on an admin's word", async () => {
    const provider = await stage.odd((origin) => ({
      resources: resourceAt(origin, { authorization_servers: [`${origin}/api/auth`] }),
    }));
    await expect(addByUrl(stage.admin, provider.url)).rejects.toThrow("by two names");
    const serverId = await addByUrl(stage.admin, provider.url, words);
    expect(await authorizeUnasked(stage.admin, serverId)).toContain("authorized=1");
  });

  it("with a path in its own metadata, which are at its origin, needs no admin's word", async () => {
    const provider = await stage.odd((origin) => ({
      resources: resourceAt(origin, { authorization_servers: [`${origin}/api/auth`] }),
      servers: metadataAt(origin, { issuer: `${origin}/api/auth` }),
    }));
    const serverId = await addByUrl(stage.admin, provider.url);
    expect(await authorizeUnasked(stage.admin, serverId)).toContain("authorized=1");
  });

  it("that names itself comes before one that needs an admin's word", async () => {
    const second = await stage.odd();
    const provider = await stage.odd((origin) => ({
      resources: resourceAt(origin, {
        authorization_servers: [`${origin}/api/auth`, second.origin],
      }),
    }));
    const { result } = await discoverUrl(stage.admin, provider.url);
    expect(result).toMatchObject({ settings: { issuer: second.origin } });
    expect(result).not.toHaveProperty("settings.issuerAccepted");
  });

  it("that names S256 only in its OpenID document needs no admin's word", async () => {
    const provider = await stage.odd((origin) => ({
      servers: {
        ...metadataAt(origin, { code_challenge_methods_supported: undefined }),
        "/.well-known/openid-configuration": usualMetadata(origin),
      },
    }));
    const { lines } = await discoverUrl(stage.admin, provider.url);
    expect(lines.find(({ step }) => step === "pkce")?.state).toBe("done");
    await addByUrl(stage.admin, provider.url);
  });
});

describe("a resource", () => {
  // QwenLM/qwen-code#5343
  it.each([
    ["in single quotes", (o: string) => `Bearer resource_metadata = '${o}/meta.json'`],
    ["in angle brackets", (o: string) => `Bearer resource_metadata=<${o}/meta.json>`],
    ["as a path", () => 'Bearer resource_metadata="/meta.json"'],
    ["as a relative path", () => 'Bearer resource_metadata="meta.json"'],
    [
      "second",
      (o: string) => `Bearer resource_metadata="${o}/no", resource_metadata="${o}/meta.json"`,
    ],
  ])("is found where the challenge gives its metadata URL %s", async (_, challenge) => {
    const provider = await stage.odd((origin) => ({
      challenge: challenge(origin),
      resources: {
        "/meta.json": {
          resource: `${origin}/mcp`,
          authorization_servers: [origin],
          scopes_supported: ["only:there"],
        },
      },
    }));
    const { result } = await discoverUrl(stage.admin, provider.url);
    expect(result).toMatchObject({ settings: { scope: "only:there" } });
  });

  it.each([400, 403])("is found by a challenge with status %i", async (status) => {
    const provider = await stage.odd((_, usual) => ({
      first: ({ path, authorization }) =>
        path === "/mcp" && authorization === null
          ? { status, headers: { "www-authenticate": usual.challenge ?? "" } }
          : null,
    }));
    expect((await discoverUrl(stage.admin, provider.url)).result).toMatchObject({
      outcome: "oauth",
    });
  });

  // open-metadata/OpenMetadata#30642, anomalyco/opencode#44790
  it("is found below its own path, before the metadata of the whole origin", async () => {
    const provider = await stage.odd((origin) => ({
      challenge: "Bearer",
      resources: {
        "/mcp/.well-known/oauth-protected-resource": {
          resource: `${origin}/mcp`,
          authorization_servers: [origin],
          scopes_supported: ["only:there"],
          resource_signing_alg_values_supported: null,
        },
        "/.well-known/oauth-protected-resource": {
          resource: origin,
          authorization_servers: [origin],
        },
      },
    }));
    const { result } = await discoverUrl(stage.admin, provider.url);
    expect(result).toMatchObject({ settings: { scope: "only:there" } });
  });

  // modelcontextprotocol/typescript-sdk#2785: an error is not the absence of metadata
  it("whose metadata cannot be read for a while keeps its issuer, although its origin is one too", async () => {
    const as = await stage.odd();
    const provider = await stage.odd((origin) => ({
      resources: resourceAt(origin, { authorization_servers: [as.origin] }),
    }));
    const serverId = await addByUrl(stage.admin, provider.url);
    expect(await authorizeUnasked(stage.admin, serverId)).toContain("authorized=1");
    const { resources } = provider.odd;
    for (const status of [503, 404]) {
      provider.odd.resources = {};
      provider.odd.first = ({ path }) =>
        path.includes("oauth-protected-resource") ? { status } : null;
      clock.advance(10 * 60_000);
      expect(await authorizeUnasked(stage.admin, serverId)).toContain("authorized=1");
    }
    expect([as.registrations().length, provider.registrations().length]).toEqual([1, 0]);
    // Once it names another one, Usher follows.
    provider.odd.first = () => null;
    provider.odd.resources = Object.fromEntries(
      Object.entries(resources).map(([path, document]) => [
        path,
        { ...document, authorization_servers: [provider.origin] },
      ]),
    );
    clock.advance(10 * 60_000);
    expect(await authorizeUnasked(stage.admin, serverId)).toContain("authorized=1");
    expect([as.registrations().length, provider.registrations().length]).toEqual([1, 1]);
  });

  // decocms/studio#2124
  it("without authorization_servers is looked up at its origin, with a warning", async () => {
    const provider = await stage.odd((origin) => ({
      resources: resourceAt(origin, { authorization_servers: undefined }),
    }));
    const { lines } = await discoverUrl(stage.admin, provider.url);
    const warning = lines.find(
      ({ step, state }) => step === "protected_resource" && state === "warning",
    );
    expect(warning?.answered).toContain("no authorization server");
    const serverId = await addByUrl(stage.admin, provider.url);
    expect(await authorizeUnasked(stage.admin, serverId)).toContain("authorized=1");
  });

  it("that has moved within its origin is offered at its new address", async () => {
    const provider = await stage.odd(() => ({
      first: ({ path }) =>
        path === "/mcp" ? { status: 307, headers: { location: "/mcp/" } } : null,
      mcpPath: "/mcp/",
    }));
    const { result } = await discoverUrl(stage.admin, `${provider.origin}/mcp`);
    expect(result).toMatchObject({ outcome: "failed", correctedUrl: `${provider.origin}/mcp/` });
  });
});

describe("what an admin entered", () => {
  const byHand = (provider: OddProvider, as: OddProvider, oauth: object = {}) =>
    createServer(
      stage.usher.app,
      serverInput({
        name: `By hand at ${provider.url}`,
        url: provider.url,
        authentication: "OAUTH",
        oauth: {
          issuer: as.origin,
          authorizationEndpoint: `${as.origin}/authorize`,
          tokenEndpoint: `${as.origin}/token`,
          registration: "DYNAMIC",
          tokenEndpointAuthMethod: "NONE",
          ...oauth,
        },
      }),
    );

  // BuilderIO/agent-native#5268
  it.each([
    ["publishes nothing", () => ({ resources: {}, servers: {}, challenge: "Bearer" })],
    ["names another provider", () => ({})],
  ])("is used where the MCP server %s", async (_, replace) => {
    const as = await stage.odd();
    const provider = await stage.odd(replace);
    const serverId = await byHand(provider, as);
    for (let times = 0; times < 2; times++) {
      expect(await authorizeUnasked(stage.admin, serverId)).toContain("authorized=1");
      clock.advance(10 * 60_000);
    }
    expect([as.registrations().length, provider.registrations().length]).toEqual([1, 0]);
    expect(as.registrations()[0]).toMatchObject({ token_endpoint_auth_method: "none" });
  });

  it("may be the registration endpoint of an issuer that publishes nothing", async () => {
    const as = await stage.odd(() => ({ servers: {} }));
    const provider = await stage.odd(() => ({ resources: {}, servers: {}, challenge: null }));
    const without = await byHand(provider, as);
    expect(await authorizeUnasked(stage.admin, without)).toContain("registration_failed");
    await stage.usher.app.db.mcpServer.delete({ where: { id: without } });
    const registrationEndpoint = `${as.origin}/register`;
    const serverId = await byHand(provider, as, { registrationEndpoint });
    expect(await authorizeUnasked(stage.admin, serverId)).toContain("authorized=1");
  });
});

describe("a registration", () => {
  // archestra-ai/archestra#7311, turnstonelabs/turnstone#1082, keycloak/keycloak#43654
  it.each([
    refusal(403, "insufficient_scope", "Not permitted to use specified clientScope"),
    refusal(400, "invalid_client_metadata", "Scope openid is not allowed"),
    refusal(400, "invalid_scope"),
  ])(
    "that is refused for its scope is tried once without it, and both requests are shown: %o",
    async (refused) => {
      const provider = await stage.odd((origin) => ({
        resources: resourceAt(origin, { scopes_supported: ["openid", "tools"] }),
        register: (sent, nth) => ("scope" in sent ? refused : usualClient(sent, nth)),
      }));
      const serverId = await addByUrl(stage.admin, provider.url);
      expect(await authorizeUnasked(stage.admin, serverId)).toContain("authorized=1");
      expect(provider.registrations().map(({ scope }) => scope)).toEqual([
        "openid tools",
        undefined,
      ]);
      await stage.usher.settle();
      const path = `/api/mcp-servers/${serverId}/flows`;
      const flows = await (
        await stage.admin.visit(flowsRoute, { path, params: { serverId } })
      ).text();
      expect(flows.match(/"kind":"registration"/g)).toHaveLength(2);
    },
  );

  // TracecatHQ/tracecat#3069, qauth-labs/qauth#157
  it.each([
    ["refresh tokens", "grant_types may only be authorization_code", "grant_types"],
    [
      "a member that it does not know",
      "Unrecognized key(s): 'application_type'",
      "application_type",
    ],
  ])("that is refused for %s is tried again without them", async (_, words, name) => {
    const provider = await stage.odd(() => ({
      register: (sent, nth) =>
        nth === 1 ? refusal(400, "invalid_client_metadata", words) : usualClient(sent, nth),
    }));
    const serverId = await addByUrl(stage.admin, provider.url);
    expect(await authorizeUnasked(stage.admin, serverId)).toContain("authorized=1");
    const [first, second, ...more] = provider.registrations();
    expect(more).toEqual([]);
    expect(second?.[name]).not.toEqual(first?.[name]);
    expect(second).toMatchObject({ redirect_uris: first?.redirect_uris });
  });

  it("that is refused for another reason is not tried again", async () => {
    const provider = await stage.odd((origin) => ({
      resources: resourceAt(origin, { scopes_supported: ["tools"] }),
      register: () => refusal(400, "invalid_redirect_uri"),
    }));
    const serverId = await addByUrl(stage.admin, provider.url);
    expect(await authorizeUnasked(stage.admin, serverId)).toContain("registration_failed");
    expect(provider.registrations()).toHaveLength(1);
  });

  it("requests no scope that an admin removed, and later no more than was granted to it", async () => {
    const provider = await stage.odd((origin) => ({
      resources: resourceAt(origin, { scopes_supported: ["openid", "read", "write"] }),
      register: (sent, nth) => usualClient(sent, nth, { scope: "read" }),
    }));
    const serverId = await addByUrl(stage.admin, provider.url, { scope: "read write" });
    expect(await authorizeUnasked(stage.admin, serverId)).toContain("authorized=1");
    expect(provider.registrations()[0]?.scope).toBe("read write");
    expect(provider.at("/authorize").at(-1)?.query.get("scope")).toBe("read");
  });

  // patvice/ruby_llm-mcp#137, PostHog/posthog#58881
  it("with a secret and no method uses Basic, and is never called forgotten", async () => {
    const provider = await stage.odd((origin) => ({
      servers: metadataAt(origin, { token_endpoint_auth_methods_supported: ["none"] }),
      register: (sent, nth) =>
        usualClient(sent, nth, { client_secret: "s", token_endpoint_auth_method: undefined }),
      token: (_, nth, { authorization }) =>
        authorization === null ? refusal(401, "invalid_client") : usualTokens(nth),
    }));
    const serverId = await addByUrl(stage.admin, provider.url);
    expect(await authorizeUnasked(stage.admin, serverId)).toContain("authorized=1");
    expect(provider.at("/token")).toHaveLength(1);
    expect(provider.registrations()).toHaveLength(1);
  });
});

describe("a server that takes the secret in one way only", () => {
  const secret = "a/b+c=d%e";
  const basic = (authorization: string | null) =>
    Buffer.from((authorization ?? "").slice(6), "base64").toString();

  // panva/openid-client#134
  const noClient = refusal(401, "invalid_client");

  it.each<[string, TokenEndpointAuthMethod, TokenEndpointAuthMethod, OddAnswer]>([
    ["Basic, not decoded", "CLIENT_SECRET_BASIC", "CLIENT_SECRET_BASIC_RAW", noClient],
    ["the body", "CLIENT_SECRET_BASIC", "CLIENT_SECRET_POST", noClient],
    ["Basic, decoded", "CLIENT_SECRET_POST", "CLIENT_SECRET_BASIC", noClient],
    // modelcontextprotocol/inspector#627
    [
      "the body, and calls it missing",
      "CLIENT_SECRET_BASIC",
      "CLIENT_SECRET_POST",
      {
        status: 422,
        body: "Failed to parse form-encoded token request: missing field `client_id`",
      },
    ],
    [
      "the body, and calls it required",
      "CLIENT_SECRET_BASIC",
      "CLIENT_SECRET_POST",
      refusal(400, "invalid_request", "client_secret is required"),
    ],
    [
      "Basic, and misses the header",
      "CLIENT_SECRET_POST",
      "CLIENT_SECRET_BASIC",
      refusal(400, "invalid_request", "Missing Authorization header"),
    ],
  ])(
    "gets it by the others after a refusal, and the one that works is remembered: %s",
    async (_, chosen, works, refused) => {
      const provider = await stage.odd(() => ({
        token: (sent, nth, { authorization }) => {
          const way = {
            CLIENT_SECRET_BASIC_RAW: basic(authorization) === `usher:${secret}`,
            CLIENT_SECRET_BASIC: basic(authorization) === `usher:${encodeURIComponent(secret)}`,
            CLIENT_SECRET_POST: sent.client_secret === secret,
          };
          return way[works as keyof typeof way] ? usualTokens(nth) : refused;
        },
      }));
      const serverId = await createServer(
        stage.usher.app,
        serverInput({
          name: `Secret at ${provider.url}`,
          url: provider.url,
          authentication: "OAUTH",
          oauth: {
            clientId: "usher",
            clientSecret: secret,
            authorizationEndpoint: `${provider.origin}/authorize`,
            tokenEndpoint: `${provider.origin}/token`,
            tokenEndpointAuthMethod: chosen,
          },
        }),
      );
      expect(await authorizeUnasked(stage.admin, serverId)).toContain("authorized=1");
      expect(provider.at("/token").length).toBeLessThanOrEqual(3);
      const stored = await stage.usher.app.db.oAuthClient.findUniqueOrThrow({
        where: { serverId },
      });
      expect([stored.tokenEndpointAuthMethod, stored.workingAuthMethod]).toEqual([chosen, works]);
      provider.forget();
      clock.advance(2 * 3600_000);
      await accessToken(stage.usher.app, { serverId, ownerKey: "shared" });
      expect(provider.refreshes()).toHaveLength(1);
    },
  );
});

describe("settings that providers need", () => {
  it("are sent: audience, extra parameters, commas, scopes on refresh, and a refresh URL", async () => {
    const provider = await stage.odd(() => ({
      first: ({ path }) => (path === "/oauth/refresh" ? usualTokens(99) : null),
    }));
    const serverId = await createServer(
      stage.usher.app,
      serverInput({
        name: `Settings at ${provider.url}`,
        url: provider.url,
        authentication: "OAUTH",
        oauth: {
          clientId: "usher",
          clientSecret: "s3cret",
          authorizationEndpoint: `${provider.origin}/authorize`,
          tokenEndpoint: `${provider.origin}/token`,
          scope: "a b",
          resource: "api://files",
          audience: "https://api.example",
          extraTokenParameters: "tenant=x\nclient_flavour=y",
          scopesByComma: true,
          scopeOnRefresh: true,
          refreshEndpoint: `${provider.origin}/oauth/refresh`,
        },
      }),
    );
    expect(await authorizeUnasked(stage.admin, serverId)).toContain("authorized=1");
    const asked = Object.fromEntries(provider.at("/authorize").at(-1)?.query ?? []);
    const always = { audience: "https://api.example", resource: "api://files" };
    expect(asked).toMatchObject({ ...always, scope: "a,b" });
    const sent = { ...always, tenant: "x", client_flavour: "y" };
    expect(provider.at("/token")[0]?.form).toMatchObject(sent);
    clock.advance(2 * 3600_000);
    await accessToken(stage.usher.app, { serverId, ownerKey: "shared" });
    expect(provider.at("/oauth/refresh")[0]?.form).toMatchObject({ ...sent, scope: "a,b" });
    expect(provider.at("/token")).toHaveLength(1);
  });
});
