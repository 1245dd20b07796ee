import { describe, expect, it } from "vitest";
import {
  type OddAnswer,
  type OddProvider,
  type OddRequest,
  usualMetadata,
} from "@/tests/support/odd-provider";
import { OddProviderStage } from "@/tests/support/odd-provider-stage";
import { addByUrl, authorizeUnasked, discoverUrl } from "@/tests/support/paste-url";

// Metadata, challenges and refusals in further forms, and what Discover says of them.

const stage = new OddProviderStage();

const well = "/.well-known/oauth-authorization-server";
const openid = "/.well-known/openid-configuration";
const atResource = "/.well-known/oauth-protected-resource/mcp";
const atHost = "/.well-known/oauth-protected-resource";
const resource = (origin: string, more: object = {}) => ({
  resource: `${origin}/mcp`,
  authorization_servers: [origin],
  ...more,
});
const only = { scopes_supported: ["only:there"] };
const metadata = (origin: string, more: object = {}) => usualMetadata(origin, more as never);

/** The MCP server's answer to a request without a token; null: as usual. */
const asServer = (answer: (message: { method?: string; id?: unknown }) => OddAnswer | null) => ({
  first: ({ path, authorization, body }: OddRequest) =>
    path === "/mcp" && authorization === null ? answer(body === "" ? {} : JSON.parse(body)) : null,
});
const page = (title: string) => `<!doctype html><title>${title}</title>`;
const discovered = async (provider: OddProvider) => discoverUrl(stage.admin, provider.url);

async function connects(provider: OddProvider, oauth: object = {}): Promise<void> {
  const serverId = await addByUrl(stage.admin, provider.url, oauth);
  expect(await authorizeUnasked(stage.admin, serverId)).toContain("authorized=1");
}

