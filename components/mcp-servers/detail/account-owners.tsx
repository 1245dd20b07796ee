import { type ComponentProps, useId } from "react";
import { StatusBadge } from "@/components/connections/status-badge";
import { counted } from "@/components/mcp-servers/server-words";
import { RelativeTime } from "@/components/ui/text/relative-time";
import { TextLink } from "@/components/ui/text/text-link";
import { storedAccounts } from "@/lib/contracts/connections/connection-standing";
import type { McpServerDetail } from "@/lib/contracts/servers/mcp-server";
import { oneLine } from "@/lib/untrusted-text";

/** Everyone who connected their own account or entered their own key. Shows a status only if someone has to act. */
export function AccountOwners({
  server: { id, people, accountOwners },
  label,
  from = "consent",
}: {
  server: Pick<McpServerDetail, "id" | "people" | "accountOwners">;
  label: string;
  from?: ComponentProps<typeof StatusBadge>["from"];
}) {
  const heading = useId();
  if (accountOwners.length === 0) return null;
  const others = storedAccounts(people) - accountOwners.length;
  return (
    <div className="border-border border-t">
      <div className="flex flex-wrap items-baseline justify-between gap-x-4 px-4 pt-3 pb-1 text-sm">
        <h3 id={heading} className="text-muted">
          {label}
        </h3>
        <TextLink href={`/connections/everyone?${new URLSearchParams({ server: id })}`}>
          View all<span className="sr-only"> people</span>
        </TextLink>
      </div>
      <ul aria-labelledby={heading} className="divide-y divide-border text-sm">
        {accountOwners.map(({ name, accountName, since, status }) => (
          <li
            key={`${name} ${since}`}
            className="flex flex-wrap items-center justify-between gap-x-4 gap-y-1 px-4 py-2"
          >
            <span className="flex min-w-0 flex-wrap items-baseline gap-x-2">
              <span className="min-w-0 [overflow-wrap:anywhere]">{name}</span>
              {accountName ? (
                <bdi className="min-w-0 text-muted text-xs [overflow-wrap:anywhere]">
                  {oneLine(accountName)}
                </bdi>
              ) : null}
            </span>
            <span className="flex items-center gap-2 text-muted text-xs">
              {status === "connected" ? null : <StatusBadge status={status} from={from} />}
              <RelativeTime value={since} tense="past" />
            </span>
          </li>
        ))}
        {others > 0 ? (
          <li className="px-4 py-2 text-muted">and {counted(others, "other", "others")}</li>
        ) : null}
      </ul>
    </div>
  );
}
