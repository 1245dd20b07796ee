import {
  type KnownServer,
  offeredTools,
  type ServerChoice,
} from "@/components/assistants/tool-selection";
import type { ToolLeftOut } from "@/lib/contracts/assistant";
import { formatChoice, formatNumber } from "@/lib/contracts/format";
import { creatorsFor, mostToolsOf } from "@/lib/contracts/model-tools";

/** How many tools the assistant has, and whether its model accepts that many. */
export function ToolCount({
  servers,
  choices,
  model,
}: {
  servers: readonly KnownServer[];
  choices: readonly ServerChoice[];
  /** The one that answers. */
  model: string;
}) {
  const count = offeredTools(servers, choices);
  if (!count) return null;
  const most = mostToolsOf(model);
  const tools = `${formatNumber(count)} ${count === 1 ? "tool" : "tools"}`;
  const { fit, tooFew } = creatorsFor(count);
  if (most !== null && count > most) {
    return (
      <p className="text-sm text-warning-text" role="status">
        {tools}, but {model} takes {formatNumber(most)} at most. Choose fewer, or a model from{" "}
        {formatChoice(fit)}.
      </p>
    );
  }
  const limits = tooFew.map((each) => `${each.name} (${formatNumber(each.most)} at most)`);
  return (
    <p className="text-muted text-sm">
      {tools} in total.
      {limits.length > 0 ? ` Too many for models from ${formatChoice(limits)}.` : null}
    </p>
  );
}

/** "search (GitHub): The schema of its arguments is too large for a model." and so on, one after another. */
export function leftOutWords(leftOut: readonly ToolLeftOut[]): string {
  return leftOut
    .map(({ toolName, serverName, reason }) => `${toolName} (${serverName}): ${reason}`)
    .join(" ");
}
