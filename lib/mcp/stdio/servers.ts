import type { StdioMode } from "@/lib/contracts/servers/mcp-server";
import type { StdioEnv } from "@/lib/env/stdio";
import { McpServerError } from "@/lib/errors";
import { type Bubblewrap, launchInBubblewrap } from "./bubblewrap";
import { findBubblewrap, findUser } from "./find-sandbox";
import type { Launch, StdioProgram, StdioServers } from "./launch";
import { asUser, launchAsUser, type OtherUser, readableSecrets } from "./other-user";
import { removeServerFolder, serverFolder, serversFolder } from "./own-folder";
import { run } from "./run";

export const stdioNeedsOwnMachine =
  "stdio starts a process on Usher's own machine, which Vercel does not offer. Use an HTTP transport, or run Usher on a machine of yours.";

export const stdioIsOff =
  "stdio servers are off in this Usher. To run them, the operator sets STDIO_SERVERS to sandbox, or to trusted where the programs may read everything that Usher can.";

interface Machine {
  selfHosted: boolean;
  platform: NodeJS.Platform;
  /** Usher's own user; absent on Windows. */
  uid: number | undefined;
  /** Absolute: the folder that Usher runs in, whose files are hidden. */
  folder: string;
}

/** Starts the programs of stdio servers as STDIO_SERVERS says. */
export function createStdioServers(env: StdioEnv, machine: Machine): StdioServers {
  const mode = modeOf(env);
  const unavailable =
    mode !== "off" ? null : machine.selfHosted ? stdioIsOff : stdioNeedsOwnMachine;
  // What the machine offers is asked once, and again after it was not enough.
  let bubblewrap: Promise<Bubblewrap | string> | null = null;
  let otherUser: Promise<OtherUser | string> | null = null;
  const uid = machine.uid ?? -1;
  const usher = { folder: machine.folder, uid };
  const askBubblewrap = () => {
    bubblewrap ??= findBubblewrap(env.path, machine.platform);
    return bubblewrap;
  };
  const askUser = () => {
    otherUser ??= findUser(env, machine);
    return otherUser;
  };

  return {
    mode,
    unavailable,
    async launch(program) {
      switch (mode) {
        case "off":
          throw new McpServerError(`${program.serverName} cannot be started: ${unavailable}`);
        case "trusted":
          return trusted(program, env);
        case "bubblewrap": {
          const found = await askBubblewrap();
          if (typeof found === "string") throw cannotStart(program, found);
          return launchInBubblewrap(program, found, env, usher);
        }
        case "user": {
          const found = await askUser();
          if (typeof found === "string") throw cannotStart(program, found);
          return launchAsUser(program, found, env, machine.folder);
        }
      }
    },
    async check() {
      if (mode === "bubblewrap") {
        const found = await askBubblewrap();
        return typeof found === "string" ? [found] : [];
      }
      if (mode !== "user") return [];
      const found = await askUser();
      if (typeof found === "string") return [found];
      const readable = await readableSecrets(found, env, machine.folder);
      return readable.map(
        (file) =>
          `STDIO_USER: ${env.user} can read ${file}. Take that away (chmod 600, or 700 for a folder), and start again.`,
      );
    },
    async forget(serverId) {
      try {
        if (mode === "bubblewrap") await removeServerFolder(serversFolder(env, uid), serverId);
        const found = mode === "user" ? await askUser() : null;
        if (found === null || typeof found === "string") return;
        const own = serverFolder(serversFolder(env, found.uid), serverId);
        await run(found.program, [...asUser(found), "/bin/rm", "-rf", "--", own]);
      } catch {
        // What is left there is no secret of Usher's, and nobody reads it any more.
      }
    },
  };
}

function modeOf({ mode, user }: StdioEnv): StdioMode {
  if (mode !== "sandbox") return mode;
  return user === null ? "bubblewrap" : "user";
}

/** As Usher's own user, in its folder; PATH and what the admin entered are all its variables. */
function trusted({ command, args, environment }: StdioProgram, { path }: StdioEnv): Launch {
  return { command, args, environment: { PATH: path, ...environment } };
}

function cannotStart({ serverName }: StdioProgram, why: string): McpServerError {
  return new McpServerError(`${serverName} cannot be started: ${why}`);
}