describe("the metadata of a resource are read", () => {
  it.each<[string, (document: object, origin: string) => OddAnswer]>([
    ["as JSON that was encoded twice", (d) => ({ body: JSON.stringify(JSON.stringify(d)) })],
    ["with a comma too many", (d) => ({ body: JSON.stringify(d).replace(/\}$/, ",\n}") })],
    [
      "as HTML by their type",
      (d) => ({ body: JSON.stringify(d), headers: { "content-type": "text/html" } }),
    ],
    ["with spaces around the identifiers", (d, o) => ({ body: { ...d, resource: ` ${o}/mcp ` } })],
    [
      "with spaces around the server",
      (d, o) => ({ body: { ...d, authorization_servers: [` ${o}\n`] } }),
    ],
    [
      "with the server as a single object",
      (d, o) => ({ body: { ...d, authorization_servers: { issuer: o } } }),
    ],
    [
      "with the server's URL in an object",
      (d, o) => ({ body: { ...d, authorization_servers: [{ url: o }] } }),
    ],
    ["with the server as a path", (d) => ({ body: { ...d, authorization_servers: ["/"] } })],
    [
      "with the place of the server's metadata",
      (d, o) => ({ body: { ...d, authorization_servers: [o + well] } }),
    ],
    ["with commas between scopes", (d) => ({ body: { ...d, scopes_supported: "only:there, b" } })],
    [
      "with several scopes in one text",
      (d) => ({ body: { ...d, scopes_supported: ["only:there b"] } }),
    ],
  ])("%s", async (_, answer) => {
    const provider = await stage.odd((origin) => ({
      resources: {},
      first: ({ path }) => (path === atResource ? answer(resource(origin, only), origin) : null),
    }));
    const { lines, result } = await discovered(provider);
    const scope = result.outcome === "oauth" ? result.settings.scope : null;
    expect(scope).toMatch(/^only:there( b)?$/);
    expect(result).toMatchObject({ settings: { resource: provider.url } });
    expect(lines.find(({ step }) => step === "protected_resource")?.state).toBe("done");
    await connects(provider);
  });

  // agencyenterprise/draft-detective#774
  it("at a place that keeps the slash at the end of the server's path", async () => {
    const provider = await stage.odd((origin) => ({
      ...{ challenge: "Bearer", mcpPath: "/mcp/" },
      resources: { [`${atResource}/`]: resource(origin, { ...only, resource: `${origin}/mcp/` }) },
    }));
    const { result } = await discovered(provider);
    expect(result).toMatchObject({ settings: { scope: "only:there", resource: provider.url } });
  });

  // laravel/mcp#184 and others: the place of the metadata instead of the issuer
  it("where they give the place of the metadata of an issuer with a path", async () => {
    const provider = await stage.odd((origin) => ({
      resources: {
        [atResource]: resource(origin, { authorization_servers: [`${origin}/tenant${openid}`] }),
      },
      servers: { [`/tenant${openid}`]: metadata(origin, { issuer: `${origin}/tenant` }) },
    }));
    const { result } = await discovered(provider);
    expect(result).toMatchObject({ settings: { issuer: `${provider.origin}/tenant` } });
    await connects(provider);
  });

  it.each<[string, object]>([
    [
      "an authorization server's",
      { issuer: "https://as.example", token_endpoint: "https://as.example/t" },
    ],
    ["some other JSON", { status: "ok" }],
    ["an error with 200", { error: "not_found" }],
  ])("and %s are none: the search goes on", async (_, document) => {
    const provider = await stage.odd((origin) => ({
      challenge: `Bearer resource_metadata="${origin}/meta.json"`,
      resources: { "/meta.json": document as never },
    }));
    await connects(provider);
  });

  // wetterdienst#1772: another server's metadata at the root of the host
  it("and do not keep a server from being open that are about another one of its host", async () => {
    const provider = await stage.odd((origin) => ({
      resources: { [atHost]: { resource: `${origin}/other`, authorization_servers: [origin] } },
      ...asServer(({ id }) => ({ body: { jsonrpc: "2.0", id, result: { tools: [] } } })),
    }));
    expect((await discovered(provider)).result.outcome).toBe("open");
  });

  // mesh/mesh-mcp#20, Mnexa-AI/e2a#635, andrea-magni/MARS#203
  it.each([
    ["scheme", (o: string) => `${o.replace("http:", "https:")}/mcp`],
    ["port", (o: string) => `${o.replace(/:\d+$/, ":9")}/mcp`],
  ])(
    "and are refused if the server's own URL has another %s, which is said",
    async (what, other) => {
      const provider = await stage.odd((origin) => ({
        resources: { [atResource]: resource(origin, { resource: other(origin) }) },
      }));
      const { result } = await discovered(provider);
      const reason = expect.stringMatching(
        `with another ${what} than .*, as servers behind a proxy`,
      );
      expect(result).toMatchObject({ outcome: "failed", reason });
      expect(result).not.toHaveProperty("correctedUrl");
    },
  );

  it("and offer the URL that they are about, if it is of the same origin", async () => {
    const provider = await stage.odd((origin) => ({
      resources: { [atResource]: resource(origin, { resource: `${origin}/mcp/v2` }) },
    }));
    const { result } = await discovered(provider);
    expect(result).toMatchObject({ outcome: "failed", correctedUrl: `${provider.url}/v2` });
  });

  it("and scopes that do not fit into a request are left to the provider, with a warning", async () => {
    const many = Array.from({ length: 150 }, (_, nth) => `https://api.example/auth/scope-${nth}`);
    const provider = await stage.odd((origin) => ({
      resources: { [atResource]: resource(origin, { scopes_supported: many }) },
    }));
    const { lines, result } = await discovered(provider);
    expect(result).toMatchObject({ settings: { scope: null } });
    expect(lines.find(({ step }) => step === "scopes")).toMatchObject({ state: "warning" });
    await connects(provider);
  });
});

describe("metadata that cannot be read right now", () => {
  // laravel/mcp#233, Cloudgeni-ai/opengeni#2191: no other provider is guessed.
  it("end the discovery, and say so, if the challenge names them", async () => {
    const provider = await stage.odd(() => ({
      first: ({ path }) => (path.includes("protected-resource") ? { status: 503 } : null),
    }));
    const { result } = await discovered(provider);
    const reason = expect.stringContaining("answered 503 when it was asked for its metadata");
    expect(result).toMatchObject({ outcome: "failed", reason });
  });

  // andrea-magni/MARS#203: the challenge names an inner address.
  it("do not matter at another host that does not answer", async () => {
    const provider = await stage.odd(() => ({
      challenge: 'Bearer resource_metadata="http://localhost:9/meta.json"',
      resources: {},
    }));
    await connects(provider);
  });

  // modelcontextprotocol/typescript-sdk#1631: proxies answer 502 for what they do not know.
  it("do not matter at places that were guessed", async () => {
    const provider = await stage.odd(() => ({
      challenge: "Bearer",
      resources: {},
      servers: { [openid]: {} },
      first: ({ path }) =>
        path.includes("protected-resource") || path === well ? { status: 502 } : null,
    }));
    provider.odd.servers = { [openid]: metadata(provider.origin) };
    await connects(provider);
  });

  it.each<[string, OddAnswer | "gone", RegExp]>([
    ["unavailable", { status: 503 }, /answered 503 .*Try again later/],
    ["asked too often", { status: 429 }, /answered 429 .*Try again later/],
    ["unreachable", "gone", /refused the connection/],
  ])(
    "are told from missing ones where the authorization server is %s",
    async (_, answer, words) => {
      const provider = await stage.odd((origin) => ({
        ...(answer === "gone"
          ? {
              resources: {
                [atResource]: resource(origin, { authorization_servers: ["http://localhost:9"] }),
              },
            }
          : { first: ({ path }) => (path === well || path === openid ? answer : null) }),
      }));
      const { result } = await discovered(provider);
      expect(result).toMatchObject({ outcome: "failed", reason: expect.stringMatching(words) });
      expect(result).toMatchObject({
        reason: expect.stringContaining("can also be entered by hand"),
      });
    },
  );
});

