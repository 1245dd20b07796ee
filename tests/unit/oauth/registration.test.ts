import type { RequestListener } from "node:http";
import { afterEach, describe, expect, test } from "vitest";
import { ProviderError } from "@/lib/errors";
import { createOutboundAgent, createOutboundFetch } from "@/lib/net/fetch";
import { clientIdMetadataUrl } from "@/lib/oauth/client";
import { authMethodNamed } from "@/lib/oauth/registered-client";
import { clientMetadata, clientMetadataDocument, registerClient } from "@/lib/oauth/registration";
import { isClientForgotten } from "@/lib/oauth/registration-decision";
import { readBody, sendJson, startHttpServer } from "@/tests/support/local-http-server";

const installation = {
  publicUrl: "https://usher.example",
  redirectUri: "https://usher.example/oauth/callback",
};
const opened: { close(): Promise<void> }[] = [];

afterEach(async () => {
  await Promise.all(opened.splice(0).map((one) => one.close()));
});

async function serve(handler: RequestListener) {
  const server = await startHttpServer(handler);
  const agent = createOutboundAgent({ allowHttpLoopback: true, allowedPrivateHosts: [] });
  opened.push(server, agent);
  return {
    url: `${server.origin}/register`,
    ctx: { outbound: createOutboundFetch(agent), now: () => new Date() },
  };
}

async function registeredBy(answer: object, method: Parameters<typeof clientMetadata>[1]) {
  const { url, ctx } = await serve((_request, response) => sendJson(response, 201, answer));
  return registerClient(url, clientMetadata(installation, method, null), ctx);
}

async function refusal(status: number, body: string): Promise<ProviderError> {
  const { url, ctx } = await serve((_request, response) => response.writeHead(status).end(body));
  const metadata = clientMetadata(installation, "NONE", null);
  const error = await registerClient(url, metadata, ctx).catch((thrown: unknown) => thrown);
  if (!(error instanceof ProviderError)) throw new Error("it was registered", { cause: error });
  return error;
}

