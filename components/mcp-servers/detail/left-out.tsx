import { counted } from "@/components/mcp-servers/server-words";
import type { LeftOut } from "@/lib/contracts/servers/catalogue";

/** Items in a server's list that cannot be used, or were truncated, each with the reason. */
export function LeftOutList({ leftOut }: { leftOut: readonly LeftOut[] }) {
  const unusable = leftOut.filter(({ kept }) => kept !== true);
  const cut = leftOut.length - unusable.length;
  if (leftOut.length === 0) return null;
  const summary = [
    unusable.length > 0 ? `${counted(unusable.length, "tool", "tools")} cannot be used` : null,
    cut > 0 ? `${counted(cut, "description was", "descriptions were")} shortened` : null,
  ].filter((each) => each !== null);
  return (
    <details className="rounded-lg border border-border px-4 py-3 text-sm">
      <summary className="cursor-pointer font-medium">{summary.join(", ")}</summary>
      <ul className="mt-3 grid max-h-80 gap-2 overflow-y-auto">
        {leftOut.map(({ name, reason }, at) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: two entries may have the same name and reason.
          <li key={at} className="grid gap-0.5 [overflow-wrap:anywhere]">
            <code className="font-mono text-xs">{name}</code>
            <span className="text-muted">{reason}</span>
          </li>
        ))}
      </ul>
    </details>
  );
}
