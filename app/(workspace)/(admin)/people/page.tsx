import type { Metadata } from "next";
import { PeoplePage } from "@/components/people/people-page";
import { PageOf } from "@/components/session/session-guard";
import { app } from "@/lib/app/current";
import { requireAdmin } from "@/lib/session/current-user";

export const metadata: Metadata = { title: "People" };

export default async function Page() {
  const user = await requireAdmin();
  const { id } = user;
  return (
    <PageOf user={user}>
      <PeoplePage viewerId={id} sendsMail={app().mail !== null} />
    </PageOf>
  );
}
