import type { Metadata } from "next";
import { PersonPage } from "@/components/people/person/person-page";
import { PageOf } from "@/components/session/session-guard";
import { requireAdmin } from "@/lib/session/current-user";

export const metadata: Metadata = { title: "Person" };

export default async function Page({ params }: { params: Promise<{ userId: string }> }) {
  const user = await requireAdmin();
  const { userId } = await params;
  return (
    <PageOf user={user}>
      <PersonPage key={userId} userId={userId} viewerId={user.id} />
    </PageOf>
  );
}
