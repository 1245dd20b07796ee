import { Server } from "lucide-react";
import { counted } from "@/components/mcp-servers/server-words";
import { EmptyState } from "@/components/ui/empty-state";
import { NoMatch } from "@/components/ui/list/no-match";
import { NewServerButton } from "./new-server-button";

export type NoServerProps = {
  /** Of a search that found none of so many; null: there are none. */
  found: { of: number; onClear: () => void } | null;
};

/** In place of the list of servers. */
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
    <EmptyState
      icon={<Server />}
      title="Register your first MCP server"
      action={<NewServerButton />}
    >
      An MCP server offers tools: read a wiki page, open an issue, search files. Register it here
      with its sign-in, once. Your assistants then call its tools as the right account.
    </EmptyState>
  );
}
