"use client";

import type { ReactNode } from "react";
import { RelativeTime, useNow } from "@/components/ui/relative-time";
import type { ConnectionStatus } from "@/lib/contracts/connection";

type ExpiryProps = {
  status: ConnectionStatus;
  expiresAt: string | null;
  /** Known to be renewed by Usher, which is then said. */
  refreshable?: boolean | undefined;
};

/** A few words beside a status: "Expires in 52 minutes". */
export function Expiry({ status, expiresAt, refreshable = false }: ExpiryProps): ReactNode {
  const now = useNow();
  if (status === "not_connected") return null;
  if (expiresAt === null) return status === "connected" ? "No expiry" : null;
  if (status === "expired") {
    return (
      <>
        Ended <RelativeTime value={expiresAt} />
      </>
    );
  }
  const over = now !== null && new Date(expiresAt).getTime() <= now;
  if (over) return "Renewed at the next call";
  return (
    <>
      Expires <RelativeTime value={expiresAt} />
      {refreshable ? ", renewed by itself" : null}
    </>
  );
}
