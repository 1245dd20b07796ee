import type { Metadata } from "next";
import { PageOf } from "@/components/session/session-guard";
import { DoctorPage } from "@/components/settings/doctor/doctor-page";
import { app } from "@/lib/app/current";
import { requireAdmin } from "@/lib/session/current-user";

export const metadata: Metadata = { title: "Doctor" };

export default async function Page() {
  const user = await requireAdmin();
  return (
    <PageOf user={user}>
      <DoctorPage publicUrl={app().env.publicUrl} />
    </PageOf>
  );
}
