"use client";

import { useQueryClient } from "@tanstack/react-query";
import { Trash2 } from "lucide-react";
import { useRouter } from "next/navigation";
import { toast } from "sonner";
import { Button } from "@/components/ui/button";
import { ConfirmDialog } from "@/components/ui/overlay/alert-dialog";
import type { AssistantDetail } from "@/lib/contracts/assistant";
import { assistantsChanged, deleteAssistant } from "@/lib/queries/assistants";

export function DeleteAssistant({ assistant: { id, name } }: { assistant: AssistantDetail }) {
  const queryClient = useQueryClient();
  const router = useRouter();

  async function remove() {
    await deleteAssistant(id);
    toast.success(`${name} was deleted`);
    router.replace("/assistants");
    void assistantsChanged(queryClient);
  }

  return (
    <ConfirmDialog
      trigger={
        <Button>
          <Trash2 aria-hidden="true" />
          Delete
        </Button>
      }
      title={`Delete ${name}?`}
      consequences={[
        "Nobody can start a conversation with it any more.",
        "Its conversations stay readable, but do not go on.",
        "Its instructions are gone. MCP servers and accounts are not touched.",
      ]}
      confirmLabel="Delete assistant"
      onConfirm={remove}
    />
  );
}
