import { describe, expect, it } from "vitest";
import {
  type OddAnswer,
  type Oddities,
  type OddProvider,
  refusal,
  usualClient,
  usualMetadata,
} from "@/tests/support/odd-provider";
import { OddProviderStage } from "@/tests/support/odd-provider-stage";
import { addByUrl, authorizeUnasked } from "@/tests/support/paste-url";

// Dynamic registration as servers answer, refuse and redirect it.

const stage = new OddProviderStage();

type Register = Oddities["register"];

/** Where the browser ends after a first click on Authorize, and why as the flow says. */
async function authorized(provider: OddProvider): Promise<{ at: string; reason: string }> {
  const serverId = await addByUrl(stage.admin, provider.url);
  const at = await authorizeUnasked(stage.admin, serverId);
  await stage.usher.settle();
  const flow = await stage.usher.app.db.flowRecord.findFirst({
    where: { serverId },
    orderBy: { at: "desc" },
  });
  return { at, reason: flow?.reason ?? "" };
}

describe("a registration is taken", () => {
  it.each<[string, Register]>([
    ["inside data", (sent, nth) => ({ status: 201, body: { data: usualClient(sent, nth).body } })],
    [
      "inside client, with 202",
      (sent, nth) => ({ status: 202, body: { client: usualClient(sent, nth).body } }),
    ],
    [
      "with the callback's host in capitals",
      (sent, nth) =>
        usualClient(sent, nth, {
          redirect_uris: (sent.redirect_uris as string[]).map((uri) =>
            uri.replace("localhost", "LOCALHOST"),
          ),
        }),
    ],
    [
      "with two ways to sign in",
      (sent, nth) =>
        usualClient(sent, nth, {
          token_endpoint_auth_method: "client_secret_jwt client_secret_post",
        }),
    ],
    [
      "with a list as the way to sign in",
      (sent, nth) => usualClient(sent, nth, { token_endpoint_auth_method: ["client_secret_post"] }),
    ],
    [
      "with a line end after the ID",
      (sent, nth) => usualClient(sent, nth, { client_id: `c-${nth}\n` }),
    ],
  ])("%s", async (_, register) => {
    const provider = await stage.odd(() => ({ register }));
    expect((await authorized(provider)).at).toContain("authorized=1");
    expect(provider.registrations()).toHaveLength(1);
  });

  // koala73/worldmonitor#4938, PostHog/posthog#49807
  it.each([301, 307, 308])("at the address that a redirect with %i names", async (status) => {
    const elsewhere = await stage.odd(() => ({}));
    const provider = await stage.odd(() => ({
      first: ({ path }) =>
        path === "/register"
          ? { status, headers: { location: `${elsewhere.origin}/register` } }
          : null,
    }));
    expect((await authorized(provider)).at).toContain("authorized=1");
    expect(elsewhere.registrations()).toEqual(provider.registrations());
  });
});

