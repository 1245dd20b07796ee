"use client";

import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { toast } from "sonner";
import { Button } from "@/components/ui/button";
import {
  Table,
  TableBody,
  TableCell,
  TableHead,
  TableHeader,
  TableRow,
} from "@/components/ui/table";
import { RelativeTime } from "@/components/ui/text/relative-time";
import type { PersonPage } from "@/lib/contracts/people/person-page";
import { endSessionOf, personPageChanged } from "@/lib/queries/person";

type Session = PersonPage["sessions"][number];

export function SessionsTable({
  userId,
  sessions,
}: {
  userId: string;
  sessions: readonly Session[];
}) {
  return (
    <Table caption="Sessions, the last used first">
      <TableHead>
        <TableHeader>Browser</TableHeader>
        <TableHeader>IP address</TableHeader>
        <TableHeader>Last used</TableHeader>
        <TableHeader>
          <span className="sr-only">Actions</span>
        </TableHeader>
      </TableHead>
      <TableBody>
        {sessions.map((session) => (
          <TableRow key={session.id}>
            <TableCell className="[overflow-wrap:anywhere]">{session.device}</TableCell>
            <TableCell label="IP address">
              <span className="font-mono text-xs">{session.ipAddress ?? "–"}</span>
            </TableCell>
            <TableCell label="Last used" className="whitespace-nowrap text-muted">
              <RelativeTime value={session.lastSeenAt} />
            </TableCell>
            <TableCell actions>
              <EndButton userId={userId} session={session} />
            </TableCell>
          </TableRow>
        ))}
      </TableBody>
    </Table>
  );
}

function EndButton({ userId, session }: { userId: string; session: Session }) {
  const queryClient = useQueryClient();
  const [ending, setEnding] = useState(false);

  async function end() {
    setEnding(true);
    try {
      await endSessionOf(userId, session.id);
    } catch (error) {
      toast.error(error instanceof Error ? error.message : "The session could not be ended");
    }
    await personPageChanged(queryClient, userId);
    setEnding(false);
  }

  return (
    <Button
      size="sm"
      loading={ending}
      aria-label={`End the session of ${session.device}`}
      onClick={() => void end()}
    >
      End
    </Button>
  );
}
