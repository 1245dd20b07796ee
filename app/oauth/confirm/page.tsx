import type { Metadata } from "next";
import { AuthorizationConfirm } from "@/components/connections/authorization-confirm";
import { requireUser } from "@/lib/session/current-user";

export const metadata: Metadata = { title: "Authorize", referrer: "no-referrer" };

type Query = Promise<Record<string, string | string[] | undefined>>;

/** Confirms an authorization whose link was not clicked in Usher. */
export default async function AuthorizationConfirmPage({ searchParams }: { searchParams: Query }) {
  const { email } = await requireUser();
  const { server, returnTo, tab, account } = await searchParams;
  return (
    <AuthorizationConfirm
      email={email}
      serverId={typeof server === "string" ? server : ""}
      returnTo={typeof returnTo === "string" ? returnTo : null}
      tab={tab === "1"}
      account={typeof account === "string" ? account : null}
    />
  );
}
