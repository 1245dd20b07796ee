import type { Metadata } from "next";
import { redirect } from "next/navigation";
import { FirstAdminForm } from "@/components/people/first-admin-form";
import { SignInCard } from "@/components/shell/sign-in-card";
import { app } from "@/lib/app/current";
import { needsSetup } from "@/lib/people/first-admin";

export const metadata: Metadata = { title: "Set up", referrer: "no-referrer" };
// Whether there is an admin is not known at build time.
export const dynamic = "force-dynamic";

type Query = Promise<Record<string, string | string[] | undefined>>;

/** The first start. Once there is an account, this page is gone for good. */
export default async function SetupPage({ searchParams }: { searchParams: Query }) {
  if (!(await needsSetup(app()))) redirect("/sign-in");
  const { code } = await searchParams;
  return (
    <SignInCard
      title="Set up Usher"
      description="Nobody has an account here yet. Yours is the first, and makes you the admin."
      footer="You can invite your team afterwards, in People."
    >
      <FirstAdminForm code={typeof code === "string" ? code.slice(0, 100) : ""} />
    </SignInCard>
  );
}
