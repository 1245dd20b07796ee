"use client";

import { useQueryClient } from "@tanstack/react-query";
import { Button } from "@/components/ui/button";
import { Callout } from "@/components/ui/callout";
import { Dialog, DialogClose } from "@/components/ui/overlay/dialog";
import { useRequestedLink } from "@/components/ui/overlay/use-requested-link";
import { rotateSecret, webhooksChanged } from "@/lib/queries/webhooks";
import { SecretOnce } from "./webhook-dialog";

export function RotateSecretDialog({
  webhookId,
  open,
  onOpenChange,
}: {
  webhookId: string;
  open: boolean;
  onOpenChange: (open: boolean) => void;
}) {
  const queryClient = useQueryClient();
  const {
    link: secret,
    pending,
    problem,
    change,
    create,
  } = useRequestedLink(async () => {
    const answer = await rotateSecret(webhookId);
    void webhooksChanged(queryClient);
    return answer.secret;
  }, onOpenChange);

  return (
    <Dialog
      open={open}
      onOpenChange={change}
      title={secret ? "Copy the signing secret" : "Rotate the signing secret?"}
      footer={
        secret ? (
          <DialogClose asChild>
            <Button variant="primary">Done</Button>
          </DialogClose>
        ) : (
          <>
            <DialogClose asChild>
              <Button disabled={pending}>Cancel</Button>
            </DialogClose>
            <Button variant="primary" loading={pending} onClick={() => void create()}>
              Rotate secret
            </Button>
          </>
        )
      }
    >
      {secret ? (
        <SecretOnce secret={secret} />
      ) : (
        <div className="grid gap-3">
          <p className="text-muted">
            For 24 hours each event is signed with the new secret and with the old one. Then the old
            one stops working.
          </p>
          {problem ? <Callout tone="danger" title={problem} announce /> : null}
        </div>
      )}
    </Dialog>
  );
}
