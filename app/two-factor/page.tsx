import type { Metadata } from "next";
import { redirect } from "next/navigation";
import { RequiredSetUp } from "@/components/settings/two-factor/required-set-up";
import { SignInCard } from "@/components/shell/sign-in-card";
import { app } from "@/lib/app/current";
import { callbackPath } from "@/lib/contracts/people/sign-in";
import { asksPasswordFirst } from "@/lib/contracts/people/two-factor";
import { userBeforeTwoFactor } from "@/lib/session/current-user";

export const metadata: Metadata = { title: "Set up two-factor authentication" };

type Query = Promise<Record<string, string | string[] | undefined>>;

/** The only page for a person who must set it up first (REQUIRE_TWO_FACTOR). */
export default async function TwoFactorPage({ searchParams }: { searchParams: Query }) {
  const target = callbackPath((await searchParams).callbackUrl, app().env.publicUrl);
  const user = await userBeforeTwoFactor();
  if (!user) redirect(`/sign-in?callbackUrl=${encodeURIComponent(target)}`);
  if (!user.mustSetUpTwoFactor) redirect(target);
  return (
    <SignInCard
      title="Set up two-factor authentication"
      description="Your team requires it before you can continue."
      footer={<span className="[overflow-wrap:anywhere]">Signed in as {user.email}</span>}
    >
      <RequiredSetUp asksPassword={asksPasswordFirst(user, app().now())} callbackUrl={target} />
    </SignInCard>
  );
}
