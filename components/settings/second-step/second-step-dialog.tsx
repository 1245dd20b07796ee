"use client";

import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { toast } from "sonner";
import { Button } from "@/components/ui/button";
import { Dialog, DialogClose } from "@/components/ui/overlay/dialog";
import {
  disableSecondStep,
  renewRecoveryCodes,
  secondStepChanged,
} from "@/lib/queries/second-step";
import { ProofForm } from "./proof-form";
import { SavedCodes } from "./saved-codes";
import { SetUpForm } from "./set-up-form";

export type SecondStepTask = "set up" | "new codes" | "turn off";

type SecondStepDialogProps = {
  task: SecondStepTask;
  open: boolean;
  onClose: () => void;
  /** REQUIRE_SECOND_STEP. */
  required: boolean;
};

const titles = {
  "set up": "Set up a second step",
  "new codes": "Create new recovery codes",
  "turn off": "Turn off the second step?",
} as const satisfies Record<SecondStepTask, string>;

export default function SecondStepDialog({ task, open, onClose, required }: SecondStepDialogProps) {
  const [codes, setCodes] = useState<string[] | null>(null);
  const queryClient = useQueryClient();

  function close() {
    if (codes) void secondStepChanged(queryClient);
    setCodes(null);
    onClose();
  }

  async function turnOff(proof: Parameters<typeof disableSecondStep>[0]) {
    await disableSecondStep(proof);
    if (required) {
      // Everything else is inaccessible until it is set up again.
      window.location.assign("/second-step?callbackUrl=/settings/account");
      return;
    }
    toast.success("The second step is off");
    await secondStepChanged(queryClient);
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
            <Button variant="primary">I saved them</Button>
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
          explanation="The codes you have stop working."
          label="Create codes"
          tone="primary"
          onProof={async (proof) => setCodes((await renewRecoveryCodes(proof)).recoveryCodes)}
        />
      ) : (
        <ProofForm
          explanation={
            required
              ? "Your team requires it: you set it up again right away."
              : "Your password alone then signs you in. Your recovery codes stop working."
          }
          label="Turn off"
          tone="danger"
          onProof={turnOff}
        />
      )}
    </Dialog>
  );
}
