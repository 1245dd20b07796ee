import type { Metadata } from "next";
import { PeoplePage } from "@/components/people/people-page";
import { requireAdmin } from "@/lib/session/current-user";

export const metadata: Metadata = { title: "People" };

export default async function Page() {
  const { id } = await requireAdmin();
  return <PeoplePage viewerId={id} />;
}
