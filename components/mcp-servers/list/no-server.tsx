import { Server } from "lucide-react";
import { counted } from "@/components/mcp-servers/server-words";
import { EmptyState, NoMatch } from "@/components/ui/empty-state";
import { NewServerButton } from "./new-server-button";

export type NoServerProps = {
  /** For a search without matches among this many; null: there are no servers. */
  found: { of: number; onClear: () => void } | null;
};

/** Replaces the list of servers. */
export function NoServer({ found }: NoServerProps) {
  if (found) {
    return (
      <NoMatch title="No server matches" onClear={found.onClear}>
        None of {counted(found.of, "server", "servers")} has that in its name, description or
        address.
      </NoMatch>
    );
  }
  return (
    <EmptyState icon={<Server />} title="Add your first MCP server" action={<NewServerButton />}>
      MCP servers provide tools: read a wiki page, open an issue, search files. Add one with its
      credentials, and your assistants call its tools with the right account.
    </EmptyState>
  );
}
