import { describe, expect, it } from "vitest";
import { accountName } from "@/lib/oauth/token-response";

const idToken = (claims: unknown) =>
  `e30.${Buffer.from(JSON.stringify(claims)).toString("base64url")}.sig`;

describe("the name of an account", () => {
  it.each([
    [{ sub: "4711", name: "Ada", email: "ada@example.com" }, "ada@example.com"],
    [{ sub: "4711", preferred_username: "ada", name: "Ada Lovelace" }, "ada"],
    [{ sub: "4711" }, "4711"],
    [{ sub: "a\u202e\nb" }, "a b"],
    [{ sub: 4711 }, null],
    [{ email: "the access token" }, null],
  ])("is, of %j, %j", (claims, name) => {
    expect(accountName(idToken(claims), "the access token")).toBe(name);
  });

  it.each([null, "", "a", "a.b.c", "a.!!.c"])("is none of %j", (token) => {
    expect(accountName(token, "at")).toBeNull();
  });

  it("is cut", () => {
    expect(accountName(idToken({ sub: "x".repeat(5000) }), "at")).toHaveLength(120);
  });
});
