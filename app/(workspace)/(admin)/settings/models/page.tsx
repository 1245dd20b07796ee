import type { Metadata } from "next";
import { PageOf } from "@/components/session/session-guard";
import { ModelsPage } from "@/components/settings/models/models-page";
import { FirstData } from "@/components/ui/first-data";
import { app } from "@/lib/app/current";
import { viewModels } from "@/lib/chat/model/providers/view-models";
import { firstData } from "@/lib/http/page-data";
import { modelsQuery } from "@/lib/queries/models";
import { requireAdmin } from "@/lib/session/current-user";

export const metadata: Metadata = { title: "Models" };

export default async function Page() {
  const user = await requireAdmin();
  const { queryKey } = modelsQuery();
  return (
    <PageOf user={user}>
      <FirstData json={await firstData({ queryKey, queryFn: () => viewModels(app()) })}>
        <ModelsPage />
      </FirstData>
    </PageOf>
  );
}
