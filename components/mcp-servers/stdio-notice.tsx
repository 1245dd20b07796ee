import { Callout } from "@/components/ui/callout";
import type { StdioMode } from "@/lib/contracts/stdio";

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
        It runs as Usher’s own user, with the master key, the database and every stored token within
        reach.
      </Callout>
    );
  }
  if (mode === "user") {
    return (
      <Callout title="Runs as another user">
        It reads what that user may read on this machine, files of other stdio servers included, and
        reaches the network. Usher’s keys, files and processes are closed to it.
      </Callout>
    );
  }
  return (
    <Callout title="Runs in a sandbox">
      It sees system programs and a folder of its own, and reaches the network. Usher’s keys, files
      and processes, and other servers, are out of sight.
    </Callout>
  );
}
