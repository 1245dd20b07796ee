"use client";

import { useQueryClient } from "@tanstack/react-query";
import { CircleCheck, CircleX } from "lucide-react";
import { useState } from "react";
import { connectionName, impactOf } from "@/components/connections/console/impact";
import { counted } from "@/components/mcp-servers/server-words";
import { Button } from "@/components/ui/button";
import { Dialog, DialogClose } from "@/components/ui/overlay/dialog";
import type { ConsoleConnection } from "@/lib/contracts/connections/connection-console";
import { revokeMessage } from "@/lib/contracts/connections/revoke-message";
import { formatDateTime, formatNumber } from "@/lib/contracts/format";
import { revokeConnections } from "@/lib/queries/connection-console";

/** Few enough that results keep coming while providers are slow. */
const atOnce = 5;

interface Result {
  row: ConsoleConnection;
  revoked: boolean;
  words: string;
}

/** Says what revoking does, then reports the outcome of each. @param rows stay the same while it is open */
export function RevokeDialog({
  rows,
  open,
  onClose,
}: {
  rows: readonly ConsoleConnection[];
  open: boolean;
  /** @param revoked whether it was started: the list is a different one then */
  onClose: (revoked: boolean) => void;
}) {
  const queryClient = useQueryClient();
  const [started, setStarted] = useState(false);
  const [results, setResults] = useState<readonly Result[]>([]);
  const isDone = started && results.length === rows.length;
  const isRunning = started && !isDone;
  const impact = impactOf(rows);

  function change(next: boolean) {
    if (next || isRunning) return;
    onClose(started);
    if (!started) return;
    void queryClient.invalidateQueries({ queryKey: ["connections"] });
    // After it has faded out: the question must not flash up behind the results.
    setTimeout(() => {
      setStarted(false);
      setResults([]);
    }, 200);
  }

  async function revoke() {
    setStarted(true);
    for (let at = 0; at < rows.length; at += atOnce) {
      const next = await revokeSome(rows.slice(at, at + atOnce));
      setResults((before) => [...before, ...next]);
    }
  }

  return (
    <Dialog
      open={open}
      onOpenChange={change}
      title={started ? (isDone ? doneTitle(results) : "Revoking…") : impact.title}
      footer={
        started ? (
          <DialogClose asChild>
            <Button variant="primary" disabled={isRunning}>
              Done
            </Button>
          </DialogClose>
        ) : (
          <>
            <DialogClose asChild>
              <Button>Cancel</Button>
            </DialogClose>
            <Button variant="danger" onClick={() => void revoke()}>
              Revoke{rows.length > 1 ? ` ${counted(rows.length, "connection", "connections")}` : ""}
            </Button>
          </>
        )
      }
    >
      {started ? (
        <div className="grid gap-3">
          <p role="status" className="text-muted">
            {formatNumber(results.length)} of {formatNumber(rows.length)} done
          </p>
          <ul className="grid gap-2.5">
            {results.map((result) => (
              <ResultLine key={result.row.id} result={result} />
            ))}
          </ul>
        </div>
      ) : (
        <ul className="grid list-disc gap-1 pl-4 marker:text-faint">
          {impact.lines.map((line) => (
            <li key={line} className="[overflow-wrap:anywhere]">
              {line}
            </li>
          ))}
        </ul>
      )}
    </Dialog>
  );
}

function ResultLine({ result: { row, revoked, words } }: { result: Result }) {
  const Icon = revoked ? CircleCheck : CircleX;
  return (
    <li className="flex items-start gap-2.5">
      <Icon
        role="img"
        aria-label={revoked ? "Revoked" : "Not revoked"}
        className={
          revoked
            ? "mt-0.5 size-4 shrink-0 text-success-text"
            : "mt-0.5 size-4 shrink-0 text-danger-text"
        }
      />
      <div className="min-w-0 [overflow-wrap:anywhere]">
        <p className="font-medium">{connectionName(row)}</p>
        <p className="text-muted text-xs">{words}</p>
      </div>
    </li>
  );
}

function doneTitle(results: readonly Result[]): string {
  const revoked = results.filter((result) => result.revoked).length;
  if (revoked === results.length) return `${counted(revoked, "connection", "connections")} revoked`;
  return `${formatNumber(revoked)} of ${counted(results.length, "connection", "connections")} revoked`;
}

/** A failed request is reported for each of its rows. */
async function revokeSome(rows: readonly ConsoleConnection[]): Promise<Result[]> {
  const failed = (row: ConsoleConnection, words: string): Result => ({
    row,
    revoked: false,
    words,
  });
  try {
    const { results } = await revokeConnections(rows.map(({ id }) => id));
    return rows.map((row) => {
      const result = results.find(({ connectionId }) => connectionId === row.id);
      if (!result?.revoked) return failed(row, result?.problem ?? "Usher reported no result.");
      return { row, revoked: true, words: revokeMessage(result.revoked, formatDateTime) };
    });
  } catch (error) {
    const words = error instanceof Error ? error.message : "Something went wrong. Try again.";
    return rows.map((row) => failed(row, words));
  }
}
