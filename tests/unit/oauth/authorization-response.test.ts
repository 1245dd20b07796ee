import { describe, expect, test } from "vitest";
import { AuthorizationFailedError } from "@/lib/errors";
import { readAuthorizationResponse } from "@/lib/oauth/authorization-response";

const client = {
  issuer: "https://as.example",
  authorizationEndpoint: "https://as.example/authorize",
};
const anonymous = { ...client, issuer: null };

function failureOf(query: string, of = client, issRequired = false): AuthorizationFailedError {
  try {
    readAuthorizationResponse(new URLSearchParams(query), of, issRequired);
  } catch (error) {
    if (error instanceof AuthorizationFailedError) return error;
    throw error;
  }
  throw new Error("it was accepted");
}

describe("an authorization response", () => {
  test.each([
    ["code=abc&state=s&iss=https%3A%2F%2Fas.example", client],
    ["code=abc&state=s", client],
    ["code=abc&state=s&iss=https%3A%2F%2Fwhoever.example", anonymous],
  ])("%s yields the code", (query, of) => {
    expect(readAuthorizationResponse(new URLSearchParams(query), of)).toEqual({ code: "abc" });
  });

  test.each([
    "https://evil.example",
    "https://as.example/",
    "https://AS.example",
    "http://as.example",
    "https://as.example:443",
    "",
  ])("from the issuer %j is rejected before its code or its text is used", (iss) => {
    const query = new URLSearchParams({ iss, code: "abc", error_description: "call +1 555 0100" });
    const failure = failureOf(query.toString());
    expect(failure.reason).toBe("issuer_mismatch");
    expect(failure.userMessage).not.toContain("555");
  });

  test("with two issuers, or without a required one, is rejected", () => {
    const iss = "iss=https%3A%2F%2Fas.example";
    expect(failureOf(`code=a&${iss}&${iss}`).reason).toBe("issuer_mismatch");
    expect(failureOf("code=a", client, true).reason).toBe("issuer_mismatch");
  });

  // anthropics/claude-code#73460, modelcontextprotocol/csharp-sdk#741
  test.each([
    [
      "invalid_client",
      "AADSTS650053: The application asked for scope 'mcp.read' that doesn't exist on the resource.",
      "check the scopes",
    ],
    [
      "invalid_request",
      "AADSTS901002: The 'resource' request parameter is not supported.",
      "turn the resource indicator off",
    ],
    [
      "invalid_target",
      "AADSTS9010010: The resource parameter provided in the request doesn't match with the requested scopes.",
      "turn the resource indicator off",
    ],
  ])("by %s “%s” says which setting it is about", (error, error_description, advice) => {
    const query = new URLSearchParams({ error, error_description });
    expect(failureOf(query.toString()).userMessage).toContain(advice);
  });

  // n8n-io/n8n#34503
  test("that declines is believed without the promised issuer, and nothing else is", () => {
    expect(failureOf("error=access_denied", client, true).reason).toBe("denied");
    // RFC 6749 §3.1: without a value it counts as left out.
    expect(failureOf("code=&error=access_denied").reason).toBe("denied");
    for (const query of [
      "error=access_denied&iss=https%3A%2F%2Fevil.example",
      "error=access_denied&code=abc",
      "error=invalid_client",
    ]) {
      expect(failureOf(query, client, true).reason).toBe("issuer_mismatch");
    }
  });

  test("distinguishes a declined consent from every other error", () => {
    const denied = failureOf("error=access_denied&error_description=no");
    expect([denied.reason, denied.userMessage]).toEqual([
      "denied",
      "The access was not granted at as.example. Nothing was stored. Authorize again if that was a mistake. (It said: “no”)",
    ]);
    for (const [error, advice] of [
      ["invalid_scope", "check the scopes"],
      ["invalid_target", "resource indicator"],
      ["unauthorized_client", "client ID"],
      ["temporarily_unavailable", "again later"],
      ["invalid_request", "extra parameters"],
      ["something_new", "ask an admin"],
    ]) {
      const failure = failureOf(`error=${error}&error_description=Because`);
      expect(failure.reason).toBe("provider_error");
      expect(failure.userMessage).toContain(advice);
      expect(failure.userMessage).toContain(`(It said: ${error}: “Because”)`);
    }
  });

  test("shows a provider's text as one harmless line", () => {
    const text = `Line one\n\u202eLine two\u0000 ${"word ".repeat(100)}`;
    const query = new URLSearchParams({ error: "bad\ncode", error_description: text });
    const { userMessage } = failureOf(query.toString());
    expect(userMessage).toContain("“Line one Line two word");
    expect(userMessage).not.toMatch(/[\n\u202e\0]|bad/);
    expect(userMessage.length).toBeLessThan(400);
  });

  test.each(["", "code=", "code=a&code=b", "state=s"])("%j has no usable code", (query) => {
    expect(failureOf(query).reason).toBe("provider_error");
  });

  // RFC 6749 §3.1: a parameter without a value counts as left out
  test("with an empty error and a code is a success", () => {
    const read = (query: string) => readAuthorizationResponse(new URLSearchParams(query), client);
    expect(read("error=&error_description=&code=abc")).toEqual({ code: "abc" });
    expect(read("code=abc&code=abc")).toEqual({ code: "abc" });
  });

  // arc-mcp/arc-1#214
  test("has the plus signs of its code, even if the provider did not encode them", () => {
    const read = (query: string) => readAuthorizationResponse(new URLSearchParams(query), client);
    expect(read("code=a+b/c==")).toEqual({ code: "a+b/c==" });
    expect(read("code=a%2Bb%2Fc%3D%3D")).toEqual({ code: "a+b/c==" });
  });

  test.each([
    "user_cancelled_login",
    "user_cancelled_authorize",
    "consent_denied",
    "user_denied",
    "cancelled",
    "ACCESS_DENIED",
  ])("by %s says that the person declined", (error) => {
    expect(failureOf(`error=${error}`).reason).toBe("denied");
  });

  // okta/samples-js-angular#184
  test("that denies access says why, unless it may come from elsewhere", () => {
    const query = "error=access_denied&error_description=User+is+not+assigned+to+the+application.";
    expect(failureOf(query).userMessage).toContain("“User is not assigned to the application.”");
    expect(failureOf(query, client, true).userMessage).not.toContain("assigned");
  });

  test.each([
    ["error_code=1349126&error_message=App+not+active", "App not active"],
    ["error=server_error&error_reason=Broken+thing", "Broken thing"],
    ["error=redirect_uri_mismatch", "callback URL"],
    ["error=invalid_request&error_description=Invalid+redirect_uri", "callback URL"],
    [
      "error=application_suspended&error_description=Your+application+has+been+suspended.",
      "does not know this client",
    ],
  ])("%s says what to do", (query, words) => {
    expect(failureOf(query).userMessage).toContain(words);
  });

  test("with an error is not a success, whatever else it contains", () => {
    expect(failureOf("error=a&error=b&code=abc").reason).toBe("provider_error");
    expect(failureOf("error=server_error&code=abc").reason).toBe("provider_error");
  });
});
