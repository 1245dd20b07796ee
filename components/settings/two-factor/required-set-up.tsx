"use client";

import { useState } from "react";
import { Button } from "@/components/ui/button";
import { SavedCodes } from "./saved-codes";
import { SetUpForm } from "./set-up-form";

type RequiredSetUpProps = {
  asksPassword: boolean;
  /** The path in Usher that the person wanted to open. */
  callbackUrl: string;
};

export function RequiredSetUp({ asksPassword, callbackUrl }: RequiredSetUpProps) {
  const [codes, setCodes] = useState<string[] | null>(null);

  async function leave() {
    const { signOut } = await import("next-auth/react");
    await signOut({ callbackUrl: "/sign-in" });
  }

  if (!codes) {
    return (
      <div className="grid gap-3">
        <SetUpForm asksPassword={asksPassword} onDone={setCodes} />
        <Button variant="ghost" onClick={() => void leave()}>
          Sign out
        </Button>
      </div>
    );
  }
  return (
    <div className="grid gap-4">
      <SavedCodes codes={codes} />
      {/* A full load: every page is now open. */}
      <Button
        variant="primary"
        size="lg"
        autoFocus
        onClick={() => window.location.assign(callbackUrl)}
      >
        I have saved them
      </Button>
    </div>
  );
}
