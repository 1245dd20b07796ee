import type { Metadata } from "next";
import { authorizationOutcome } from "@/components/connections/authorization-outcome";
import { ConnectionList } from "@/components/connections/connection-list";
import { PageOf } from "@/components/session/session-guard";
import { requireUser } from "@/lib/session/current-user";
import { permits } from "@/lib/session/permissions";

export const metadata: Metadata = { title: "Connections" };

type Query = Promise<Record<string, string | string[] | undefined>>;

export default async function ConnectionsPage({ searchParams }: { searchParams: Query }) {
  const user = await requireUser();
  const query = await searchParams;
  return (
    <PageOf user={user}>
      <ConnectionList
        managesServers={permits(user.role, "servers.manage")}
        connectsOwn={permits(user.role, "connections.use")}
        seesEveryones={permits(user.role, "connections.view-all")}
        outcome={authorizationOutcome(query)}
        outcomeServerId={typeof query.server === "string" ? query.server : null}
      />
    </PageOf>
  );
}