describe("an authorization server is used", () => {
  it.each<[string, object]>([
    ["that lists S256 in lower case", { code_challenge_methods_supported: ["s256"] }],
    ["that lists methods with commas", { code_challenge_methods_supported: "plain,S256" }],
    ["that lists no response types", { response_types_supported: [] }],
    ["that writes Code", { response_types_supported: ["Code"] }],
    ["that lists no ways to sign in", { token_endpoint_auth_methods_supported: [] }],
    ["that writes NONE", { token_endpoint_auth_methods_supported: ["NONE", null] }],
    ["that lists ways with commas", { token_endpoint_auth_methods_supported: "none,x" }],
    ["whose issuer has spaces around it", { issuer: " ISSUER " }],
    ["whose endpoint has a fragment", { authorization_endpoint: "ISSUER/authorize#x" }],
  ])("%s, without an admin's word", async (_, more) => {
    const provider = await stage.odd((origin) => ({
      servers: {
        [well]: metadata(origin, JSON.parse(JSON.stringify(more).replaceAll("ISSUER", origin))),
      },
    }));
    const { lines, result } = await discovered(provider);
    expect(result).toMatchObject({
      settings: { registration: "DYNAMIC", issuer: provider.origin },
    });
    expect(lines.find(({ step }) => step === "pkce")?.state).toBe("done");
    await connects(provider);
  });

  it("that names its registration only in its OpenID document", async () => {
    const provider = await stage.odd((origin) => ({
      servers: {
        [well]: metadata(origin, { registration_endpoint: undefined }),
        [openid]: metadata(origin),
      },
    }));
    await connects(provider);
  });

  // mayflower/contextmine#4: no metadata at the origin, as a framework is mounted below the path
  it.each([`${well}/mcp`, `/mcp${well}`])(
    "that an older server publishes at %s only",
    async (place) => {
      const provider = await stage.odd((origin) => ({
        ...{ challenge: null, resources: {} },
        servers: { [place]: metadata(origin, { issuer: `${origin}/mcp` }) },
      }));
      const { result } = await discovered(provider);
      expect(result).toMatchObject({ settings: { issuer: `${provider.origin}/mcp` } });
      await connects(provider);
    },
  );

  // tinyhumansai/openhuman#3648
  it("at which people can consent, though the first one offers client credentials only", async () => {
    const second = await stage.odd();
    const grants = { grant_types_supported: ["client_credentials"], response_types_supported: [] };
    const provider = await stage.odd((origin) => ({
      resources: {
        [atResource]: resource(origin, { authorization_servers: [origin, second.origin] }),
      },
      servers: { [well]: metadata(origin, { ...grants, authorization_endpoint: undefined }) },
    }));
    const { result } = await discovered(provider);
    expect(result).toMatchObject({ settings: { issuer: second.origin } });
    expect(result).not.toHaveProperty("settings.grantType");
  });

  it.each<[string, object, RegExp]>([
    [
      "registration",
      { registration_endpoint: "http://as.example/r" },
      /registration_endpoint, “http:\/\/as\.example\/r”/,
    ],
    [
      "way to sign in",
      { token_endpoint_auth_methods_supported: ["tls_client_auth"] },
      /registers clients, but/,
    ],
  ])("by hand if its %s cannot be used, and the checklist says which", async (_, more, words) => {
    const provider = await stage.odd((origin) => ({ servers: { [well]: metadata(origin, more) } }));
    const { lines, result } = await discovered(provider);
    expect(result).toMatchObject({ settings: { registration: "PRE_REGISTERED" } });
    expect(lines.map(({ answered }) => answered).join("\n")).toMatch(words);
  });

  // anthropics/claude-code#72673
  it("not if its metadata may not be read, which is told from missing ones", async () => {
    const provider = await stage.odd(() => ({
      first: ({ path }) =>
        path === well || path === openid ? { status: 403, body: page("Just a moment...") } : null,
    }));
    const { lines, result } = await discovered(provider);
    const reason = expect.stringContaining("does not let Usher read its metadata");
    expect(result).toMatchObject({ outcome: "failed", reason });
    expect(lines.at(-1)?.answered).toBe("403: it may not be read.");
  });

  it("not if its own URL may not be called, which is said", async () => {
    const provider = await stage.odd((origin) => ({
      resources: {
        [atResource]: resource(origin, { authorization_servers: ["http://as.example"] }),
      },
    }));
    const { result } = await discovered(provider);
    const reason = expect.stringMatching(
      /http:\/\/as\.example, which cannot be used: Usher connects/,
    );
    expect(result).toMatchObject({ outcome: "failed", reason });
  });

  it("not if an endpoint may not be called, which is named", async () => {
    const provider = await stage.odd((origin) => ({
      servers: { [well]: metadata(origin, { token_endpoint: "http://as.example/token" }) },
    }));
    const { result } = await discovered(provider);
    const reason = expect.stringContaining("Its token_endpoint, “http://as.example/token”");
    expect(result).toMatchObject({ outcome: "failed", reason });
  });
});

