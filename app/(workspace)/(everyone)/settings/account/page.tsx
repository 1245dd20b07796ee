import type { Metadata } from "next";
import { AccountPage } from "@/components/settings/account-page";
import { requireUser } from "@/lib/session/current-user";

export const metadata: Metadata = { title: "Your account" };

export default async function Page() {
  const { name, email, role } = await requireUser();
  return <AccountPage name={name} email={email} role={role} />;
}
