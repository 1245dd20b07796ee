"use client";

import type { ReactNode } from "react";
import { KeyForm } from "@/components/connections/key-form";
import type { ServerConnection } from "@/lib/contracts/connections/connection";

/** The form of a card that asks for a person's own key. Loaded when a card does. */
export default function KeyEntry({
  connection: { serverId, connection },
  skip,
}: {
  connection: ServerConnection;
  skip: ReactNode;
}) {
  const { personalKey, standing } = connection;
  if (!personalKey) return null;
  return (
    <KeyForm
      serverId={serverId}
      personalKey={personalKey}
      status={standing.status}
      actions={skip}
    />
  );
}
