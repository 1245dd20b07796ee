import type { Metadata } from "next";
import { AuthorizationComplete } from "@/components/connections/authorization-complete";
import { authorizationOutcome } from "@/components/connections/authorization-outcome";

export const metadata: Metadata = { title: "Authorization", referrer: "no-referrer" };

type Query = Promise<Record<string, string | string[] | undefined>>;

/** Also for people who are not signed in. No text from the query is shown: anyone may have written it. */
export default async function AuthorizationCompletePage({ searchParams }: { searchParams: Query }) {
  const query = await searchParams;
  return (
    <AuthorizationComplete
      outcome={authorizationOutcome(query) ?? { kind: "failed", reason: "unknown_state" }}
      serverId={idOf(query.server)}
      tab={query.tab === "1"}
    />
  );
}

function idOf(value: string | string[] | undefined): string | null {
  return typeof value === "string" && /^[\w-]{1,64}$/.test(value) ? value : null;
}
