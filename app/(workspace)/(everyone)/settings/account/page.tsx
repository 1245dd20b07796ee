import type { Metadata } from "next";
import { PageOf } from "@/components/session/session-guard";
import { AccountPage } from "@/components/settings/account-page";
import { app } from "@/lib/app/current";
import { requireUser } from "@/lib/session/current-user";

export const metadata: Metadata = { title: "Your account" };

type Query = Promise<Record<string, string | string[] | undefined>>;

export default async function Page({ searchParams }: { searchParams: Query }) {
  const user = await requireUser();
  const { name, email, role } = user;
  const { linked, link_error: error } = await searchParams;
  const outcome =
    linked === "1" ? ({ linked: true } as const) : typeof error === "string" ? { error } : null;
  return (
    <PageOf user={user}>
      <AccountPage
        name={name}
        email={email}
        role={role}
        sendsMail={app().mail !== null}
        outcome={outcome}
      />
    </PageOf>
  );
}
