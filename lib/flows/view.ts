import { personOfOwnerKey } from "@/lib/contracts/connections/account";
import {
  type FlowList,
  type FlowOutcome,
  type FlowView,
  flowStep,
} from "@/lib/contracts/servers/flow";
import type { Database } from "@/lib/db/client";
import { type FlowRecordRow, listFlowRecords } from "@/lib/db/flow-record";
import { listUserNames } from "@/lib/db/user";
import { mostRecords } from "./recorder";

/** For each kind of flow: enough to see a pattern. */
const mostFlows = 50;
/** The longest authorization, and a little more. */
const waitsForMs = 11 * 60_000;
const gone = "Somebody who is no longer here";

/** Newest first. */
export async function listFlows(
  ctx: { db: Database; now: () => Date },
  serverId: string,
): Promise<FlowList> {
  const rows = await listFlowRecords(ctx.db, serverId, mostRecords);
  const ids = rows.flatMap(({ ownerKey, actorId }) => [
    personOfOwnerKey(ownerKey) ?? "",
    actorId ?? "",
  ]);
  const names = await listUserNames(ctx.db, [...new Set(ids)]);
  const flows = viewFlows(rows, names, ctx.now());
  const isRoutine = ({ kind, outcome }: FlowView) => kind === "REFRESH" && outcome === "succeeded";
  const routine = new Set(flows.filter(isRoutine).slice(0, mostFlows));
  const others = new Set(flows.filter((flow) => !isRoutine(flow)).slice(0, mostFlows));
  return { flows: flows.filter((flow) => routine.has(flow) || others.has(flow)) };
}

/**
 * Joins each flow's records. Its outcome is what its last record says, unless that was
 * another person's callback.
 */
export function viewFlows(
  rows: readonly FlowRecordRow[],
  names: ReadonlyMap<string, string>,
  now: Date,
): FlowView[] {
  const byFlow = new Map<string, FlowRecordRow[]>();
  for (const row of rows) byFlow.set(row.flowId, [...(byFlow.get(row.flowId) ?? []), row]);
  return [...byFlow.values()]
    .map((records) => viewFlow(inOrder(records), names, now))
    .filter((flow) => flow !== null)
    .sort((a, b) => b.at.localeCompare(a.at));
}

function viewFlow(
  records: readonly FlowRecordRow[],
  names: ReadonlyMap<string, string>,
  now: Date,
): FlowView | null {
  const [first] = records;
  if (!first) return null;
  const last = records.findLast(({ outcome }) => outcome !== "refused") ?? first;
  const steps = records.flatMap((record) => stepsOf(record));
  const waits = steps.flatMap(({ durationMs }) => durationMs ?? []);
  const named = (id: string) => names.get(id) ?? gone;
  const person = personOfOwnerKey(first.ownerKey);
  return {
    id: first.flowId,
    kind: first.kind,
    outcome: outcomeOf(last, now),
    reason: last.reason,
    trigger: first.trigger as FlowView["trigger"],
    owner: person === null ? null : named(person),
    actor: first.actorId === null ? null : named(first.actorId),
    at: first.at.toISOString(),
    durationMs: waits.length === 0 ? null : waits.reduce((sum, wait) => sum + wait, 0),
    steps,
  };
}

function outcomeOf({ outcome, at }: FlowRecordRow, now: Date): FlowOutcome {
  const isOver = now.getTime() - at.getTime() > waitsForMs;
  return outcome === "waiting" && isOver ? "unfinished" : (outcome as FlowOutcome);
}

/** By time; at the same time, starts come before ends. */
function inOrder(records: readonly FlowRecordRow[]): FlowRecordRow[] {
  const isEnd = ({ outcome }: FlowRecordRow) => (outcome === "waiting" ? 0 : 1);
  return records.toSorted((a, b) => a.at.getTime() - b.at.getTime() || isEnd(a) - isEnd(b));
}

/** Records of older releases that no longer parse are left out. */
function stepsOf({ steps }: FlowRecordRow) {
  const parsed = flowStep.array().safeParse(steps);
  return parsed.success ? parsed.data : [];
}
