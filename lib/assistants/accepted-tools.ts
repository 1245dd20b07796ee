import { createHash } from "node:crypto";
import type { AssistantInput } from "@/lib/contracts/assistant";
import { ownValue } from "@/lib/contracts/own-value";
import type { CatalogueTool } from "@/lib/contracts/servers/catalogue";
import type { ToolPolicy, ToolStanding } from "@/lib/contracts/servers/tool-policy";
import {
  type AcceptedTool,
  type AssistantRow,
  acceptTools,
  claimFirstList,
} from "@/lib/db/assistant";
import type { Database, DatabaseTransaction } from "@/lib/db/client";
import { toolsOf } from "@/lib/servers/view";
import { storableJson } from "@/lib/untrusted-text";

export type ToolDecisions = {
  /** Null: no list was read since the tools were chosen, so there is nothing to compare with. */
  toolsAcceptedAt: Date | null;
  tools: readonly {
    toolName: string;
    policy: ToolPolicy | null;
    acceptedFingerprint: string | null;
  }[];
};

/** SHA-256 in hex over everything that a server says about a tool, in whatever order it says it. */
export function fingerprint(tool: CatalogueTool): string {
  const { name, title, description, inputSchema, annotations } = tool;
  return createHash("sha256")
    .update(canonicalJson({ name, title, description, inputSchema, annotations }))
    .digest("hex");
}

/** Of each tool by name, as the tools are stored. Of two with the same name, the first counts. */
export function fingerprintsOf(tools: readonly CatalogueTool[]): Record<string, string> {
  const stored = storableJson(tools).toReversed();
  return Object.fromEntries(stored.map((tool) => [tool.name, fingerprint(tool)]));
}

/** The same text for equal values: the members of each object sorted by name, without white space. */
export function canonicalJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(",")}]`;
  if (typeof value !== "object" || value === null) return JSON.stringify(value) ?? "null";
  const members = Object.entries(value)
    .filter(([, member]) => member !== undefined)
    .sort(([one], [other]) => (one < other ? -1 : 1))
    .map(([name, member]) => `${JSON.stringify(name)}:${canonicalJson(member)}`);
  return `{${members.join(",")}}`;
}

export function standingOf(tool: CatalogueTool, decisions: ToolDecisions): ToolStanding {
  if (decisions.toolsAcceptedAt === null) return "accepted";
  const accepted = decisions.tools.find(({ toolName }) => toolName === tool.name);
  if (!accepted?.acceptedFingerprint) return "new";
  return accepted.acceptedFingerprint === fingerprint(tool) ? "accepted" : "changed";
}

export function policyOf(toolName: string, decisions: ToolDecisions): ToolPolicy | null {
  return decisions.tools.find((tool) => tool.toolName === toolName)?.policy ?? null;
}

export type AssistantServerRow = AssistantRow["servers"][number];

export function acceptable(tool: CatalogueTool): AcceptedTool {
  return { toolName: tool.name, fingerprint: fingerprint(tool), definition: tool };
}

/** The first list read after tools were chosen counts as accepted, once. */
export async function acceptFirstLists(
  ctx: { db: Database; now: () => Date },
  row: AssistantRow,
): Promise<void> {
  for (const server of row.servers.filter(needsFirstList)) {
    await ctx.db.$transaction((tx) => acceptFirstList(tx, server, ctx.now()));
  }
}

export function needsFirstList({ toolsAcceptedAt, server }: AssistantServerRow): boolean {
  return toolsAcceptedAt === null && server.catalogue?.fetchedAt != null;
}

export async function acceptFirstList(
  tx: DatabaseTransaction,
  { assistantId, serverId, server }: AssistantServerRow,
  now: Date,
): Promise<void> {
  const key = { assistantId, serverId };
  if (!server.catalogue || !(await claimFirstList(tx, key, now))) return;
  await acceptTools(tx, key, toolsOf(server.catalogue).map(acceptable), now);
}

/**
 * What a saved form accepts. A tool that the server changed while the form was open remains to be reviewed.
 */
export async function acceptSeen(
  tx: DatabaseTransaction,
  { assistantId, serverId, server }: AssistantServerRow,
  choice: AssistantInput["servers"][number],
  now: Date,
): Promise<void> {
  const accepted = (server.catalogue ? toolsOf(server.catalogue) : []).filter(
    (tool) => ownValue(choice.acceptedTools, tool.name) === fingerprint(tool),
  );
  await acceptTools(tx, { assistantId, serverId }, accepted.map(acceptable), now);
}
