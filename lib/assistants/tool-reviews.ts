import { type CatalogueTool, catalogueTool, isReadOnly } from "@/lib/contracts/servers/catalogue";
import type {
  AcceptToolsInput,
  ServerToolReviews,
  ToolChange,
  ToolReview,
} from "@/lib/contracts/servers/tool-policy";
import { acceptTools, listAcceptedDefinitions, listAssistantsOf } from "@/lib/db/assistant";
import type { Database, DatabaseTransaction } from "@/lib/db/client";
import { findCatalogue } from "@/lib/db/tool-catalogue";
import { ConflictError } from "@/lib/errors";
import { toolsOf } from "@/lib/servers/view";
import { type AssistantServerRow, acceptable, fingerprint, standingOf } from "./accepted-tools";

/** One server's tools in an assistant that differ from what was accepted. */
export async function reviewTools(
  db: Database | DatabaseTransaction,
  row: AssistantServerRow,
): Promise<ToolReview[]> {
  const { assistantId, serverId, toolsAcceptedAt, server } = row;
  const tools = server.catalogue ? toolsOf(server.catalogue) : [];
  const unaccepted = tools.flatMap((tool) => {
    const standing = standingOf(tool, row);
    return standing === "accepted" ? [] : [{ tool, standing }];
  });
  if (unaccepted.length === 0) return [];
  const toolNames = unaccepted.map(({ tool }) => tool.name);
  const accepted = new Map(
    (await listAcceptedDefinitions(db, { assistantId, serverId, toolNames })).map((each) => [
      each.toolName,
      each,
    ]),
  );
  return unaccepted.map(({ tool, standing }) => {
    const before = accepted.get(tool.name);
    return {
      toolName: tool.name,
      title: tool.title,
      standing,
      since: (before?.acceptedAt ?? toolsAcceptedAt)?.toISOString() ?? null,
      fingerprint: fingerprint(tool),
      readOnly: isReadOnly(tool),
      changes: standing === "changed" ? toolChanges(before?.acceptedDefinition, tool) : [],
    };
  });
}

/** For the server's page: each difference once, with the affected assistants. */
export async function reviewServerTools(
  db: Database,
  serverId: string,
): Promise<ServerToolReviews> {
  const reviews = new Map<string, ServerToolReviews["reviews"][number]>();
  for (const assistant of await listAssistantsOf(db, serverId)) {
    const row = assistant.servers.find((each) => each.serverId === serverId);
    for (const review of row ? await reviewTools(db, row) : []) {
      if (!row || !isOffered(row, review.toolName)) continue;
      const { since, ...same } = review;
      const key = JSON.stringify(same);
      const assistantNames = [...(reviews.get(key)?.assistantNames ?? []), assistant.name];
      reviews.set(key, { ...same, since: reviews.get(key)?.since ?? since, assistantNames });
    }
  }
  return { reviews: [...reviews.values()] };
}

/**
 * Accepts these definitions for all assistants with this server.
 * @throws ConflictError the server has changed one again since it was reviewed; nothing is accepted
 */
export async function acceptServerTools(
  ctx: { db: Database; now: () => Date },
  serverId: string,
  { tools }: AcceptToolsInput,
): Promise<void> {
  const catalogue = await findCatalogue(ctx.db, serverId);
  const listed = catalogue ? toolsOf(catalogue).map(acceptable) : [];
  const accepted = tools.map(({ toolName, fingerprint: seen }) => {
    const tool = listed.find((each) => each.toolName === toolName && each.fingerprint === seen);
    if (!tool) {
      throw new ConflictError(
        `The server has changed ${toolName} again. Reload the page and look at it again.`,
      );
    }
    return tool;
  });
  await acceptTools(ctx.db, { serverId }, accepted, ctx.now());
}

function isOffered({ allTools, toolNames, tools }: AssistantServerRow, toolName: string): boolean {
  const policy = tools.find((tool) => tool.toolName === toolName)?.policy;
  return policy !== "NEVER" && (allTools || toolNames.includes(toolName));
}

type Lines = ToolChange["lines"];

/** Lines of one field; a longer pair is shown as removed and added whole. */
const mostLines = 400;

const fields: { field: ToolChange["field"]; text: (tool: CatalogueTool) => string }[] = [
  { field: "title", text: (tool) => tool.title ?? "" },
  { field: "description", text: (tool) => tool.description ?? "" },
  { field: "inputSchema", text: (tool) => prettySorted(tool.inputSchema) },
  { field: "annotations", text: (tool) => prettySorted(tool.annotations) },
];

/** The fields that differ, line by line, for an admin to review. */
export function toolChanges(accepted: unknown, now: CatalogueTool): ToolChange[] {
  const { data: before } = catalogueTool.safeParse(accepted);
  if (!before) return [];
  return fields.flatMap(({ field, text }) => {
    const [one, other] = [text(before), text(now)];
    return one === other ? [] : [{ field, lines: differingLines(one, other) }];
  });
}

export function differingLines(before: string, after: string): Lines {
  const [one, other] = [linesOf(before), linesOf(after)];
  if (one.length > mostLines || other.length > mostLines) {
    return [...one.map(removed), ...other.map(added)];
  }
  // The length of the longest common run of lines from each pair of positions on.
  const width = other.length + 1;
  const common = new Uint16Array((one.length + 1) * width);
  const at = (row: number, column: number) => common[row * width + column] ?? 0;
  for (let row = one.length - 1; row >= 0; row--) {
    for (let column = other.length - 1; column >= 0; column--) {
      common[row * width + column] =
        one[row] === other[column]
          ? at(row + 1, column + 1) + 1
          : Math.max(at(row + 1, column), at(row, column + 1));
    }
  }
  const lines: Lines = [];
  let [row, column] = [0, 0];
  while (row < one.length || column < other.length) {
    if (row < one.length && column < other.length && one[row] === other[column]) {
      lines.push({ kind: "same", text: one[row] ?? "" });
      row++;
      column++;
    } else if (
      row < one.length &&
      (column >= other.length || at(row + 1, column) >= at(row, column + 1))
    ) {
      lines.push(removed(one[row++] ?? ""));
    } else lines.push(added(other[column++] ?? ""));
  }
  return lines;
}

function removed(text: string): Lines[number] {
  return { kind: "removed", text };
}

function added(text: string): Lines[number] {
  return { kind: "added", text };
}

function linesOf(text: string): string[] {
  return text === "" ? [] : text.split("\n");
}

/** With sorted members: a server that reorders them has changed nothing. */
function prettySorted(value: unknown): string {
  return JSON.stringify(sorted(value), null, 2);
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== "object" || value === null) return value;
  const members = Object.entries(value).sort(([one], [other]) => (one < other ? -1 : 1));
  return Object.fromEntries(members.map(([name, member]) => [name, sorted(member)]));
}
