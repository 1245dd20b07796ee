"use client";

import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { toast } from "sonner";
import { Button } from "@/components/ui/button";
import { Dialog, DialogClose } from "@/components/ui/overlay/dialog";
import { disableTwoFactor, renewRecoveryCodes, twoFactorChanged } from "@/lib/queries/two-factor";
import { ProofForm } from "./proof-form";
import { SavedCodes } from "./saved-codes";
import { SetUpForm } from "./set-up-form";

export type TwoFactorTask = "set up" | "new codes" | "turn off";

type TwoFactorDialogProps = {
  task: TwoFactorTask;
  open: boolean;
  onClose: () => void;
  /** REQUIRE_TWO_FACTOR. */
  required: boolean;
};

const titles = {
  "set up": "Set up two-factor authentication",
  "new codes": "Create new recovery codes?",
  "turn off": "Turn off two-factor authentication?",
} as const satisfies Record<TwoFactorTask, string>;

export default function TwoFactorDialog({ task, open, onClose, required }: TwoFactorDialogProps) {
  const [codes, setCodes] = useState<string[] | null>(null);
  const queryClient = useQueryClient();

  function close() {
    if (codes) void twoFactorChanged(queryClient);
    setCodes(null);
    onClose();
  }

  async function turnOff(proof: Parameters<typeof disableTwoFactor>[0]) {
    await disableTwoFactor(proof);
    if (required) {
      // Everything else is inaccessible until it is set up again.
      window.location.assign("/two-factor?callbackUrl=/settings/account");
      return;
    }
    toast.success("Two-factor authentication is off");
    await twoFactorChanged(queryClient);
    onClose();
  }

  return (
    <Dialog
      open={open}
      onOpenChange={(next) => {
        if (!next) close();
      }}
      size="sm"
      title={codes ? "Your recovery codes" : titles[task]}
      footer={
        codes ? (
          <DialogClose asChild>
            <Button variant="primary">I have saved them</Button>
          </DialogClose>
        ) : null
      }
    >
      {codes ? (
        <SavedCodes codes={codes} />
      ) : task === "set up" ? (
        <SetUpForm asksPassword onDone={setCodes} />
      ) : task === "new codes" ? (
        <ProofForm
          explanation="Your current recovery codes will stop working."
          label="Create codes"
          tone="primary"
          onProof={async (proof) => setCodes((await renewRecoveryCodes(proof)).recoveryCodes)}
        />
      ) : (
        <ProofForm
          explanation={
            required
              ? "Your team requires two-factor authentication, so you will set it up again right away."
              : "You will sign in with only your password. Your recovery codes will stop working."
          }
          label="Turn off"
          tone="danger"
          onProof={turnOff}
        />
      )}
    </Dialog>
  );
}
