import { counted } from "@/components/mcp-servers/server-words";
import type { AssistantFormContext, AssistantInput } from "@/lib/contracts/assistant";
import { ownValue } from "@/lib/contracts/own-value";
import { decideApproval, type ToolPolicy } from "@/lib/contracts/servers/tool-policy";

export type KnownServer = AssistantFormContext["servers"][number];
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
  tools: KnownServer["tools"],
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
  const sought = text.trim().toLowerCase();
  return options.filter(({ name, title, description }) =>
    `${name}\n${title ?? ""}\n${description ?? ""}`.toLowerCase().includes(sought),
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

/** Tools that the model is offered: chosen, listed by their server, and not set to never. */
export function offeredTools(
  servers: readonly KnownServer[],
  choices: readonly ServerChoice[],
): number {
  return choices.reduce((sum, { serverId, allTools, toolNames, toolPolicies = {} }) => {
    const tools = servers.find(({ id }) => id === serverId)?.tools ?? [];
    const chosen = new Set(toolNames);
    const offered = tools.filter(({ name, readOnly }) => {
      const policy = ownValue(toolPolicies, name) ?? null;
      const { action } = decideApproval({ policy, readOnly, standing: "accepted" });
      return (allTools || chosen.has(name)) && action !== "refuse";
    });
    return sum + offered.length;
  }, 0);
}

export function namesSetByHand(
  tools: readonly Pick<ToolOption, "name">[],
  policies: ToolPolicies,
): string[] {
  return tools.map(({ name }) => name).filter((name) => ownValue(policies, name) !== undefined);
}

/** What `approvalWords` says, and how much of it somebody decided: "3 customized · 9 run without asking". */
export function approvalSummary(tools: readonly ToolOption[], policies: ToolPolicies): string {
  const set = namesSetByHand(tools, policies).length;
  const words = approvalWords(tools, policies);
  return set === 0 ? words : `${set} customized · ${words}`;
}

export function withServer(
  choices: readonly ServerChoice[],
  serverId: string,
  choice: ServerChoice | null,
  servers: readonly KnownServer[],
): ServerChoice[] {
  const others = choices.filter((each) => each.serverId !== serverId);
  const place = new Map(servers.map(({ id }, index) => [id, index]));
  return (choice ? [...others, choice] : others).sort(
    (one, two) => (place.get(one.serverId) ?? 0) - (place.get(two.serverId) ?? 0),
  );
}

/** "12 tools, 3 can change data" of what the assistant may call; of the whole server without a choice. */
export function selectionWords(server: KnownServer, choice: ServerChoice | undefined): string {
  const { tools } = server;
  if (!choice) return toolWords(tools);
  if (choice.allTools) {
    return tools.length === 0 ? "All tools" : `All tools: ${toolWords(tools)}`;
  }
  if (choice.toolNames.length === 0) return "No tools chosen";
  if (tools.length === 0) {
    return `${counted(choice.toolNames.length, "chosen tool", "chosen tools")}, not known yet`;
  }
  const chosen = new Set(choice.toolNames);
  const usable = tools.filter((tool) => chosen.has(tool.name));
  const missing = choice.toolNames.length - usable.length;
  const words = `${usable.length} of ${toolWords(tools, usable)}`;
  return missing === 0 ? words : `${words}, ${missing} missing`;
}

function toolWords(tools: KnownServer["tools"], counting = tools): string {
  if (tools.length === 0) return "Tools not known yet";
  const changing = counting.filter((tool) => !tool.readOnly).length;
  const all = counted(tools.length, "tool", "tools");
  return changing === 0 ? all : `${all}, ${changing} can change data`;
}
