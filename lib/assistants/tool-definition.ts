import { createHash } from "node:crypto";
import type { CatalogueTool } from "@/lib/contracts/servers/catalogue";
import type { ToolPolicy, ToolStanding } from "@/lib/contracts/servers/tool-policy";

/** What was decided on the tools of one server of an assistant. */
export type ToolDecisions = {
  /** Null: the choice has met no list yet, so there is nothing that a tool could differ from. */
  toolsAcceptedAt: Date | null;
  tools: readonly {
    toolName: string;
    policy: ToolPolicy | null;
    acceptedFingerprint: string | null;
  }[];
};

/** SHA-256 in hex over all that a server says of a tool, in whatever order it says it. */
export function fingerprint(tool: CatalogueTool): string {
  const { name, title, description, inputSchema, annotations } = tool;
  return createHash("sha256")
    .update(canonicalJson({ name, title, description, inputSchema, annotations }))
    .digest("hex");
}

/** One text for equal values: the members of each object sorted by name, without white space. */
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
