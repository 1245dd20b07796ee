"use client";

import { useMutation, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useId, useState } from "react";
import { Button } from "@/components/ui/button";
import { Field } from "@/components/ui/fields/field";
import { Input } from "@/components/ui/fields/input";
import { Dialog, DialogClose } from "@/components/ui/overlay/dialog";
import { conversationKey, conversationListKey, renameConversation } from "@/lib/queries/chat";

/** Characters; the server takes no more. */
const longestTitle = 120;

export function RenameConversation({
  id,
  title,
  open,
  onClose,
}: {
  id: string;
  title: string;
  open: boolean;
  onClose: () => void;
}) {
  const form = useId();
  const [text, setText] = useState(title);
  const [shown, setShown] = useState(open);
  if (open !== shown) {
    setShown(open);
    if (open) setText(title);
  }
  const queryClient = useQueryClient();
  const { mutate, isPending, error, reset } = useMutation({
    mutationFn: (next: string) => renameConversation(id, next),
    onSuccess: async () => {
      await Promise.all([
        queryClient.invalidateQueries({ queryKey: conversationKey(id) }),
        queryClient.invalidateQueries({ queryKey: conversationListKey }),
      ]);
      onClose();
    },
  });

  function submit(event: FormEvent) {
    event.preventDefault();
    event.stopPropagation();
    const next = text.trim();
    if (next === title) onClose();
    else if (next !== "" && !isPending) mutate(next);
  }

  return (
    <Dialog
      open={open}
      onOpenChange={(next) => {
        if (next) return;
        reset();
        onClose();
      }}
      title="Rename the conversation"
      size="sm"
      footer={
        <>
          <DialogClose asChild>
            <Button>Cancel</Button>
          </DialogClose>
          <Button
            type="submit"
            form={form}
            variant="primary"
            loading={isPending}
            disabled={text.trim() === ""}
          >
            Rename
          </Button>
        </>
      }
    >
      <form id={form} onSubmit={submit}>
        <Field label="Title" error={error?.message}>
          <Input
            value={text}
            maxLength={longestTitle}
            onChange={(event) => setText(event.target.value)}
            onFocus={(event) => event.target.select()}
          />
        </Field>
      </form>
    </Dialog>
  );
}
