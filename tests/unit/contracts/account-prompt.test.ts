import { describe, expect, it } from "vitest";
import { accountPromptOf, withAccountPrompt } from "@/lib/contracts/servers/provider-presets";

const elsewhere = "https://auth.example.com/authorize";
const google = "https://accounts.google.com/o/oauth2/v2/auth";
const entra = "https://login.microsoftonline.com/tenant/oauth2/v2.0/authorize";

describe("the prompt that lets a person choose an account", () => {
  it.each([
    ["what the metadata say", { accountPrompt: "login", authorizationEndpoint: google }, "login"],
    [
      "what is known of it",
      { accountPrompt: null, authorizationEndpoint: google },
      "select_account",
    ],
    ["nothing", { accountPrompt: null, authorizationEndpoint: elsewhere }, null],
  ])("is %s", (_, client, prompt) => {
    expect(accountPromptOf(client)).toBe(prompt);
  });

  it.each([
    ["alone", undefined, elsewhere, "select_account"],
    ["beside what is sent anyway", "consent", elsewhere, "select_account consent"],
    ["once", "select_account", elsewhere, "select_account"],
    ["without none, which forbids asking", "none", elsewhere, "select_account"],
    ["alone at Microsoft, which takes one value", "consent", entra, "select_account"],
  ])("is sent %s", (_, before, authorizationEndpoint, sent) => {
    expect(withAccountPrompt(before, "select_account", authorizationEndpoint)).toBe(sent);
  });
});
