import { describe, expect, it } from "vitest";
import { outcomeWords } from "@/components/mcp-servers/discovery/outcome-words";
import type { DiscoveryEnd } from "@/components/mcp-servers/discovery/use-discovery";
import type { DiscoveredSettings } from "@/lib/contracts/servers/discovery";

const url = "https://mcp.linear.app/mcp";
const identity = { name: null, description: null };
const filled = { kept: [], undoable: true };
const settings: DiscoveredSettings = {
  issuer: "https://linear.app",
  authorizationEndpoint: "https://linear.app/authorize",
  tokenEndpoint: "https://linear.app/token",
  revocationEndpoint: null,
  registration: "DYNAMIC",
  tokenEndpointAuthMethod: "CLIENT_SECRET_BASIC",
  scope: null,
  extraAuthorizationParameters: "",
  resource: null,
  issParameterRequired: false,
};
type Assertion = Extract<DiscoveryEnd, { outcome: "oauth" }>["identityAssertion"];

const oauth = (
  changed: Partial<DiscoveredSettings> = {},
  identityAssertion: Assertion = { supported: "unknown", issued: null },
): DiscoveryEnd => ({
  outcome: "oauth",
  settings: { ...settings, ...changed },
  identityAssertion,
  identity,
});

describe("the outcome of Discover", () => {
  it.each([
    [
      oauth(),
      "OAuth 2.0 found at linear.app. Usher registers itself: nothing to enter.",
      { do: "add" },
    ],
    [
      oauth({ registration: "PRE_REGISTERED" }),
      "OAuth 2.0 found at linear.app. Create an OAuth app there, and enter its client ID.",
      { do: "enter", label: "Enter client ID", field: "oauth.clientId" },
    ],
    [
      { outcome: "open", identity } as const,
      "mcp.linear.app needs no sign-in: nothing to enter.",
      { do: "add" },
    ],
    [
      { outcome: "credential", reason: "It wants one." } as const,
      "mcp.linear.app requires a credential. Is it an API key?",
      { do: "enter", label: "Enter the key", field: "headers" },
    ],
    [{ outcome: "cancelled" } as const, "Discovery stopped", { do: "again" }],
  ])("is one sentence with a single next action: %#", (end, title, next) => {
    const words = outcomeWords(url, end, filled);
    expect(words).toMatchObject({ title, next, opensChecklist: false });
  });

  it.each<[Assertion, string]>([
    [{ supported: "unknown", issued: null }, ""],
    [{ supported: "no", issued: null }, ""],
    [{ supported: "yes", issued: null }, "accepts your organization’s sign-in"],
    [
      { supported: "yes", issued: { provider: "Acme ID", supported: "unknown" } },
      "accepts your organization’s sign-in",
    ],
    [
      { supported: "yes", issued: { provider: "Acme ID", supported: "no" } },
      "but Acme ID issues none",
    ],
  ])("describes what the organization can do: %j", (identityAssertion, words) => {
    const { detail } = outcomeWords(url, oauth({}, identityAssertion), filled);
    if (words === "") expect(detail).not.toMatch(/organization|ID-JAG/);
    else expect(detail).toContain(words);
  });

  it("opens the checklist if something failed or an admin has to decide", () => {
    const failed: DiscoveryEnd = { outcome: "failed", reason: "It refused the connection." };
    expect(outcomeWords(url, failed, null).opensChecklist).toBe(true);
    const odd = outcomeWords(url, oauth({ s256Confirmed: false }), filled);
    expect(odd).toMatchObject({
      opensChecklist: true,
      next: { do: "enter", field: "oauth.s256Confirmed" },
    });
  });

  it("offers the URL that the server redirected to instead of another try", () => {
    const moved: DiscoveryEnd = { outcome: "failed", reason: "It moved.", correctedUrl: `${url}/` };
    expect(outcomeWords(url, moved, null).next).toEqual({ do: "correct", url: `${url}/` });
  });

  it("adds nothing automatically over typed values", () => {
    const kept = [{ label: "Token URL", own: "https://a.example", found: "https://b.example" }];
    expect(outcomeWords(url, oauth(), { kept, undoable: false }).next).toBeNull();
    expect(outcomeWords(url, oauth(), null).next).toBeNull();
  });

  it("says that no one can consent there, and what works", () => {
    const settings = { grantType: "CLIENT_CREDENTIALS", registration: "PRE_REGISTERED" } as const;
    expect(outcomeWords(url, oauth(settings), filled).detail).toBe(
      "People cannot consent there. It offers: Client credentials.",
    );
  });
});
