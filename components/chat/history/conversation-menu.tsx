"use client";

import { useMutation, useQueryClient } from "@tanstack/react-query";
import { Ellipsis, Pencil, Trash2 } from "lucide-react";
import { type ReactNode, useState } from "react";
import { useChatState } from "@/components/chat/shell/chat-state";
import { IconButton } from "@/components/ui/icon-button";
import { ConfirmDialog } from "@/components/ui/overlay/alert-dialog";
import {
  DropdownMenu,
  DropdownMenuContent,
  DropdownMenuItem,
  DropdownMenuTrigger,
} from "@/components/ui/overlay/dropdown-menu";
import { conversationListKey, deleteConversation } from "@/lib/queries/chat";
import { RenameConversation } from "./rename-conversation";

/** Rename and delete. `trigger`: the button that opens it, in place of the three dots. */
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
            <IconButton label={`What to do with “${title}”`} size="sm">
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
        description="Its messages and what its tools answered are deleted for good. What the tools did stays done."
        confirmLabel="Delete conversation"
        onConfirm={() => mutateAsync()}
      />
    </>
  );
}
