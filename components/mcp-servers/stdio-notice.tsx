import { Callout } from "@/components/ui/callout";
import type { StdioMode } from "@/lib/contracts/servers/mcp-server";

/** What the program of a stdio server can reach here. */
export function StdioNotice({
  mode,
  unavailable,
}: {
  mode: StdioMode;
  /** Why programs are not started; null: they are. */
  unavailable: string | null;
}) {
  if (unavailable !== null) {
    return (
      <Callout tone="warning" title="This server cannot be started">
        {unavailable}
      </Callout>
    );
  }
  if (mode === "trusted") {
    return (
      <Callout tone="warning" title="This program can read everything that Usher can">
        It runs as Usher’s own user and can reach the master key, the database and every stored
        token.
      </Callout>
    );
  }
  if (mode === "user") {
    return (
      <Callout title="Runs as another user">
        It can use the network and read what that user can read on this machine, including files of
        other stdio servers. It cannot read Usher’s keys, files and processes.
      </Callout>
    );
  }
  return (
    <Callout title="Runs in a sandbox">
      It can use system programs, its own folder and the network. It cannot see Usher’s keys, files
      and processes, or other servers.
    </Callout>
  );
}
