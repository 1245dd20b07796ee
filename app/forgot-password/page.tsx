import type { Metadata } from "next";
import Link from "next/link";
import { redirect } from "next/navigation";
import { ForgotPasswordForm } from "@/components/people/forgot-password-form";
import { SignInCard } from "@/components/shell/sign-in-card";
import { app } from "@/lib/app/current";

export const metadata: Metadata = { title: "Forgot your password?" };

export default function ForgotPasswordPage() {
  if (!app().mail) redirect("/sign-in");
  return (
    <SignInCard
      title="Forgot your password?"
      description="Usher emails you a link to set a new one."
      footer={
        <Link
          href="/sign-in"
          className="underline decoration-border underline-offset-3 hover:text-text"
        >
          Back to sign in
        </Link>
      }
    >
      <ForgotPasswordForm />
    </SignInCard>
  );
}
