"use client";

import { useQueryClient } from "@tanstack/react-query";
import { useId, useState } from "react";
import { toast } from "sonner";
import { Button } from "@/components/ui/button";
import { Callout } from "@/components/ui/callout";
import { CopyField } from "@/components/ui/fields/copy-field";
import { Field } from "@/components/ui/fields/field";
import { Dialog, DialogClose } from "@/components/ui/overlay/dialog";
import type { WebhookView } from "@/lib/contracts/webhooks";
import { createWebhook, editWebhook, webhooksChanged } from "@/lib/queries/webhooks";
import { WebhookForm } from "./webhook-form";

interface DialogState {
  open: boolean;
  onOpenChange: (open: boolean) => void;
}

/** Asks where events go, then shows the signing secret: this once. */
export function AddWebhookDialog({ open, onOpenChange }: DialogState) {
  const queryClient = useQueryClient();
  const formId = useId();
  const [secret, setSecret] = useState<string | null>(null);
  const [pending, setPending] = useState(false);

  function change(next: boolean) {
    if (pending) return;
    onOpenChange(next);
    // After it has faded out: the form must not flash up behind the secret.
    if (!next) setTimeout(() => setSecret(null), 200);
  }

  return (
    <Dialog
      open={open}
      onOpenChange={change}
      title={secret ? "Copy the signing secret" : "Add a webhook"}
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
            <Button type="submit" form={formId} variant="primary" loading={pending}>
              Add webhook
            </Button>
          </>
        )
      }
    >
      {secret ? (
        <SecretOnce secret={secret} />
      ) : (
        <WebhookForm
          id={formId}
          webhook={null}
          onPending={setPending}
          save={async (input) => {
            setSecret((await createWebhook(input)).secret);
            void webhooksChanged(queryClient);
          }}
        />
      )}
    </Dialog>
  );
}

export function SecretOnce({ secret }: { secret: string }) {
  return (
    <div className="grid gap-4">
      <Field
        label="Signing secret"
        hint="Your receiver checks the signature of each event with it."
      >
        <CopyField value={secret} copyLabel="Copy the signing secret" autoFocus />
      </Field>
      <Callout tone="warning" title="It is shown only once" announce>
        If it gets lost, rotate it on the webhook’s page.
      </Callout>
    </div>
  );
}

export function EditWebhookDialog({
  open,
  onOpenChange,
  webhook,
}: DialogState & { webhook: WebhookView }) {
  const queryClient = useQueryClient();
  const formId = useId();
  const [pending, setPending] = useState(false);
  return (
    <Dialog
      open={open}
      onOpenChange={(next) => pending || onOpenChange(next)}
      title="Edit webhook"
      footer={
        <>
          <DialogClose asChild>
            <Button disabled={pending}>Cancel</Button>
          </DialogClose>
          <Button type="submit" form={formId} variant="primary" loading={pending}>
            Save
          </Button>
        </>
      }
    >
      <WebhookForm
        id={formId}
        webhook={webhook}
        onPending={setPending}
        save={async (input) => {
          await editWebhook(webhook.id, input);
          toast.success("Webhook saved");
          onOpenChange(false);
          await webhooksChanged(queryClient);
        }}
      />
    </Dialog>
  );
}
