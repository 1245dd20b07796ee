import type { Metadata } from "next";
import { PageOf } from "@/components/session/session-guard";
import { ApiPage } from "@/components/settings/api-page";
import { app } from "@/lib/app/current";
import { describeTopics } from "@/lib/openapi/describe-topics";
import { requireUser } from "@/lib/session/current-user";
import { permits } from "@/lib/session/permissions";

export const metadata: Metadata = { title: "API" };

export default async function Page() {
  const user = await requireUser();
  const { publicUrl } = app().env;
  return (
    <PageOf user={user}>
      <ApiPage
        admin={permits(user.role, "settings.view")}
        publicUrl={publicUrl}
        topics={describeTopics(publicUrl)}
      />
    </PageOf>
  );
}
