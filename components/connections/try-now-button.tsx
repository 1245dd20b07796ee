"use client";

import { useMutation, useQueryClient } from "@tanstack/react-query";
import { RotateCw } from "lucide-react";
import { toast } from "sonner";
import { Button } from "@/components/ui/button";
import { callsWork } from "@/lib/contracts/connections/connection-standing";
import { tryRefreshNow } from "@/lib/queries/connections";
import { mcpServerChanged } from "@/lib/queries/mcp-servers";

/** Asks the provider now instead of at the next try. */
export function TryNowButton({ serverId, serverName }: { serverId: string; serverName: string }) {
  const queryClient = useQueryClient();
  const attempt = useMutation({
    mutationFn: () => tryRefreshNow(serverId),
    onSuccess: ({ connection: { standing } }) => {
      if (standing.status !== "retrying" && callsWork(standing))
        toast.success(`${serverName} is connected`);
      else toast.error("Still no success", { description: standing.reason });
    },
    onError: (error) => toast.error("Could not try", { description: error.message }),
    onSettled: () => mcpServerChanged(queryClient, serverId),
  });
  return (
    <Button size="sm" loading={attempt.isPending} onClick={() => attempt.mutate()}>
      <RotateCw aria-hidden="true" />
      <span>
        Try now<span className="sr-only">: {serverName}</span>
      </span>
    </Button>
  );
}
