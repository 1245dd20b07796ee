"use client";

import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { toast } from "sonner";
import { Button } from "@/components/ui/button";
import { Card } from "@/components/ui/card";
import { TwoLines } from "@/components/ui/text/long-text";
import { RelativeTime } from "@/components/ui/text/relative-time";
import type { AskDecision, AlwaysAllowedList as List } from "@/lib/contracts/chat/always-allow";
import { alwaysAllowedChanged, revokeAlwaysAllowed } from "@/lib/queries/always-allowed";
import { personPageChanged } from "@/lib/queries/person";
import { oneLine } from "@/lib/untrusted-text";

type Tool = List["tools"][number];

/** More are shown on demand. */
const shownAtFirst = 10;

/** Why a call still asks; null: it runs. */
const whyItAsks: Record<AskDecision["reason"], string | null> = {
  always_allowed: null,
  not_needed: null,
  not_allowed: null,
  not_signed_in: null,
  tool_changed: "Asks again: the server changed the tool.",
  account_changed: "Asks again: its calls use another account.",
  tool_gone: "Not in use: the assistant no longer has this tool.",
  no_access: "Not in use: no access to the assistant or server now.",
  not_connected: "Asks: no account is connected now.",
  off: "Asks: the assistant no longer permits it.",
  destructive: "Asks: the assistant no longer permits it for this tool.",
  asks_always: "Asks: an admin set this tool to always ask.",
  unreviewed: "Asks: an admin has not reviewed the tool yet.",
};

/** @param userId whose; null: the viewer's */
export function AlwaysAllowedList({
  userId,
  tools,
}: {
  userId: string | null;
  tools: readonly Tool[];
}) {
  const [all, setAll] = useState(false);
  const shown = all ? tools : tools.slice(0, shownAtFirst);
  return (
    <Card>
      <ul className="divide-y divide-border">
        {shown.map((tool) => (
          <ToolRow key={tool.id} userId={userId} tool={tool} />
        ))}
      </ul>
      {shown.length < tools.length ? (
        <div className="border-border border-t px-2 py-1.5">
          <Button variant="ghost" size="sm" onClick={() => setAll(true)}>
            Show all {tools.length} tools
          </Button>
        </div>
      ) : null}
    </Card>
  );
}

function ToolRow({ userId, tool }: { userId: string | null; tool: Tool }) {
  const { assistantName, serverName, createdAt, asks } = tool;
  const why = whyItAsks[asks.reason];
  return (
    <li className="flex items-center gap-3 px-4 py-3">
      <div className="grid min-w-0 flex-1 gap-0.5 text-sm">
        <TwoLines text={oneLine(tool.toolTitle)} className="font-medium" />
        <p className="text-muted text-xs [overflow-wrap:anywhere]">
          <bdi>{assistantName}</bdi> · <bdi>{serverName}</bdi> · <RelativeTime value={createdAt} />
        </p>
        {why ? <p className="text-warning-text text-xs">{why}</p> : null}
      </div>
      <RevokeButton userId={userId} tool={tool} />
    </li>
  );
}

function RevokeButton({ userId, tool }: { userId: string | null; tool: Tool }) {
  const queryClient = useQueryClient();
  const [revoking, setRevoking] = useState(false);
  const title = oneLine(tool.toolTitle);

  async function revoke() {
    setRevoking(true);
    try {
      await revokeAlwaysAllowed(userId, tool.id);
      toast.success(`${title} asks again`, { description: tool.assistantName });
    } catch (error) {
      toast.error(error instanceof Error ? error.message : "The tool could not be revoked");
    }
    await alwaysAllowedChanged(queryClient);
    if (userId !== null) await personPageChanged(queryClient, userId);
    setRevoking(false);
  }

  return (
    <Button variant="ghost" size="sm" loading={revoking} onClick={() => void revoke()}>
      {tool.asks.should ? "Remove" : "Revoke"}
      <span className="sr-only">
        {" "}
        {title} in {tool.assistantName}
      </span>
    </Button>
  );
}
