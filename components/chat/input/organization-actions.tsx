"use client";

import { useMutation, useQueryClient } from "@tanstack/react-query";
import { RotateCw } from "lucide-react";
import type { ReactNode } from "react";
import { Button } from "@/components/ui/button";
import { callsWork } from "@/lib/contracts/connections/connection-standing";
import { conversationKey } from "@/lib/queries/chat";
import { tryRefreshNow } from "@/lib/queries/connections";

/**
 * What a person can do where their organization's access was refused: ask for it again, or connect their own account
 * where an admin allows that. Another account is never used without their word.
 */
export function OrganizationActions({
  conversationId,
  serverId,
  ownAccount,
  skip,
}: {
  conversationId: string;
  serverId: string;
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
  const refused = attempt.data && !callsWork(attempt.data.connection.standing);
  const problem =
    attempt.error?.message ?? (refused ? attempt.data.connection.standing.reason : null);
  return (
    <>
      {problem ? (
        <p role="alert" className="min-h-5 text-danger-text text-sm [overflow-wrap:anywhere]">
          {attempt.error ? problem : `Still refused. ${problem}`}
        </p>
      ) : (
        <p className="min-h-5 text-sm">
          Your organization decides who may use this server.
          {ownAccount === null ? null : " You may connect your own account instead."}
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
