import { counted } from "@/components/mcp-servers/server-words";
import { matches } from "@/components/ui/list/search";
import type { AssistantFormContext, AssistantInput } from "@/lib/contracts/assistant";
import { ownValue } from "@/lib/contracts/own-value";
import type { ToolToChoose } from "@/lib/contracts/servers/catalogue";
import { decideApproval, type ToolPolicy } from "@/lib/contracts/servers/tool-policy";

/** A server to choose, with its tools once they are here. */
export type KnownServer = AssistantFormContext["servers"][number] & {
  tools: readonly ToolToChoose[] | null;
};
export type ServerChoice = AssistantInput["servers"][number];
export type ToolPolicies = Readonly<Record<string, ToolPolicy>>;

export type ToolOption = {
  name: string;
  title: string | null;
  description: string | null;
  readOnly: boolean;
  /** Chosen, but no longer in the server's catalogue. */
  missing: boolean;
};

/** Missing chosen tools first, then the server's tools in its order. */
export function toolOptions(
  tools: readonly ToolToChoose[],
  chosenNames: readonly string[],
): ToolOption[] {
  const listed = new Set(tools.map((tool) => tool.name));
  const missing = [...new Set(chosenNames)].filter((name) => !listed.has(name)).sort();
  return [
    ...missing.map((name) => ({
      name,
      title: null,
      description: null,
      readOnly: false,
      missing: true,
    })),
    ...tools.map((tool) => ({ ...tool, missing: false })),
  ];
}

export function toolsMatching(options: readonly ToolOption[], text: string): ToolOption[] {
  return options.filter(({ name, title, description }) =>
    matches(text, [name, title, description]),
  );
}

/** In one order, so that returning to the stored choice counts as no change. */
export function withTools(
  chosenNames: readonly string[],
  names: readonly string[],
  chosen: boolean,
): string[] {
  const next = new Set(chosenNames);
  for (const name of names) {
    if (chosen) next.add(name);
    else next.delete(name);
  }
  return [...next].sort();
}

/** Null: no policy. In one order, as above. */
export function withPolicy(
  policies: ToolPolicies,
  names: readonly string[],
  policy: ToolPolicy | null,
): Record<string, ToolPolicy> {
  const next = new Map(Object.entries(policies));
  for (const name of names) {
    if (policy) next.set(name, policy);
    else next.delete(name);
  }
  return Object.fromEntries([...next].sort(([one], [other]) => (one < other ? -1 : 1)));
}

/** "9 run at once, 3 ask first, 1 never runs" of the tools that may be called. */
export function approvalWords(
  tools: readonly Pick<ToolOption, "name" | "readOnly">[],
  policies: ToolPolicies,
): string {
  const actions = tools.map(({ name, readOnly }) => {
    const policy = ownValue(policies, name) ?? null;
    return decideApproval({ policy, readOnly, standing: "accepted" }).action;
  });
  const count = (action: string) => actions.filter((each) => each === action).length;
  const words = [
    [count("run"), "runs without asking", "run without asking"],
    [count("ask"), "asks first", "ask first"],
    [count("refuse"), "never runs", "never run"],
  ] as const;
  return words
    .filter(([number]) => number > 0)
    .map(([number, one, many]) => `${number} ${number === 1 ? one : many}`)
    .join(", ");
}

/**
 * Tools that the model is offered: chosen, listed by their server, and not set to never. Null while the tools
 * of a chosen server are not loaded.
 */
export function offeredTools(
  servers: readonly KnownServer[],
  choices: readonly ServerChoice[],
): number | null {
  let sum = 0;
  for (const { serverId, allTools, toolNames, toolPolicies = {} } of choices) {
    const server = servers.find(({ id }) => id === serverId);
    if (!server) continue;
    if (server.tools === null) return null;
    const chosen = new Set(toolNames);
    sum += server.tools.filter(({ name, readOnly }) => {
      const policy = ownValue(toolPolicies, name) ?? null;
      const { action } = decideApproval({ policy, readOnly, standing: "accepted" });
      return (allTools || chosen.has(name)) && action !== "refuse";
    }).length;
  }
  return sum;
}

export function namesSetByHand(
  tools: readonly Pick<ToolOption, "name">[],
  policies: ToolPolicies,
): string[] {
  return tools.map(({ name }) => name).filter((name) => ownValue(policies, name) !== undefined);
}

/** What `approvalWords` says, and how many decisions were made: "3 customized · 9 run without asking". */
export function approvalSummary(tools: readonly ToolOption[], policies: ToolPolicies): string {
  const set = namesSetByHand(tools, policies).length;
  const words = approvalWords(tools, policies);
  return set === 0 ? words : `${set} customized · ${words}`;
}

export function withServer(
  choices: readonly ServerChoice[],
  serverId: string,
  choice: ServerChoice | null,
  servers: readonly Pick<KnownServer, "id">[],
): ServerChoice[] {
  const others = choices.filter((each) => each.serverId !== serverId);
  const place = new Map(servers.map(({ id }, index) => [id, index]));
  return (choice ? [...others, choice] : others).sort(
    (one, two) => (place.get(one.serverId) ?? 0) - (place.get(two.serverId) ?? 0),
  );
}

/** "12 tools, 3 can change data" for what the assistant may call; without a choice, for the whole server. */
export function selectionWords(server: KnownServer, choice: ServerChoice | undefined): string {
  const { tools, toolCount, changingToolCount } = server;
  if (!choice) return toolWords(toolCount, changingToolCount);
  if (choice.allTools) {
    return toolCount === 0 ? "All tools" : `All tools: ${toolWords(toolCount, changingToolCount)}`;
  }
  if (choice.toolNames.length === 0) return "No tools chosen";
  const chosenTools = counted(choice.toolNames.length, "chosen tool", "chosen tools");
  if (toolCount === 0) return `${chosenTools}, not known yet`;
  if (tools === null) return chosenTools;
  const chosen = new Set(choice.toolNames);
  const usable = tools.filter((tool) => chosen.has(tool.name));
  const changing = usable.filter((tool) => !tool.readOnly).length;
  const missing = choice.toolNames.length - usable.length;
  const words = `${usable.length} of ${toolWords(tools.length, changing)}`;
  return missing === 0 ? words : `${words}, ${missing} missing`;
}

function toolWords(count: number, changing: number): string {
  if (count === 0) return "Tools not known yet";
  const all = counted(count, "tool", "tools");
  return changing === 0 ? all : `${all}, ${changing} can change data`;
}
