import type { Metadata } from "next";
import { GetStartedPage } from "@/components/get-started/get-started-page";
import { PageOf } from "@/components/session/session-guard";
import { FirstData } from "@/components/ui/first-data";
import { app } from "@/lib/app/current";
import { viewGetStarted } from "@/lib/get-started";
import { firstData } from "@/lib/http/page-data";
import { getStartedQuery } from "@/lib/queries/get-started";
import { requireAdmin } from "@/lib/session/current-user";

export const metadata: Metadata = { title: "Get started" };

export default async function Page() {
  const user = await requireAdmin();
  const { queryKey } = getStartedQuery();
  return (
    <PageOf user={user}>
      <FirstData json={await firstData({ queryKey, queryFn: () => viewGetStarted(app(), user) })}>
        <GetStartedPage />
      </FirstData>
    </PageOf>
  );
}