describe("registering", () => {
  test("says who Usher is, and what it needs", async () => {
    let seen: unknown;
    const { url, ctx } = await serve(async (request, response) => {
      seen = {
        type: request.headers["content-type"],
        ...(JSON.parse(await readBody(request)) as object),
      };
      sendJson(response, 201, { client_id: "abc", client_secret: "s3cret" });
    });
    const metadata = clientMetadata(installation, "CLIENT_SECRET_BASIC", "files:read");
    expect(await registerClient(url, metadata, ctx)).toEqual({
      clientId: "abc",
      clientSecret: "s3cret",
      clientSecretExpiresAt: null,
      tokenEndpointAuthMethod: "CLIENT_SECRET_BASIC",
      scope: null,
    });
    expect(seen).toEqual({
      type: "application/json",
      client_name: "Usher",
      client_uri: "https://usher.example",
      redirect_uris: ["https://usher.example/oauth/callback"],
      grant_types: ["authorization_code", "refresh_token"],
      response_types: ["code"],
      token_endpoint_auth_method: "client_secret_basic",
      application_type: "web",
      scope: "files:read",
    });
  });

  // Beside the scope (tests/field/oauth/discovery.test.ts), a refusal may name what a client works without.
  test.each<[string, string, object]>([
    // TracecatHQ/tracecat#3069
    [
      "refresh tokens",
      "Unsupported grant_types: refresh_token",
      { grant_types: ["authorization_code"] },
    ],
    // qauth-labs/qauth#157
    [
      "an unknown member",
      "Unrecognized key(s) in object: 'application_type'",
      { application_type: undefined },
    ],
    ["a URL of the client", "client_uri is not allowed", { client_uri: undefined }],
  ])("leaves out %s that a server refuses by name", async (_, error_description, without) => {
    const seen: Record<string, unknown>[] = [];
    const { url, ctx } = await serve(async (request, response) => {
      seen.push(JSON.parse(await readBody(request)));
      if (seen.length === 1) {
        return sendJson(response, 400, { error: "invalid_client_metadata", error_description });
      }
      sendJson(response, 201, { client_id: "abc" });
    });
    const metadata = clientMetadata(installation, "NONE", "files:read");
    expect(await registerClient(url, metadata, ctx)).toMatchObject({ clientId: "abc" });
    expect(seen).toEqual([metadata, JSON.parse(JSON.stringify({ ...metadata, ...without }))]);
  });

  test("is refused for good after three tries, and not tried again for what was not sent", async () => {
    let requests = 0;
    const { url, ctx } = await serve((_request, response) => {
      requests += 1;
      const error_description = "scope, grant_types, application_type and client_uri are wrong";
      sendJson(response, 400, { error: "invalid_client_metadata", error_description });
    });
    const metadata = clientMetadata(installation, "NONE", null);
    await expect(registerClient(url, metadata, ctx)).rejects.toThrow(ProviderError);
    expect(requests).toBe(3);
  });

  test("uses the method and the expiry that the server chose", async () => {
    expect(
      await registeredBy(
        {
          client_id: "abc",
          client_secret: "s3cret",
          client_secret_expires_at: 1_900_000_000,
          token_endpoint_auth_method: "client_secret_post",
        },
        "CLIENT_SECRET_BASIC",
      ),
    ).toMatchObject({
      tokenEndpointAuthMethod: "CLIENT_SECRET_POST",
      clientSecretExpiresAt: new Date(1_900_000_000_000),
    });
  });

  test.each([0, "soon", -1, 1e15, null])("reads no expiry from %j", async (expiry) => {
    const answer = { client_id: "a", client_secret: "s", client_secret_expires_at: expiry };
    const client = await registeredBy(answer, "CLIENT_SECRET_BASIC");
    expect(client.clientSecretExpiresAt).toBeNull();
  });

  test.each([1_900_000_000, "1900000000", 1_900_000_000_000, "2030-03-17T17:46:40Z"])(
    "reads the same expiry from %j",
    async (expiry) => {
      const answer = { client_id: "a", client_secret: "s", client_secret_expires_at: expiry };
      const client = await registeredBy(answer, "CLIENT_SECRET_BASIC");
      expect(client.clientSecretExpiresAt).toEqual(new Date(1_900_000_000_000));
    },
  );

  test("keeps no secret for a public client", async () => {
    const answer = { client_id: "abc", client_secret: "s", token_endpoint_auth_method: "none" };
    expect((await registeredBy(answer, "NONE")).clientSecret).toBeNull();
  });

  // patvice/ruby_llm-mcp#137: RFC 7591 §2 has a default for what is left out.
  test("treats a secret without a method as client_secret_basic, whatever was requested", async () => {
    const answer = { client_id: "abc", client_secret: "s3cret" };
    for (const asked of ["NONE", "CLIENT_SECRET_POST"] as const) {
      expect(await registeredBy(answer, asked)).toMatchObject({
        clientSecret: "s3cret",
        tokenEndpointAuthMethod: "CLIENT_SECRET_BASIC",
      });
    }
    for (const more of [{}, { token_endpoint_auth_method: "client_secret_post" }]) {
      const public_ = { client_id: "abc", ...more };
      expect(await registeredBy(public_, "CLIENT_SECRET_BASIC")).toMatchObject({
        clientSecret: null,
        tokenEndpointAuthMethod: "NONE",
      });
    }
    const counted = { client_id: 4711, token_endpoint_auth_method: "NONE" };
    expect(await registeredBy(counted, "NONE")).toMatchObject({ clientId: "4711" });
  });

  test.each([
    [{ token_endpoint_auth_method: "private_key_jwt" }, "PRIVATE_KEY_JWT"],
    [{}, "PRIVATE_KEY_JWT"],
    [{ token_endpoint_auth_method: "none" }, "NONE"],
    [{ client_secret: "s" }, "CLIENT_SECRET_BASIC"],
  ])("requests Usher's own key, and accepts %o", async (answer, tokenEndpointAuthMethod) => {
    const registered = await registeredBy({ client_id: "a", ...answer }, "PRIVATE_KEY_JWT");
    expect(registered).toMatchObject({ tokenEndpointAuthMethod });
  });

  test.each([
    [{}, "without a client ID"],
    [{ client_id: "a", token_endpoint_auth_method: "tls_client_auth" }, "a way to sign in"],
    [{ client_id: "a", token_endpoint_auth_method: "private_key_jwt" }, "a way to sign in"],
    [
      { client_id: "a", client_secret: "s", redirect_uris: ["https://evil.example/cb"] },
      "with another callback URL",
    ],
  ])("rejects %o", async (answer, words) => {
    const error = await registeredBy(answer, "CLIENT_SECRET_BASIC").catch((e: unknown) => e);
    expect(error).toBeInstanceOf(ProviderError);
    expect((error as ProviderError).userMessage).toContain(words);
    expect((error as ProviderError).userMessage).toContain("by hand");
  });

  test.each([
    [400, '{"error":"invalid_redirect_uri"}', "callback URL"],
    [401, "", "registers no client that it does not know"],
    [403, "{}", "registers no client that it does not know"],
    [429, "", "Try again later"],
    [503, "<h1>down</h1>", "Try again later"],
    [
      400,
      '{"error":"invalid_client_metadata","error_description":"no native apps"}',
      "did not register Usher (status 400). Register a client there by hand, and enter its client ID and secret. (It said: invalid_client_metadata: “no native apps”)",
    ],
    [200, "<!doctype html>", "answered with something that is no client"],
    [
      200,
      '{"error":"invalid_redirect_uri","error_description":"Not on the list"}',
      "does not register Usher's callback URL",
    ],
  ])("answered with %i %s says what to do", async (status, body, words) => {
    expect((await refusal(status, body)).userMessage).toContain(words);
  });
});

