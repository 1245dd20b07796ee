import { randomUUID } from "node:crypto";
import { type BatchedWriter, createBatchedWriter } from "@/lib/batched-writer";
import type { FlowKind, FlowOutcome, FlowStep, FlowTrigger } from "@/lib/contracts/servers/flow";
import type { Database } from "@/lib/db/client";
import { insertFlowRecords, type NewFlowRecord } from "@/lib/db/flow-record";
import type { Log } from "@/lib/log";

/** For each server: successful refreshes, and all other records. */
export const mostRecords = 100;

export interface FlowMoment {
  /** The flow this belongs to; absent: a separate flow. */
  flowId?: string;
  serverId: string;
  ownerKey: string;
  kind: FlowKind;
  trigger: FlowTrigger;
  /** The person who started it. */
  actorId?: string | null;
  outcome: Exclude<FlowOutcome, "unfinished">;
  reason?: string | null;
  steps: readonly FlowStep[];
}

export interface FlowRecorder {
  /**
   * Whether this is worth a record, which takes as long to build as a refresh: everything is, but for
   * each server only a limited number of successful refreshes per period. Counts it.
   */
  wants(moment: Pick<FlowMoment, "serverId" | "kind" | "outcome">): boolean;
  /** Neither waits nor throws: recording never delays a flow. */
  record(moment: FlowMoment): void;
  isEmpty(): boolean;
  flush(): Promise<void>;
}

/** A whole sweep's burst. */
const mostWaiting = 5000;
/** Successful refreshes of one server: this many in this many ms. They are all alike. */
export const mostInBurst = 5;
const burstMs = 10_000;

export function createFlowRecorder(ctx: { db: Database; now: () => Date; log: Log }): FlowRecorder {
  const writer: BatchedWriter<NewFlowRecord> = createBatchedWriter({
    what: "a record of a flow",
    write: (rows) => insertFlowRecords(ctx.db, rows),
    log: ctx.log,
    factsOf: ({ serverId, kind, outcome }) => ({ serverId, kind, outcome }),
    mostWaiting,
  });
  let burst = { since: performance.now(), refreshes: new Map<string, number>() };
  return {
    wants(moment) {
      if (!isRoutine(moment)) return true;
      const now = performance.now();
      if (now - burst.since > burstMs) burst = { since: now, refreshes: new Map() };
      const count = (burst.refreshes.get(moment.serverId) ?? 0) + 1;
      burst.refreshes.set(moment.serverId, count);
      return count <= mostInBurst;
    },
    record({ flowId, actorId = null, reason = null, steps, ...moment }) {
      const id = randomUUID();
      const at = ctx.now();
      writer.add({ id, flowId: flowId ?? id, ...moment, actorId, at, reason, steps });
    },
    isEmpty: writer.isEmpty,
    flush: writer.flush,
  };
}

function isRoutine({ kind, outcome }: Pick<NewFlowRecord, "kind" | "outcome">): boolean {
  return kind === "REFRESH" && outcome === "succeeded";
}