describe("a registration is tried again without what its refusal names", () => {
  it.each<[string, string, OddAnswer, Record<string, unknown>]>([
    // anthropics/claude-ai-mcp#1043
    [
      "a way to sign in",
      "client_secret_basic",
      refusal(400, "invalid_client_metadata", 'token_endpoint_auth_method must be "none"'),
      { token_endpoint_auth_method: "none" },
    ],
    // obot-platform/mcp-oauth-proxy#52, basecamp/fizzy#3082
    [
      "one of several ways to sign in",
      "client_secret_basic",
      refusal(
        400,
        "invalid_client_metadata",
        "unsupported token_endpoint_auth_method: client_secret_basic. Supported methods: [client_secret_post]",
      ),
      { token_endpoint_auth_method: "client_secret_post" },
    ],
    [
      "public clients only",
      "client_secret_basic",
      refusal(403, "access_denied", "Only public clients may register"),
      { token_endpoint_auth_method: "none" },
    ],
    [
      "confidential clients only",
      "none",
      refusal(400, "invalid_client_metadata", "This server registers confidential clients only"),
      { token_endpoint_auth_method: "client_secret_basic" },
    ],
    [
      "a field, where a validator lists it",
      "none",
      {
        status: 422,
        body: {
          detail: [{ loc: ["body", "application_type"], msg: "Extra inputs are not permitted" }],
        },
      },
      { application_type: undefined },
    ],
    [
      "a field, by its path",
      "none",
      {
        status: 400,
        body: { errors: [{ path: ["application_type"], code: "unrecognized_keys" }] },
      },
      { application_type: undefined },
    ],
    [
      "response types",
      "none",
      refusal(400, "invalid_client_metadata", "response_types is not supported"),
      { response_types: undefined },
    ],
    [
      "native clients",
      "none",
      refusal(400, "invalid_client_metadata", "Native clients may not register"),
      { application_type: undefined },
    ],
  ])("%s", async (_, method, refused, second) => {
    const provider = await stage.odd((origin) => ({
      servers: {
        "/.well-known/oauth-authorization-server": usualMetadata(origin, {
          token_endpoint_auth_methods_supported: [method],
        }),
      },
      register: (sent, nth) => (nth === 1 ? refused : usualClient(sent, nth)),
    }));
    expect((await authorized(provider)).at).toContain("authorized=1");
    const [first, again, ...more] = provider.registrations();
    expect(more).toEqual([]);
    expect(again).toEqual(JSON.parse(JSON.stringify({ ...first, ...second })));
  });

  // wso2/product-is#11075
  it.each([
    [409, "A client named Usher is already registered"],
    [500, "Error when adding the application. An application with the same name already exists."],
  ])("under another name, if a client with that name exists: %i", async (status, words) => {
    const provider = await stage.odd(() => ({
      register: (sent, nth) =>
        sent.client_name === "Usher"
          ? { status, body: { code: "APP-65001", description: words } }
          : usualClient(sent, nth),
    }));
    expect((await authorized(provider)).at).toContain("authorized=1");
    expect(provider.registrations()[1]?.client_name).toMatch(/^Usher [0-9a-f]{8}$/);
  });

  it("but not for words of a web page", async () => {
    const body = '<html><table><th scope="col">Not allowed</th></table></html>';
    const provider = await stage.odd(() => ({ register: () => ({ status: 403, body }) }));
    expect((await authorized(provider)).at).toContain("registration_failed");
    expect(provider.registrations()).toHaveLength(1);
  });
});

describe("a refused registration says why", () => {
  it.each<[string, OddAnswer, RegExp]>([
    [
      "no registration there",
      refusal(404, "not_found"),
      /registers no client at \/register \(status 404\)/,
    ],
    [
      "another method",
      { status: 405, body: "Method Not Allowed" },
      /registers no client at \/register \(status 405\)/,
    ],
    [
      "the callback, in words",
      refusal(400, "invalid_client_metadata", "redirect_uris must use https"),
      /does not register Usher's callback URL. Its operator can allow it/,
    ],
    [
      "the callback's host",
      refusal(400, "invalid_request", "Redirect URI host localhost is not allowed"),
      /does not register Usher's callback URL/,
    ],
    [
      "a token to register with",
      refusal(401, "invalid_token", "no access token provided"),
      /registers no client that it does not know already.*no access token provided/,
    ],
    [
      "an allowlist",
      { status: 403, body: "Forbidden" },
      /registers no client that it does not know already/,
    ],
    [
      "a firewall",
      { status: 403, body: "<html><title>Attention Required!</title></html>" },
      /a web page \(status 403\), as firewalls do/,
    ],
    [
      "an error with 200",
      { body: { error: "access_denied" } },
      /did not register Usher.*access_denied/,
    ],
    ["a limit", { status: 429, headers: { "retry-after": "3600" } }, /receiving too many requests/],
    [
      "too many clients",
      refusal(503, "temporarily_unavailable", "Maximum number of clients reached"),
      /temporary problem.*Maximum number of clients reached/,
    ],
    [
      "a redirect to a sign-in",
      { status: 302, headers: { location: "/login" } },
      /with a redirect \(status 302\)/,
    ],
    ["a page", { body: "<!doctype html><title>Sign in</title>" }, /something that is no client/],
    ["nothing", { status: 201 }, /something that is no client/],
    [
      "a switch",
      refusal(400, "dynamic_client_registration_disabled"),
      /Register a client there by hand.*dynamic_client_registration_disabled/,
    ],
    [
      "a signed statement",
      refusal(400, "invalid_software_statement", "software_statement is required"),
      /by hand.*software_statement is required/,
    ],
  ])("%s", async (_, answer, words) => {
    const provider = await stage.odd(() => ({ register: () => answer }));
    const { at, reason } = await authorized(provider);
    expect(at).toContain("registration_failed");
    expect(reason).toMatch(words);
  });

  it("and is never redirected for ever", async () => {
    const provider = await stage.odd(() => ({
      register: () => ({ status: 308, headers: { location: "/register" } }),
    }));
    expect((await authorized(provider)).at).toContain("registration_failed");
    expect(provider.registrations()).toHaveLength(3);
  });
});