describe("a demand that Usher does not meet is told by Discover, which fills in the rest:", () => {
  it.each<[string, object, object, RegExp]>([
    ["PAR", { require_pushed_authorization_requests: true }, {}, /only pushed .*\(PAR\)/],
    ["PAR in text", { require_pushed_authorization_requests: "True" }, {}, /\(PAR\)/],
    ["JAR", { require_signed_request_object: true }, {}, /only signed .*\(JAR\)/],
    ["DPoP", {}, { dpop_bound_access_tokens_required: true }, /\(DPoP\)/],
    ["no header", {}, { bearer_methods_supported: ["body"] }, /Authorization header/],
  ])("%s", async (_, ofServer, ofResource, words) => {
    const provider = await stage.odd((origin) => ({
      resources: { [atResource]: resource(origin, ofResource) },
      servers: { [well]: metadata(origin, ofServer) },
    }));
    const { lines, result } = await discovered(provider);
    expect(result).toMatchObject({ outcome: "oauth" });
    const warnings = lines.filter(({ state }) => state === "warning");
    expect(warnings.map(({ answered }) => answered).join("\n")).toMatch(words);
    expect(warnings[0]?.advice).toContain("Ask its operator");
  });

  it.each<[string, object, object]>([
    ["no", { require_pushed_authorization_requests: false }, {}],
    ["something else", { require_signed_request_object: 1 }, { bearer_methods_supported: [] }],
    ["a header among others", {}, { bearer_methods_supported: ["query", "Header"] }],
  ])("not %s", async (_, ofServer, ofResource) => {
    const provider = await stage.odd((origin) => ({
      resources: { [atResource]: resource(origin, ofResource) },
      servers: { [well]: metadata(origin, ofServer) },
    }));
    const { lines } = await discovered(provider);
    expect(JSON.stringify(lines)).not.toMatch(/Usher does not|where Usher sends/);
  });
});

// jentic/jentic-one#712
it.each<[string, string[], string[] | undefined, RegExp, object]>([
  [
    "a signed JWT",
    ["private_key_jwt"],
    undefined,
    /only a signed JWT.*JWKS URL/,
    { tokenEndpointAuthMethod: "PRIVATE_KEY_JWT" },
  ],
  [
    "a JWT by RS256",
    ["private_key_jwt"],
    ["RS256", "PS256"],
    /Sign with RS256/,
    { tokenEndpointAuthMethod: "PRIVATE_KEY_JWT" },
  ],
  [
    "a JWT by another algorithm",
    ["private_key_jwt"],
    ["EdDSA"],
    /ES256 or RS256.*operator/,
    { tokenEndpointAuthMethod: "PRIVATE_KEY_JWT" },
  ],
  ["a certificate", ["tls_client_auth"], undefined, /client secret or a signed JWT/, {}],
])("a provider that takes only %s is filled in, and Discover says what to do", async (...given) => {
  const [, methods, algorithms, words, settings] = given;
  const provider = await stage.odd((origin) => ({
    servers: {
      [well]: usualMetadata(origin, {
        registration_endpoint: undefined,
        token_endpoint_auth_methods_supported: methods,
        token_endpoint_auth_signing_alg_values_supported: algorithms,
      }),
    },
  }));
  const { lines, result } = await discoverUrl(stage.admin, provider.url);
  expect(result).toMatchObject({ outcome: "oauth", settings });
  const { answered, advice } = lines.find(({ step }) => step === "registration") ?? {};
  expect(`${answered} ${advice}`).toMatch(words);
});
