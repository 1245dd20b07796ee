import type { StdioEnv } from "@/lib/env/stdio";
import type { StdioServers } from "@/lib/mcp/stdio/launch";
import { createStdioServers } from "@/lib/mcp/stdio/servers";

/** Starts programs like an Usher that runs in `usherFolder`: unless changed, as Usher's own user, without a sandbox. */
export function stdioServers(
  changes: Partial<StdioEnv> = {},
  usherFolder: string = process.cwd(),
): StdioServers {
  const env: StdioEnv = {
    mode: "trusted",
    unset: false,
    user: null,
    folder: null,
    readOnlyFolders: [],
    path: process.env.PATH ?? "",
    keyFiles: [],
    ...changes,
  };
  return createStdioServers(env, {
    selfHosted: true,
    platform: process.platform,
    uid: process.getuid?.(),
    folder: usherFolder,
  });
}
