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

  test("is not found in a successful response", () => {
    expect(told({ access_token: "at", message: "Welcome to us" }, 200)).toBeNull();
    expect(told({ ok: false, error: "invalid_auth" }, 200)?.code).toBe("invalid_auth");
  });
});
