import { describe, expect, test } from "vitest";
import { buildAuthorizationUrl } from "@/lib/oauth/authorization-request";

const request = {
  client: { authorizationEndpoint: "https://as.example/authorize", clientId: "client 1&2" },
  redirectUri: "https://usher.example/oauth/callback",
  state: "the-state",
  codeChallenge: "the-challenge",
  scope: "read write",
  resource: "https://mcp.example/mcp",
  extraParameters: {},
};

const parametersOf = (url: string) => Object.fromEntries(new URL(url).searchParams);

describe("an authorization URL", () => {
  test("contains what RFC 6749, 7636 and 8707 require", () => {
    const url = buildAuthorizationUrl(request);
    expect(url.startsWith("https://as.example/authorize?")).toBe(true);
    expect(parametersOf(url)).toEqual({
      response_type: "code",
      client_id: "client 1&2",
      redirect_uri: "https://usher.example/oauth/callback",
      scope: "read write",
      state: "the-state",
      code_challenge: "the-challenge",
      code_challenge_method: "S256",
      resource: "https://mcp.example/mcp",
    });
  });

  test("omits scope and resource if there are none", () => {
    const parameters = parametersOf(
      buildAuthorizationUrl({ ...request, scope: null, resource: null }),
    );
    expect(parameters).not.toHaveProperty("scope");
    expect(parameters).not.toHaveProperty("resource");
    expect(parametersOf(buildAuthorizationUrl({ ...request, scope: "" }))).not.toHaveProperty(
      "scope",
    );
  });

  test("keeps the endpoint's query, and repeats no parameter", () => {
    const authorizationEndpoint =
      "https://as.example/authorize?tenant=a%20b&state=theirs&client_id=theirs&resource=theirs#top";
    const url = buildAuthorizationUrl({
      ...request,
      client: { ...request.client, authorizationEndpoint },
      resource: null,
    });
    const { searchParams, hash } = new URL(url);
    expect(searchParams.getAll("tenant")).toEqual(["a b"]);
    expect(searchParams.getAll("state")).toEqual(["the-state"]);
    expect(searchParams.getAll("client_id")).toEqual(["client 1&2"]);
    expect(searchParams.getAll("resource")).toEqual([]);
    expect(hash).toBe("");
  });

  // sbomify/sbomify#1501, p2/OAuth2#220, omniauth/omniauth#902
  test("has no plus sign for a space, which some take for a plus sign", () => {
    const authorizationEndpoint = "https://as.example/authorize?tenant=a+b";
    const client = { ...request.client, authorizationEndpoint };
    const scope = "read write a+b";
    const { search, searchParams } = new URL(buildAuthorizationUrl({ ...request, client, scope }));
    expect(search).toContain("scope=read%20write%20a%2Bb");
    expect(search).not.toContain("+");
    expect([searchParams.get("scope"), searchParams.get("tenant")]).toEqual([scope, "a b"]);
  });

  test("keeps nothing of the endpoint's query that changes how the answer comes back", () => {
    const authorizationEndpoint =
      "https://as.example/authorize?p=B2C_1&response_mode=form_post&request_uri=urn:x&request=e30&scope=default";
    const client = { ...request.client, authorizationEndpoint };
    const parameters = parametersOf(buildAuthorizationUrl({ ...request, client, scope: null }));
    expect(parameters).toMatchObject({ p: "B2C_1", scope: "default" });
    for (const name of ["response_mode", "request", "request_uri"]) {
      expect(parameters).not.toHaveProperty(name);
    }
  });

  test("adds extra parameters, and lets none of them change the protocol's own", () => {
    const extraParameters = { access_type: "offline", state: "x", redirect_uri: "y", Scope: "z" };
    const parameters = parametersOf(buildAuthorizationUrl({ ...request, extraParameters }));
    expect(parameters).toMatchObject({
      access_type: "offline",
      state: "the-state",
      redirect_uri: "https://usher.example/oauth/callback",
    });
    expect(parameters).not.toHaveProperty("Scope");
  });
});
