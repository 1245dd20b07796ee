"use client";

import { KeyRound } from "lucide-react";
import { useState } from "react";
import { toast } from "sonner";
import { KeyForm } from "@/components/connections/key-form";
import { Button, type ButtonProps } from "@/components/ui/button";
import { Dialog, DialogClose } from "@/components/ui/overlay/dialog";
import type { ConnectionStanding, PersonalKeyView } from "@/lib/contracts/connections/connection";
import { oneLine } from "@/lib/untrusted-text";

/** Opens the form for a person's own key. */
export function KeyButton({
  serverId,
  serverName,
  standing,
  personalKey,
  variant = standing.status === "connected" ? "secondary" : "primary",
}: {
  serverId: string;
  serverName: string;
  standing: ConnectionStanding;
  personalKey: PersonalKeyView;
  variant?: ButtonProps["variant"];
}) {
  const [open, setOpen] = useState(false);
  const name = oneLine(serverName);
  return (
    <Dialog
      open={open}
      onOpenChange={setOpen}
      trigger={
        <Button variant={variant}>
          <KeyRound aria-hidden="true" />
          <span>
            {standing.status === "connected" ? "Change key" : "Enter key"}
            <span className="sr-only"> {serverName}</span>
          </span>
        </Button>
      }
      title={`Your key for ${name}`}
      description={standing.reason}
    >
      <KeyForm
        serverId={serverId}
        personalKey={personalKey}
        status={standing.status}
        actions={
          <DialogClose asChild>
            <Button variant="ghost">Cancel</Button>
          </DialogClose>
        }
        onSaved={() => {
          setOpen(false);
          toast.success(name, {
            description: "Your key was saved. Your calls use it from now on.",
          });
        }}
      />
    </Dialog>
  );
}
