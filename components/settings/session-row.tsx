"use client";

import { useQueryClient } from "@tanstack/react-query";
import { Monitor, Smartphone } from "lucide-react";
import { toast } from "sonner";
import { Badge } from "@/components/ui/badge";
import { Button } from "@/components/ui/button";
import { ConfirmDialog } from "@/components/ui/overlay/alert-dialog";
import { RelativeTime } from "@/components/ui/text/relative-time";
import type { SessionView } from "@/lib/contracts/people/sign-in";
import { endSession, sessionsChanged } from "@/lib/queries/account";

export function SessionRow({ session }: { session: SessionView }) {
  const { device, ipAddress, method, current, createdAt, lastSeenAt } = session;
  const Icon = /iPhone|iPad|Android/.test(device) ? Smartphone : Monitor;
  return (
    <li className="flex items-center gap-3 px-4 py-3">
      <Icon aria-hidden="true" className="size-4 shrink-0 text-muted" />
      <div className="min-w-0 flex-1 text-sm">
        <p className="flex flex-wrap items-center gap-x-2 gap-y-1">
          <span className="font-medium [overflow-wrap:anywhere]">{device}</span>
          {current ? <Badge tone="accent">This session</Badge> : null}
        </p>
        <p className="text-muted text-xs [overflow-wrap:anywhere]">
          {current ? (
            "In use now"
          ) : (
            <>
              Last seen <RelativeTime value={lastSeenAt} />
            </>
          )}
          {ipAddress ? ` · ${ipAddress}` : null}
          {method === "oidc" ? " · Single sign-on " : " · Signed in "}
          <RelativeTime value={createdAt} />
        </p>
      </div>
      {current ? null : <EndSession session={session} />}
    </li>
  );
}

function EndSession({ session: { id, device } }: { session: SessionView }) {
  const queryClient = useQueryClient();

  async function end() {
    await endSession(id);
    toast.success("The session has ended", { description: device });
    await sessionsChanged(queryClient);
  }

  return (
    <ConfirmDialog
      trigger={
        <Button variant="ghost" size="sm">
          End<span className="sr-only"> the session of {device}</span>
        </Button>
      }
      title={`End the session of ${device}?`}
      consequences={["That browser is signed out with its next request."]}
      confirmLabel="End session"
      onConfirm={end}
    />
  );
}
