import type { Metadata } from "next";
import { PageOf } from "@/components/session/page-of";
import { AccountPage } from "@/components/settings/account-page";
import { requireUser } from "@/lib/session/current-user";

export const metadata: Metadata = { title: "Your account" };

export default async function Page() {
  const user = await requireUser();
  const { name, email, role } = user;
  return (
    <PageOf user={user}>
      <AccountPage name={name} email={email} role={role} />
    </PageOf>
  );
}
