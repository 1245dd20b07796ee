import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { renderToStaticMarkup } from "react-dom/server";
import { describe, expect, it } from "vitest";
import { SingleSignOnSection } from "@/components/settings/single-sign-on-section";
import type { SingleSignOnView } from "@/lib/contracts/people/sign-in";

const view: SingleSignOnView = {
  provider: "Acme ID",
  linked: { email: "olga@example.com", lastSignInAt: "2026-11-28T12:00:00.000Z" },
  kept: null,
  hasPassword: false,
};

function shown(changes: Partial<SingleSignOnView>): string {
  const html = renderToStaticMarkup(
    <QueryClientProvider client={new QueryClient()}>
      <SingleSignOnSection view={{ ...view, ...changes }} outcome={null} />
    </QueryClientProvider>,
  );
  return html.replace(/<[^>]+>/g, "").replaceAll("&#x27;", "'");
}

describe("the single sign-on card", () => {
  it("says that a sign-in is kept, what for, and since when", () => {
    expect(shown({ kept: { since: "2026-11-28T12:00:00.000Z" } })).toMatch(
      /Usher keeps your sign-in at Acme ID, so that servers your organization manages work without asking you\. Signed in \S/,
    );
  });

  it("asks the person to sign in again when it has ended", () => {
    const text = shown({ kept: { since: null } });
    expect(text).toContain("Your sign-in at Acme ID is no longer kept. Sign in again to renew");
  });

  it("does not mention it if Usher keeps no sign-ins, or the account is not linked", () => {
    expect(shown({})).not.toContain("keep");
    expect(shown({ linked: null, kept: { since: null } })).not.toContain("Sign in again");
  });
});
