import type { Metadata } from "next";
import { ApiKeysPage } from "@/components/api-keys/api-keys-page";
import { PageOf } from "@/components/session/session-guard";
import { FirstData } from "@/components/ui/first-data";
import { app } from "@/lib/app/current";
import { firstData } from "@/lib/http/page-data";
import { apiKeysQuery } from "@/lib/queries/api-keys";
import { viewApiKeys } from "@/lib/session/api-keys/manage";
import { requireUser } from "@/lib/session/current-user";

export const metadata: Metadata = { title: "API keys" };

export default async function Page() {
  const user = await requireUser();
  const { queryKey } = apiKeysQuery();
  return (
    <PageOf user={user}>
      <FirstData json={await firstData({ queryKey, queryFn: () => viewApiKeys(app(), user) })}>
        <ApiKeysPage role={user.role} />
      </FirstData>
    </PageOf>
  );
}
