import type { Metadata } from "next";
import { PersonAccessPage } from "@/components/access/person-access-page";
import { PageOf } from "@/components/session/session-guard";
import { requireAdmin } from "@/lib/session/current-user";

export const metadata: Metadata = { title: "Access" };

export default async function Page({ params }: { params: Promise<{ userId: string }> }) {
  const user = await requireAdmin();
  return (
    <PageOf user={user}>
      <PersonAccessPage userId={(await params).userId} />
    </PageOf>
  );
}
