import { describe, expect, it } from "vitest";
import { nameInToolAnswer } from "@/lib/oauth/account/account-name";
import { toldAccount } from "@/lib/oauth/account/told-account";

const client = { issuer: "https://as.example.com", clientId: "usher" };
const idToken = (claims: object) =>
  `e30.${Buffer.from(JSON.stringify({ iss: client.issuer, aud: "usher", ...claims })).toString("base64url")}.sig`;
const told = (answer: object) => toldAccount({ access_token: "at-0123456789", ...answer }, client);

describe("an ID token", () => {
  it.each([
    [{ sub: "4711", name: "Ada", email: "ada@example.com" }, "ada@example.com"],
    [{ sub: "4711", preferred_username: "ada", name: "Ada Lovelace" }, "ada"],
    [{ upn: "ada@corp.example", name: "Ada" }, "ada@corp.example"],
    [{ name: "Ada\u202e\nLovelace" }, "Ada Lovelace"],
    [{ aud: ["other", "usher"], email: "ada@example.com" }, "ada@example.com"],
    // Azure AD B2C, SCIM, Cognito, and claims with a namespace
    [{ emails: ["ada@example.com"], sub: "1" }, "ada@example.com"],
    [{ emails: [{ value: "ada@example.com" }], sub: "1" }, "ada@example.com"],
    [{ "cognito:username": "ada", sub: "1" }, "ada"],
    [{ "https://app.example/email": "ada@example.com", sub: "1" }, "ada@example.com"],
    [{ "signInNames.emailAddress": "ada@example.com", sub: "1" }, "ada@example.com"],
    [{ given_name: "Ada", family_name: "Lovelace", sub: "1" }, "Ada Lovelace"],
    [{ first_name: "Ada", last_name: "Lovelace", sub: "1" }, "Ada Lovelace"],
    [{ user: { email: "ada@example.com" }, sub: "1" }, "ada@example.com"],
    [{ email: null, name: "Ada" }, "Ada"],
  ])("of %j names %j", (claims, name) => {
    expect(told({ id_token: idToken(claims) }).account).toEqual({ name, source: "id_token" });
  });

  it("yields its sub if nothing else is known", () => {
    const { account, id, subject } = told({ id_token: idToken({ sub: "4711" }) });
    expect({ account, id, subject }).toEqual({
      ...{ account: null, subject: "4711" },
      id: { name: "4711", source: "id_token" },
    });
  });

  it.each([
    ["for another client", { aud: "somebody else" }],
    ["for nobody", { aud: undefined }],
    ["of another issuer", { iss: "https://evil.example" }],
    ["of no issuer", { iss: undefined }],
  ])("%s names nobody", (_, claims) => {
    const answer = { id_token: idToken({ email: "ada@example.com", sub: "1", ...claims }) };
    expect(told(answer)).toEqual({ subject: null, account: null, id: null });
  });

  it.each([null, "", "a", "a.b.c", "a.!!.c", 7])("of the text %j names nobody", (id_token) => {
    expect(told({ id_token })).toEqual({ subject: null, account: null, id: null });
  });

  it("is limited in length, and names no token", () => {
    const long = told({ id_token: idToken({ email: `${"x".repeat(5000)}` }) });
    expect(long.account?.name).toHaveLength(120);
    expect(told({ id_token: idToken({ email: "at-0123456789" }) }).account).toBeNull();
    expect(told({ id_token: idToken({ name: "I am at-0123456789" }) }).account).toBeNull();
  });
});

describe("a token response", () => {
  it.each([
    // Slack, Notion, Shopify, Strava, and what smaller servers send.
    [{ authed_user: { id: "U1" }, team: { id: "T1", name: "Acme" } }, "Acme"],
    [
      {
        workspace_name: "Acme",
        owner: { type: "user", user: { name: "Ada", person: { email: "ada@example.com" } } },
      },
      "Ada (Acme)",
    ],
    [{ associated_user: { id: 7, email: "ada@example.com" } }, "ada@example.com"],
    [{ athlete: { id: 7, username: "ada" } }, "ada"],
    [{ user: { login: "ada", id: 7 } }, "ada"],
    [{ screen_name: "ada", user_id: "7" }, "ada"],
    [{ userEmail: "ada@example.com" }, "ada@example.com"],
    [{ data: { user: { emailAddress: "ada@example.com" } } }, "ada@example.com"],
    [{ user: "ada@example.com", hub_domain: "acme.example" }, "ada@example.com"],
  ])("%j names %j", (answer, name) => {
    expect(told(answer).account).toEqual({ name, source: "token_response" });
  });

  it.each([
    [{ name: "Example API", token_type: "Bearer", scope: "read" }],
    [{ app: { name: "Usher" }, bot: { email: "bot@example.com" } }],
    [{ email: { of: "ada" }, username: ["ada"], user: "ada", login: true }],
    [{ user: { user: { user: { user: { user: { email: "too.deep@example.com" } } } } } }],
    [{ username: " \u200b " }],
  ])("%j names nobody: nothing is guessed", (answer) => {
    expect(told(answer).account).toBeNull();
  });

  it("yields an id if it has no name", () => {
    expect(told({ authed_user: { id: "U1" } }).id?.name).toBe("U1");
    expect(told({ account_id: 4711 }).id?.name).toBe("4711");
  });

  it("ranks after an ID token", () => {
    const answer = { id_token: idToken({ email: "ada@example.com" }), user: { login: "ada" } };
    expect(told(answer).account?.source).toBe("id_token");
  });
});

describe("a tool that names the connected account", () => {
  it.each([
    ['{"login":"ada","name":"Ada Lovelace"}', undefined, "ada"],
    ['{"name":"Ada Lovelace","id":7}', undefined, "Ada Lovelace"],
    ['{"data":{"viewer":{"email":"ada@example.com"}}}', undefined, "ada@example.com"],
    ["ignored", { user: { email: "ada@example.com" } }, "ada@example.com"],
    ["\n  You are ada@example.com.\nMore lines.", undefined, "You are ada@example.com."],
    [" \n ", undefined, null],
    ["{}", undefined, null],
    ['{"not": json', undefined, '{"not": json'],
  ])("answers %j, %j: %j", (text, structuredContent, name) => {
    expect(nameInToolAnswer({ text, structuredContent })).toBe(name);
  });
});
