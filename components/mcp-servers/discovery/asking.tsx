import { latestStep } from "@/components/mcp-servers/discovery/discovery-steps";
import { Spinner } from "@/components/ui/loading";
import type { DiscoveryLine } from "@/lib/contracts/servers/discovery";
import { parseUrl } from "@/lib/parse-url";

/** As tall as most outcomes, so that little moves when it ends. */
export function Asking({ url, lines }: { url: string; lines: readonly DiscoveryLine[] }) {
  return (
    <div className="flex min-h-12 items-center gap-2.5 rounded-lg border border-border bg-surface px-3 py-2.5 text-sm">
      <Spinner label="" className="shrink-0 text-accent-text" />
      <p className="min-w-0 truncate">
        Asking <bdi className="font-medium">{hostOf(url)}</bdi>
        <span className="text-muted">: {latestStep(lines)}</span>
      </p>
    </div>
  );
}

function hostOf(url: string): string {
  return parseUrl(url)?.host ?? url;
}
