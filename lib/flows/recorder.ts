import { randomUUID } from "node:crypto";
import { type BatchedWriter, createBatchedWriter } from "@/lib/batched-writer";
import type { FlowKind, FlowOutcome, FlowTrigger } from "@/lib/contracts/flow";
import type { Database } from "@/lib/db/client";
import { insertFlowRecords, type NewFlowRecord } from "@/lib/db/flow-record";
import type { Log } from "@/lib/log";
import type { RecordedExchange } from "@/lib/oauth/recorded-exchange";

/** Of each server: so many refreshes that went well, and so many records of everything else. */
export const mostRecords = 100;

export interface FlowMoment {
  /** Of the flow that this belongs to; absent: it is a flow of its own. */
  flowId?: string;
  serverId: string;
  ownerKey: string;
  kind: FlowKind;
  trigger: FlowTrigger;
  /** Who asked for it. */
  actorId?: string | null;
  outcome: Exclude<FlowOutcome, "unfinished">;
  reason?: string | null;
  steps: readonly RecordedExchange[];
}

export interface FlowRecorder {
  /** Neither waits nor throws: what is recorded never keeps a flow from going on. */
  record(moment: FlowMoment): void;
  isEmpty(): boolean;
  flush(): Promise<void>;
}

/** A burst of a whole sweep; more than that nobody reads. */
const mostWaiting = 5000;

export function createFlowRecorder(ctx: { db: Database; now: () => Date; log: Log }): FlowRecorder {
  const writer: BatchedWriter<NewFlowRecord> = createBatchedWriter({
    what: "a record of a flow",
    write: (rows) => insertFlowRecords(ctx.db, worthKeeping(rows)),
    log: ctx.log,
    factsOf: ({ serverId, kind, outcome }) => ({ serverId, kind, outcome }),
    mostWaiting,
  });
  return {
    record({ flowId, actorId = null, reason = null, steps, ...moment }) {
      const id = randomUUID();
      const at = ctx.now();
      writer.add({ id, flowId: flowId ?? id, ...moment, actorId, at, reason, steps });
    },
    isEmpty: writer.isEmpty,
    flush: writer.flush,
  };
}

/** A sweep of thousands: what the next one would delete is not written in the first place. */
export function worthKeeping(rows: readonly NewFlowRecord[]): NewFlowRecord[] {
  const seen = new Map<string, number>();
  return rows
    .toReversed()
    .filter(({ serverId, kind, outcome }) => {
      if (kind !== "REFRESH" || outcome !== "succeeded") return true;
      const count = (seen.get(serverId) ?? 0) + 1;
      seen.set(serverId, count);
      return count <= mostRecords;
    })
    .toReversed();
}
