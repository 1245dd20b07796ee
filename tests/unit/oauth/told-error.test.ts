import { describe, expect, test } from "vitest";
import { toldError } from "@/lib/oauth/told-error";

const told = (body: unknown, status = 400) =>
  toldError({ status, body: typeof body === "string" ? body : JSON.stringify(body) });

describe("a provider's error message", () => {
  test.each<[string, unknown, string]>([
    ["RFC 6749", { error: "invalid_grant", error_description: "It is gone" }, "It is gone"],
    // oomol-lab/open-connector#296
    ["an error that is true", { error: true, status: 400, message: "It is gone" }, "It is gone"],
    ["an error that is an object", { error: { code: "x", message: "It is gone" } }, "It is gone"],
    ["a list", [{ message: "It is gone" }], "It is gone"],
    ["a list of texts", { errors: ["It is gone", "And more"] }, "It is gone; And more"],
    ["a list of objects", { errors: [{ title: "Gone", detail: "It is gone" }] }, "It is gone"],
    ["RFC 9457", { type: "about:blank", title: "Gone", detail: "It is gone" }, "It is gone"],
    ["Apigee", { fault: { faultstring: "It is gone", detail: { errorcode: "x" } } }, "It is gone"],
    ["camel case", { errorCode: "E1", errorMessage: "It is gone" }, "It is gone"],
    ["success that is false", { success: false, msg: "It is gone" }, "It is gone"],
    ["a page", "<html><head><title>It is gone</title></head></html>", "It is gone"],
    ["a page without a title", "<!doctype html><h1 class=x>It is gone</h1>", "It is gone"],
    ["a line", "It is gone", "It is gone"],
    [
      "a message beside a word",
      { message: "error", data: { description: "It is gone" } },
      "It is gone",
    ],
    [
      "PHP's warning",
      `<br />\n<b>Notice</b>: x in /y.php<br />\n{"message":"It is gone"}`,
      "It is gone",
    ],
    ["JSON in JSON", JSON.stringify(JSON.stringify({ message: "It is gone" })), "It is gone"],
    // dreeveapp/dreeve#1449
    [
      "a list of fields",
      {
        message: "Bad Request",
        errors: [{ resource: "RefreshToken", field: "refresh_token", code: "invalid" }],
      },
      "Bad Request; refresh_token invalid",
    ],
    [
      "messages by field",
      { errors: { refresh_token: ["is invalid"] } },
      "refresh_token: is invalid",
    ],
    ["messages by field alone", { refresh_token: ["is not valid"] }, "refresh_token: is not valid"],
    ["Okta", { errorCode: "E0000011", errorSummary: "It is gone" }, "It is gone"],
    ["JSend", { status: "fail", data: { refresh_token: "is gone" } }, "refresh_token: is gone"],
  ])("as %s is read", (_, body, description) => {
    expect(told(body)?.description).toBe(description);
  });

  test.each<[string, unknown]>([
    ["nothing", ""],
    ["an empty object", {}],
    ["a number", 7],
    ["a value that is not a sentence", { detail: "kJh2-secret-9s8d" }],
    ["a long text", "word ".repeat(1000)],
  ])("is empty if it said %s", (_, body) => {
    expect(told(body)?.description ?? null).toBeNull();
  });

  // supabase/auth#2829, and services that have their own field for the code
  test.each([
    [{ code: 400, error_code: "refresh_token_not_found", msg: "No" }, "refresh_token_not_found"],
    [{ errors: [{ errorType: "invalid_grant", message: "No" }] }, "invalid_grant"],
    [{ errors: [{ message: "No", code: "session_not_found" }] }, "session_not_found"],
    [{ error: { errorId: "INVALID_REFRESH_TOKEN", message: "No" } }, "INVALID_REFRESH_TOKEN"],
    [{ status_code: 404, error_type: "not_found", error_message: "No" }, "not_found"],
    [{ __type: "InvalidGrantException" }, "InvalidGrantException"],
    [{ name: "InvalidGrantError" }, "InvalidGrantError"],
    [{ name: "Ada" }, null],
    ["invalid_grant", "invalid_grant"],
    ["error: invalid_grant\n", "invalid_grant"],
    [{ error: 400, code: "4012" }, null],
    // Frameworks wrap what a handler raises, and write names in their own letters.
    [{ detail: { error: "invalid_grant", error_description: "No" } }, "invalid_grant"],
    [{ detail: "invalid_grant" }, "invalid_grant"],
    [{ data: { error: "invalid_client" }, success: false }, "invalid_client"],
    [{ error: { error: "invalid_grant", error_description: "No" } }, "invalid_grant"],
    [{ Error: "invalid_grant", ErrorDescription: "No" }, "invalid_grant"],
    [{ ERROR: "INVALID_GRANT" }, "INVALID_GRANT"],
    [{ error: "invalid_scope", detail: { error: "invalid_grant" } }, "invalid_scope"],
    [{ error: "Bad Request", detail: { error: "invalid_grant" } }, "invalid_grant"],
    [{ detail: { error: "my_secret_value" } }, null],
    [{ detail: ["invalid_grant"] }, null],
  ])("has its code in %j", (body, code) => {
    expect(told(body)?.code ?? null).toBe(code);
  });

  test("is read from the challenge of a 401 whose body says nothing", () => {
    const challenged = () => ({ code: "unauthorized", description: "Bad credentials" });
    expect(toldError({ status: 401, body: "", challenged })?.code).toBe("unauthorized");
    const body = '{"message":"Not you"}';
    expect(toldError({ status: 401, body, challenged })).toEqual({
      ...{ code: "unauthorized", description: "Not you" },
    });
    expect(toldError({ status: 401, body: "<html></html>", challenged })).toBeNull();
    expect(toldError({ status: 400, body: "", challenged })).toBeNull();
  });

  test.each([
    [{ access_token: "at", error: {} }, null],
    [{ status: "STATUS_OK", data: { access_token: "at" } }, null],
    [{ status: "error", message: "It is gone" }, "It is gone"],
    [{ success: "false", message: "It is gone" }, "It is gone"],
  ])("in a response with status 200, %j: %j", (body, description) => {
    expect(told(body, 200)?.description ?? null).toBe(description);
  });

  test("is not found in a successful response", () => {
    expect(told({ access_token: "at", message: "Welcome to us" }, 200)).toBeNull();
    expect(told({ ok: false, error: "invalid_auth" }, 200)?.code).toBe("invalid_auth");
  });
});
