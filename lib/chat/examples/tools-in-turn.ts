import type { ToolboxTool } from "../tool-calls/toolbox";

/** One tool of each server in turn, those with the least `effort` first. */
export function toolsInTurn(
  tools: readonly ToolboxTool[],
  effort: (tool: ToolboxTool) => number,
  most: number,
): ToolboxTool[] {
  const efforts = new Map(tools.map((tool) => [tool, effort(tool)]));
  const byServer = new Map<string, ToolboxTool[]>();
  const sorted = tools.toSorted((one, two) => (efforts.get(one) ?? 0) - (efforts.get(two) ?? 0));
  for (const tool of sorted) {
    const queue = byServer.get(tool.serverId);
    if (queue) queue.push(tool);
    else byServer.set(tool.serverId, [tool]);
  }
  const queues = [...byServer.values()];
  const chosen: ToolboxTool[] = [];
  for (let turn = 0; turn < tools.length && chosen.length < most; turn++) {
    chosen.push(...queues.flatMap((queue) => queue[turn] ?? []));
  }
  return chosen.slice(0, most);
}
