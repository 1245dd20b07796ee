import type { Metadata } from "next";
import { redirect } from "next/navigation";
import { RequiredSetUp } from "@/components/settings/second-step/required-set-up";
import { SignInCard } from "@/components/shell/sign-in-card";
import { app } from "@/lib/app/current";
import { asksPasswordFirst } from "@/lib/contracts/people/second-step";
import { callbackPath } from "@/lib/contracts/people/sign-in";
import { userBeforeSecondStep } from "@/lib/session/current-user";

export const metadata: Metadata = { title: "Set up a second step" };

type Query = Promise<Record<string, string | string[] | undefined>>;

/** The only page for a person who must set one up first (REQUIRE_SECOND_STEP). */
export default async function SecondStepPage({ searchParams }: { searchParams: Query }) {
  const target = callbackPath((await searchParams).callbackUrl, app().env.publicUrl);
  const user = await userBeforeSecondStep();
  if (!user) redirect(`/sign-in?callbackUrl=${encodeURIComponent(target)}`);
  if (!user.mustSetUpSecondStep) redirect(target);
  return (
    <SignInCard
      title="Set up a second step"
      description="Your team requires one to sign in."
      footer={<span className="[overflow-wrap:anywhere]">Signed in as {user.email}</span>}
    >
      <RequiredSetUp asksPassword={asksPasswordFirst(user, app().now())} callbackUrl={target} />
    </SignInCard>
  );
}
