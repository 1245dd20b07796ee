import { describe, expect, it } from "vitest";
import { acceptsIdJags, issuesIdJags } from "@/lib/oauth/exchange/support";

const profile = "urn:ietf:params:oauth:grant-profile:id-jag";
const jwtBearer = "urn:ietf:params:oauth:grant-type:jwt-bearer";
const tokenType = "urn:ietf:params:oauth:token-type:id-jag";
const tokenExchange = "urn:ietf:params:oauth:grant-type:token-exchange";

describe("whether an authorization server accepts ID-JAGs", () => {
  it.each([
    ["yes", "it names the profile", { authorization_grant_profiles_supported: [profile] }],
    ["yes", "it names it as a text", { authorization_grant_profiles_supported: profile }],
    [
      "no",
      "it names other profiles, whatever its grant types",
      { authorization_grant_profiles_supported: ["x"], grant_types_supported: [jwtBearer] },
    ],
    ["unknown", "it names the grant type alone", { grant_types_supported: [jwtBearer] }],
    ["no", "it lists other grant types", { grant_types_supported: ["authorization_code"] }],
    ["unknown", "it says nothing", {}],
    ["unknown", "it says something else", { authorization_grant_profiles_supported: 1 }],
  ])("is %s if %s", (supported, _what, metadata) => {
    expect(acceptsIdJags(metadata)).toBe(supported);
  });
});

describe("whether an identity provider issues ID-JAGs", () => {
  const member = "identity_chaining_requested_token_types_supported";
  it.each([
    ["yes", "it names the token type", { [member]: [tokenType] }],
    ["no", "it names other token types", { [member]: [], grant_types_supported: [tokenExchange] }],
    ["unknown", "it names token exchange alone", { grant_types_supported: [tokenExchange] }],
    ["no", "it lists other grant types", { grant_types_supported: ["refresh_token"] }],
    ["unknown", "it lists no grant types, as Entra does", {}],
  ])("is %s if %s", (supported, _what, metadata) => {
    expect(issuesIdJags(metadata)).toBe(supported);
  });
});
