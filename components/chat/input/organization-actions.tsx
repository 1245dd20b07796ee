"use client";

import { useMutation, useQueryClient } from "@tanstack/react-query";
import { RotateCw } from "lucide-react";
import type { ReactNode } from "react";
import { Button } from "@/components/ui/button";
import type { ConnectionStanding } from "@/lib/contracts/connections/connection";
import { callsWork } from "@/lib/contracts/connections/connection-standing";
import { conversationKey } from "@/lib/queries/chat";
import { tryRefreshNow } from "@/lib/queries/connections";

/**
 * What a person can do after their organization's access was refused: request it again, or connect their own account
 * if an admin allows that. Another account is never used without their confirmation.
 */
export function OrganizationActions({
  conversationId,
  serverId,
  reason,
  ownAccount,
  skip,
}: {
  conversationId: string;
  serverId: string;
  /** The reason for the refusal, as shown on the card. */
  reason: string;
  /** Leads to a consent; null: an admin does not allow it. */
  ownAccount: ReactNode | null;
  skip: ReactNode;
}) {
  const queryClient = useQueryClient();
  const attempt = useMutation({
    mutationFn: () => tryRefreshNow(serverId),
    onSuccess: ({ connection: { standing } }) => {
      if (!callsWork(standing)) return;
      void queryClient.invalidateQueries({ queryKey: conversationKey(conversationId) });
    },
  });
  const problem = attempt.error?.message ?? stillRefused(attempt.data?.connection.standing, reason);
  return (
    <>
      {problem ? (
        <p role="alert" className="min-h-5 text-danger-text text-sm [overflow-wrap:anywhere]">
          {problem}
        </p>
      ) : (
        <p className="min-h-5 text-sm">
          Your organization decides who may use this server.
          {ownAccount === null ? null : " You can connect your own account instead."}
        </p>
      )}
      <div className="flex flex-wrap items-center gap-2">
        <Button
          variant={ownAccount === null ? "primary" : "secondary"}
          loading={attempt.isPending}
          onClick={() => attempt.mutate()}
        >
          <RotateCw aria-hidden="true" />
          Try again
        </Button>
        {ownAccount}
        {skip}
      </div>
    </>
  );
}

/** What has changed about it; null: it works, or no one tried. */
function stillRefused(standing: ConnectionStanding | undefined, reason: string): string | null {
  if (!standing || callsWork(standing)) return null;
  const isNew = standing.reason !== null && standing.reason !== reason;
  return isNew ? `Still refused. ${standing.reason}` : "Still refused.";
}
