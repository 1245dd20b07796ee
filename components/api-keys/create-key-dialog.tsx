"use client";

import { useQueryClient } from "@tanstack/react-query";
import { useId, useState } from "react";
import { Button } from "@/components/ui/button";
import { Callout } from "@/components/ui/callout";
import { CopyField } from "@/components/ui/fields/copy-field";
import { Field } from "@/components/ui/fields/field";
import { Dialog, DialogClose } from "@/components/ui/overlay/dialog";
import type { ApiKeyCreated, ApiKeyList } from "@/lib/contracts/api-keys";
import { formatDate } from "@/lib/contracts/format-day";
import { apiKeysChanged } from "@/lib/queries/api-keys";
import { CreateKeyForm } from "./create-key-form";

/** Asks what the key is for, then shows it: this once, since only its hash is stored. */
export function CreateKeyDialog({
  open,
  offered,
  onOpenChange,
}: {
  open: boolean;
  offered: ApiKeyList["offered"];
  onOpenChange: (open: boolean) => void;
}) {
  const queryClient = useQueryClient();
  const formId = useId();
  const [created, setCreated] = useState<ApiKeyCreated | null>(null);
  const [pending, setPending] = useState(false);

  function change(next: boolean) {
    if (pending) return;
    onOpenChange(next);
    // After it has faded out: the form must not flash up behind the key.
    if (!next) setTimeout(() => setCreated(null), 200);
  }

  return (
    <Dialog
      open={open}
      onOpenChange={change}
      title={created ? "Copy your API key" : "Create an API key"}
      description={created ? undefined : "A program sends it to call the API."}
      footer={
        created ? (
          <DialogClose asChild>
            <Button variant="primary">Done</Button>
          </DialogClose>
        ) : (
          <>
            <DialogClose asChild>
              <Button disabled={pending}>Cancel</Button>
            </DialogClose>
            <Button type="submit" form={formId} variant="primary" loading={pending}>
              Create key
            </Button>
          </>
        )
      }
    >
      {created ? (
        <ShownOnce created={created} />
      ) : (
        <CreateKeyForm
          id={formId}
          offered={offered}
          onPending={setPending}
          onCreated={(result) => {
            setCreated(result);
            void apiKeysChanged(queryClient);
          }}
        />
      )}
    </Dialog>
  );
}

function ShownOnce({ created: { apiKey, secret } }: { created: ApiKeyCreated }) {
  const { name, expiresAt } = apiKey;
  return (
    <div className="grid gap-4">
      <Field
        label={<span className="[overflow-wrap:anywhere]">{name}</span>}
        hint={
          expiresAt ? `Works until ${formatDate(expiresAt)}.` : "Works until somebody revokes it."
        }
      >
        <CopyField value={secret} copyLabel="Copy the API key" autoFocus />
      </Field>
      <Callout tone="warning" title="It is shown only once" announce>
        Store it where your program reads its secrets. If it gets lost or somebody else sees it,
        revoke it and create a new one.
      </Callout>
    </div>
  );
}
