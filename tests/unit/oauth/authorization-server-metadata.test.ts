import { describe, expect, test } from "vitest";
import {
  defaultAuthorizationServer,
  readAuthorizationServer,
} from "@/lib/oauth/authorization-server-metadata";
import { authorizationServerUrls, originMetadata } from "@/lib/oauth/metadata-document";

const issuer = "https://as.example";
const metadata = {
  issuer,
  authorization_endpoint: `${issuer}/authorize`,
  token_endpoint: `${issuer}/token`,
  revocation_endpoint: `${issuer}/revoke`,
  registration_endpoint: `${issuer}/register`,
  response_types_supported: ["code"],
  scopes_supported: ["a", "offline_access"],
  token_endpoint_auth_methods_supported: ["private_key_jwt", "none", "client_secret_post"],
  code_challenge_methods_supported: ["plain", "S256"],
  authorization_response_iss_parameter_supported: true,
  client_id_metadata_document_supported: true,
};

function read(changed: Record<string, unknown> = {}, asked = issuer) {
  return readAuthorizationServer({ ...metadata, ...changed }, asked);
}

describe("the metadata of an authorization server", () => {
  test.each([
    [
      "https://as.example",
      [
        "https://as.example/.well-known/oauth-authorization-server",
        "https://as.example/.well-known/openid-configuration",
      ],
    ],
    [
      "https://as.example/tenant1",
      [
        "https://as.example/.well-known/oauth-authorization-server/tenant1",
        "https://as.example/.well-known/openid-configuration/tenant1",
        "https://as.example/tenant1/.well-known/openid-configuration",
        "https://as.example/tenant1/.well-known/oauth-authorization-server",
      ],
    ],
    [
      "https://as.example/realms/one/",
      [
        "https://as.example/.well-known/oauth-authorization-server/realms/one",
        "https://as.example/.well-known/openid-configuration/realms/one",
        "https://as.example/realms/one/.well-known/openid-configuration",
        "https://as.example/realms/one/.well-known/oauth-authorization-server",
      ],
    ],
  ])("of %s are looked up in the order of MCP", (of, urls) => {
    expect(authorizationServerUrls(of).map(({ url }) => url)).toEqual(urls);
  });

  test.each([
    ["https://as.example/api/auth", "https://as.example/.well-known/oauth-authorization-server"],
    ["https://as.example/", undefined],
    ["https://as.example", undefined],
  ])("of %s may be at its origin, without the path", (of, url) => {
    expect(originMetadata(of)?.url).toBe(url);
  });

  test("are read", () => {
    expect(read()).toEqual({
      ok: true,
      server: {
        issuer,
        authorizationEndpoint: `${issuer}/authorize`,
        tokenEndpoint: `${issuer}/token`,
        revocationEndpoint: `${issuer}/revoke`,
        registrationEndpoint: `${issuer}/register`,
        scopesSupported: ["a", "offline_access"],
        tokenEndpointAuthMethods: ["CLIENT_SECRET_POST", "NONE"],
        jwtSignedBy: "ES256",
        supportsS256: true,
        issParameterSupported: true,
        clientIdMetadataDocumentSupported: true,
        acceptsIdJags: "unknown",
        grantsWithoutConsent: [],
      },
    });
  });

  test.each([
    "https://AS.example",
    "https://as.example:443",
    "http://as.example",
    "https://as.example/tenant",
    "https://evil.example",
    "",
    undefined,
    [issuer],
  ])("that name the issuer %j do not belong to https://as.example", (named) => {
    expect(read({ issuer: named })).toMatchObject({ ok: false, reason: "other_issuer" });
  });

  // github/copilot-cli#4606: the same host with and without its slash is one issuer.
  test("keep their own spelling of the issuer, with or without its trailing slash", () => {
    const spellings = [issuer, `${issuer}/`];
    for (const named of spellings) {
      for (const asked of spellings) {
        expect(read({ issuer: named }, asked)).toMatchObject({
          ok: true,
          server: { issuer: named },
        });
      }
    }
    expect(read({ issuer: `${issuer}/a` }, `${issuer}/a/`)).toMatchObject({ ok: false });
  });

  test("of another issuer are passed on, for an admin to accept", () => {
    const named = "https://as.example/tenant";
    expect(read({ issuer: named })).toMatchObject({ server: { issuer: named } });
    expect(read({ issuer: "javascript:alert(1)" })).toMatchObject({ server: null });
  });

  test.each([
    { authorization_endpoint: undefined },
    { token_endpoint: undefined },
    { authorization_endpoint: "javascript:alert(1)//https://as.example" },
    { token_endpoint: "//evil.example/token" },
    { token_endpoint: "/\\evil.example/token" },
    { token_endpoint: "token" },
    { token_endpoint: null },
  ])("without a web endpoint are unusable: %o", (changed) => {
    expect(read(changed)).toMatchObject({ ok: false, reason: "no_endpoint" });
  });

  test("may name an endpoint by its path at the issuer's origin", () => {
    expect(read({ token_endpoint: "/oauth/token" })).toMatchObject({
      server: { tokenEndpoint: "https://as.example/oauth/token" },
    });
  });

  test("require the code flow if they list what is supported", () => {
    expect(read({ response_types_supported: ["token"] })).toMatchObject({
      ok: false,
      reason: "no_code_flow",
    });
    expect(read({ response_types_supported: undefined })).toMatchObject({ ok: true });
  });

  const jwtBearer = "urn:ietf:params:oauth:grant-type:jwt-bearer";
  const tokenExchange = "urn:ietf:params:oauth:grant-type:token-exchange";
  const idJags = ["urn:ietf:params:oauth:grant-profile:id-jag"];

  // RFC 8414 §2: authorization_endpoint is required unless no grant type is supported that uses it.
  test.each([
    [{ grant_types_supported: ["client_credentials"] }, ["CLIENT_CREDENTIALS"]],
    [{ grant_types_supported: [jwtBearer] }, ["ID_JAG"]],
    [{ grant_types_supported: [tokenExchange] }, ["TOKEN_EXCHANGE"]],
    [{ authorization_grant_profiles_supported: idJags }, ["ID_JAG"]],
    [
      { grant_types_supported: [jwtBearer, "client_credentials"] },
      ["CLIENT_CREDENTIALS", "ID_JAG"],
    ],
    [
      {
        grant_types_supported: [jwtBearer, "client_credentials"],
        authorization_grant_profiles_supported: idJags,
      },
      ["ID_JAG", "CLIENT_CREDENTIALS"],
    ],
  ])("require no code flow if %j works without it", (changed, grantsWithoutConsent) => {
    const expected = { ok: true, server: { authorizationEndpoint: "", grantsWithoutConsent } };
    expect(read({ ...changed, authorization_endpoint: undefined })).toMatchObject(expected);
    expect(read({ ...changed, response_types_supported: [] })).toMatchObject(expected);
  });

  test("that name only an invalid authorization endpoint send no browser there", () => {
    const changed = { authorization_endpoint: "javascript:alert(1)" };
    const grants = { grant_types_supported: ["client_credentials"] };
    expect(read({ ...changed, ...grants })).toMatchObject({
      ok: true,
      server: { authorizationEndpoint: "" },
    });
  });

  test("require a token endpoint in any case", () => {
    const grants = { grant_types_supported: ["client_credentials"], token_endpoint: undefined };
    expect(read(grants)).toMatchObject({ ok: false, reason: "no_endpoint" });
  });

  test.each([
    [["plain"], false],
    [undefined, false],
    ["plain", false],
    [null, false],
    [["S256"], true],
    ["S256", true],
    ["plain S256", true],
  ])("support S256 only when %j says so", (code_challenge_methods_supported, supportsS256) => {
    expect(read({ code_challenge_methods_supported })).toMatchObject({ server: { supportsS256 } });
  });

  test("allow Basic if they do not say, and none of our methods if they name only others", () => {
    const methods = (token_endpoint_auth_methods_supported: unknown) => {
      const result = read({ token_endpoint_auth_methods_supported });
      return result.ok ? result.server.tokenEndpointAuthMethods : result;
    };
    expect(methods(undefined)).toEqual(["CLIENT_SECRET_BASIC"]);
    expect(methods(["private_key_jwt"])).toEqual([]);
  });

  test.each<[string[] | undefined, unknown, string | undefined]>([
    [["private_key_jwt"], undefined, "ES256"],
    [["private_key_jwt"], ["RS256", "ES256"], "ES256"],
    [["private_key_jwt", "tls_client_auth"], ["PS256", "RS256"], "RS256"],
    [["private_key_jwt"], ["EdDSA"], "none"],
    [["tls_client_auth"], ["RS256"], undefined],
    [undefined, ["RS256"], undefined],
  ])(
    "with the methods %j and the algorithms %j take a JWT by %s",
    (methods, algorithms, signing) => {
      const result = read({
        token_endpoint_auth_methods_supported: methods,
        token_endpoint_auth_signing_alg_values_supported: algorithms,
      });
      expect(result.ok && result.server.jwtSignedBy).toBe(signing);
    },
  );

  test("promise nothing with an invalid string or endpoint", () => {
    expect(
      read({
        authorization_response_iss_parameter_supported: "true",
        client_id_metadata_document_supported: 1,
        registration_endpoint: "no",
        revocation_endpoint: null,
      }),
    ).toMatchObject({
      server: {
        issParameterSupported: false,
        clientIdMetadataDocumentSupported: false,
        registrationEndpoint: null,
        revocationEndpoint: null,
      },
    });
  });
});

test("an MCP 2025-03-26 server without metadata has its endpoints at the root", () => {
  expect(defaultAuthorizationServer("https://mcp.example/v1/mcp?x=1")).toMatchObject({
    issuer: "https://mcp.example",
    authorizationEndpoint: "https://mcp.example/authorize",
    tokenEndpoint: "https://mcp.example/token",
    registrationEndpoint: "https://mcp.example/register",
    revocationEndpoint: null,
  });
});
