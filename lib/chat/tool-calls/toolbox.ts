import { createHash } from "node:crypto";
import { policyOf, standingOf, type ToolDecisions } from "@/lib/assistants/accepted-tools";
import { type CatalogueTool, catalogueTool, isReadOnly } from "@/lib/contracts/servers/catalogue";
import { type AskReason, decideApproval } from "@/lib/contracts/servers/tool-policy";
import { cutText } from "@/lib/untrusted-text";

/** A tool that an assistant may call. */
export type ToolboxTool = {
  /** The model's name for it: unique, at most 64 of [a-zA-Z0-9_-], a letter first. */
  name: string;
  serverId: string;
  serverName: string;
  toolName: string;
  title: string;
  description: string;
  inputSchema: Record<string, unknown>;
  /** By its server's word, in a definition that an admin accepted. */
  readOnly: boolean;
  /** Why a call waits for confirmation; null: it runs at once. */
  asks: AskReason | null;
  /** It calls no tool, but reads one of these URIs, to which the server's tools have linked. */
  links?: ReadonlySet<string>;
};

/** The only way from a name that the model wrote to a server's tool. What is not in it cannot be called. */
export type Toolbox = {
  tools: readonly ToolboxTool[];
  byName(name: string): ToolboxTool | null;
  find(serverId: string, toolName: string): ToolboxTool | null;
};

/** One server of an assistant, with the allowed part of its stored catalogue. */
export type ToolboxServer = {
  serverId: string;
  serverName: string;
  allTools: boolean;
  toolNames: readonly string[];
  decisions: ToolDecisions;
  /** As stored: CatalogueTool[]. */
  catalogue: unknown;
};

const longestName = 64;
const hashLength = 6;

export function createToolbox(servers: readonly ToolboxServer[]): Toolbox {
  const allowed = servers.flatMap((server) =>
    readTools(server.catalogue)
      .filter((tool) => server.allTools || server.toolNames.includes(tool.name))
      .flatMap((tool) => {
        const believed = believe(tool, server.decisions);
        const wanted = wantedName(server.serverName, tool.name);
        return believed ? [{ server, tool, wanted, ...believed }] : [];
      }),
  );
  const uses = new Map<string, number>();
  for (const { wanted } of allowed) uses.set(joined(wanted), (uses.get(joined(wanted)) ?? 0) + 1);

  const tools = allowed.map(({ server, tool, wanted, readOnly, asks }): ToolboxTool => {
    const name = joined(wanted);
    const unique = uses.get(name) === 1 && name.length <= longestName;
    return {
      name: unique ? name : hashedName(wanted, server.serverId, tool.name),
      serverId: server.serverId,
      serverName: server.serverName,
      toolName: tool.name,
      title: tool.title ?? tool.annotations.title ?? tool.name,
      description: tool.description ?? "",
      inputSchema: tool.inputSchema,
      readOnly,
      asks,
    };
  });
  return toolboxOf(tools);
}

/** With one more tool, if its server has none of that name. The others keep their names. */
export function withTool(toolbox: Toolbox, tool: Omit<ToolboxTool, "name">): Toolbox {
  const { serverId, serverName, toolName, title } = tool;
  if (toolbox.find(serverId, toolName)) return toolbox;
  const wanted = wantedName(serverName, title.toLowerCase());
  const free = joined(wanted);
  const isFree = free.length <= longestName && toolbox.byName(free) === null;
  const name = isFree ? free : hashedName(wanted, serverId, toolName);
  return toolboxOf([...toolbox.tools, { ...tool, name }]);
}

/** With the tools of these servers only. */
export function onlyServers(toolbox: Toolbox, which: (serverId: string) => boolean): Toolbox {
  return toolboxOf(toolbox.tools.filter(({ serverId }) => which(serverId)));
}

function toolboxOf(tools: readonly ToolboxTool[]): Toolbox {
  const byName = new Map(tools.map((tool) => [tool.name, tool]));
  return {
    tools,
    byName: (name) => byName.get(name) ?? null,
    find: (serverId, toolName) =>
      tools.find((tool) => tool.serverId === serverId && tool.toolName === toolName) ?? null,
  };
}

/** How the server's word about a tool is applied; null if it is never to run. */
function believe(
  tool: CatalogueTool,
  decisions: ToolDecisions,
): Pick<ToolboxTool, "readOnly" | "asks"> | null {
  const standing = standingOf(tool, decisions);
  const readOnly = isReadOnly(tool);
  const approval = decideApproval({ policy: policyOf(tool.name, decisions), readOnly, standing });
  if (approval.action === "refuse") return null;
  return {
    readOnly: readOnly && standing === "accepted",
    asks: approval.action === "ask" ? approval.reason : null,
  };
}

/** A tool that cannot be read as one is left out: one bad entry removes no other. */
export function readTools(catalogue: unknown): CatalogueTool[] {
  if (!Array.isArray(catalogue)) return [];
  const names = new Set<string>();
  return catalogue.flatMap((entry) => {
    const { data } = catalogueTool.safeParse(entry);
    if (!data || names.has(data.name)) return [];
    names.add(data.name);
    return [data];
  });
}

type WantedName = { server: string; tool: string };

function wantedName(serverName: string, toolName: string): WantedName {
  const tool = nameToken(toolName) || "tool";
  return { server: startingWithLetter(nameToken(serverName.toLowerCase())) || "server", tool };
}

/** A long server name is truncated before the tool's, which says what it does. */
function joined({ server, tool }: WantedName, most = longestName): string {
  const room = Math.max(most - "__".length - tool.length, 1);
  return `${server.slice(0, room).replace(/[_-]+$/, "")}__${tool}`;
}

function nameToken(text: string): string {
  return text.replace(/[^a-zA-Z0-9_-]+/g, "_").replace(/^_+|_+$/g, "");
}

/** In the form that some providers require of a function's name. */
function startingWithLetter(token: string): string {
  return token === "" || /^[a-zA-Z]/.test(token) ? token : `s_${token}`;
}

/** Derived only from what it names, so that it stays the same whatever other tools come and go. */
function hashedName(wanted: WantedName, serverId: string, toolName: string): string {
  const hash = createHash("sha256").update(`${serverId}\n${toolName}`).digest("hex");
  const most = longestName - hashLength - 1;
  return `${joined(wanted, most).slice(0, most)}_${hash.slice(0, hashLength)}`;
}

const longestDescription = 8_000;
const cutMark = "\n[Cut here.]";

/**
 * What a model is told about a tool: whose it is, then the server's description.
 *
 * @param most UTF-16 code units that the model's API takes for all of it
 */
export function describeTool(tool: ToolboxTool, most = Number.POSITIVE_INFINITY): string {
  const { serverName, title, description } = tool;
  const heading = `${oneLine(title)} (server: ${oneLine(serverName)})\n`;
  const room = Math.min(longestDescription, Math.max(most - heading.length, 0));
  const words =
    description.length > room
      ? `${cutText(description, Math.max(room - cutMark.length, 0))}${cutMark}`
      : description;
  return cutText(`${heading}${words}`, most);
}

function oneLine(text: string): string {
  return text.replace(/\s+/g, " ").trim();
}