describe("the client's document", () => {
  test("is at an https URL, and names itself and no secret", () => {
    const url = clientIdMetadataUrl("https://usher.example");
    expect(url).toBe("https://usher.example/oauth/client-metadata");
    const document = clientMetadataDocument(url ?? "", installation);
    expect(document).toMatchObject({
      client_id: url,
      client_name: "Usher",
      redirect_uris: ["https://usher.example/oauth/callback"],
      token_endpoint_auth_method: "none",
    });
    expect(JSON.stringify(document)).not.toMatch(/secret/i);
  });

  test.each([
    "http://localhost:3000",
    "https://localhost",
    "https://127.0.0.1:3000",
    "https://[::1]",
  ])("does not exist for %s, which no one else can reach", (publicUrl) =>
    expect(clientIdMetadataUrl(publicUrl)).toBeNull(),
  );

  test("of an installation on this machine describes a native application", () => {
    const local = { publicUrl: "http://localhost:3000", redirectUri: "http://localhost:3000/cb" };
    expect(clientMetadata(local, "NONE", null).application_type).toBe("native");
  });

  test("uses the registered names of the methods", () => {
    expect(authMethodNamed("client_secret_post")).toBe("CLIENT_SECRET_POST");
    expect(authMethodNamed("tls_client_auth")).toBeNull();
  });
});

describe("a client that a provider has forgotten", () => {
  const asks = async (answer: RequestListener) => {
    const { url, ctx } = await serve(answer);
    return isClientForgotten(`${url}?client_id=abc`, ctx.outbound);
  };

  test.each([
    [400, '{"error":"invalid_client"}'],
    [401, '{"error":"invalid_client","error_description":"No such client"}'],
    [400, "<p>The provider refused the request: client is invalid.</p>"],
    // PrefectHQ/fastmcp#2027
    [
      400,
      `{"error":"invalid_request","error_description":"Client ID 'c24c4da9-cc66-4c69-8f02-03c803ff1e4e' not found","state":"fXUo"}`,
    ],
    // supabase/mcp#355, anthropics/claude-code#84614
    [422, '{"message":"Unrecognized client_id"}'],
    [400, "<h1>Client Not Registered</h1><p>Your client ID was not found in the registry.</p>"],
    [404, '{"detail":"The server could not find the client"}'],
  ])("is recognized by %i %s", async (status, body) => {
    expect(await asks((_request, response) => response.writeHead(status).end(body))).toBe(true);
  });

  test("is recognized by a redirect that says so, and nothing else in a redirect is believed", async () => {
    const to = (location: string) =>
      asks((_request, response) => response.writeHead(302, { location }).end());
    expect(await to("http://localhost/cb?error=invalid_client")).toBe(true);
    expect(await to("http://localhost/cb?error=login_required")).toBe(false);
    expect(await to("/interaction/1")).toBe(false);
  });

  test.each([
    [200, "<p>invalid_client</p>"],
    [500, '{"error":"invalid_client"}'],
    [400, '{"error":"invalid_request"}'],
    [403, "unauthorized_client: callback URL mismatch"],
    [429, '{"error":"invalid_client"}'],
    [400, "The client has not registered this redirect URI"],
    // anthropics/claude-code#73460: as Entra refuses a scope, and what proxies in front of it pass on
    [
      400,
      `{"error":"invalid_client","error_description":"AADSTS650053: The application 'x' asked for scope 'mcp.read' that doesn't exist on the resource."}`,
    ],
  ])("is not inferred from %i %s", async (status, body) => {
    expect(await asks((_request, response) => response.writeHead(status).end(body))).toBe(false);
  });

  test("is checked without showing anything to a person", async () => {
    let prompt: string | null = null;
    await asks((request, response) => {
      prompt = new URL(request.url ?? "", "http://localhost").searchParams.get("prompt");
      response.end();
    });
    expect(prompt).toBe("none");
  });
});
