"use client";

import { useMutation, useQueryClient } from "@tanstack/react-query";
import { Ellipsis, Pencil, Trash2 } from "lucide-react";
import { type FormEvent, type ReactNode, useId, useState } from "react";
import { useChatState } from "@/components/chat/shell/chat-state";
import { Button, IconButton } from "@/components/ui/button";
import { Field } from "@/components/ui/fields/field";
import { Input } from "@/components/ui/fields/input";
import { ConfirmDialog } from "@/components/ui/overlay/alert-dialog";
import { Dialog, DialogClose } from "@/components/ui/overlay/dialog";
import {
  DropdownMenu,
  DropdownMenuContent,
  DropdownMenuItem,
  DropdownMenuTrigger,
} from "@/components/ui/overlay/dropdown-menu";
import {
  conversationKey,
  conversationListKey,
  deleteConversation,
  renameConversation,
} from "@/lib/queries/chat";

/** Rename and delete. `trigger`: the button that opens it, instead of the three dots. */
export function ConversationMenu({
  id,
  title,
  onDeleted,
  trigger,
}: {
  id: string;
  title: string;
  onDeleted: () => void;
  trigger?: ReactNode;
}) {
  const [open, setOpen] = useState<"rename" | "delete" | null>(null);
  const { sessions, drafts } = useChatState();
  const queryClient = useQueryClient();
  const { mutateAsync } = useMutation({
    mutationFn: () => deleteConversation(id),
    onSuccess: () => {
      onDeleted();
      sessions.delete(id);
      drafts.write(id, "");
      return queryClient.invalidateQueries({ queryKey: conversationListKey });
    },
  });
  return (
    <>
      <DropdownMenu>
        <DropdownMenuTrigger>
          {trigger ?? (
            <IconButton label={`Actions for “${title}”`} size="sm">
              <Ellipsis aria-hidden="true" />
            </IconButton>
          )}
        </DropdownMenuTrigger>
        <DropdownMenuContent align={trigger ? "start" : "end"}>
          <DropdownMenuItem icon={<Pencil />} onSelect={() => setOpen("rename")}>
            Rename
          </DropdownMenuItem>
          <DropdownMenuItem icon={<Trash2 />} tone="danger" onSelect={() => setOpen("delete")}>
            Delete
          </DropdownMenuItem>
        </DropdownMenuContent>
      </DropdownMenu>
      <RenameConversation
        id={id}
        title={title}
        open={open === "rename"}
        onClose={() => setOpen(null)}
      />
      <ConfirmDialog
        open={open === "delete"}
        onOpenChange={(next) => setOpen(next ? "delete" : null)}
        title={`Delete “${title}”?`}
        description="Its messages and tool results are permanently deleted. What the tools did is not undone."
        confirmLabel="Delete conversation"
        onConfirm={() => mutateAsync()}
      />
    </>
  );
}

/** The server's limit. */
const longestTitle = 120;

function RenameConversation({
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
      title="Rename conversation"
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
