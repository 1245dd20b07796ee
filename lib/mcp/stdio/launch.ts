import type { StdioMode } from "@/lib/contracts/servers/mcp-server";

/** A program as an admin entered it. Contains secrets: never logged. */
export interface StdioProgram {
  serverId: string;
  serverName: string;
  command: string;
  args: readonly string[];
  environment: Readonly<Record<string, string>>;
}

/** The process to start, without a shell. */
export interface Launch {
  command: string;
  args: readonly string[];
  /** All variables of the process. */
  environment: Readonly<Record<string, string>>;
  /** Absent: Usher's own working folder. */
  cwd?: string;
}

/**
 * Starts the program of one mode.
 *
 * @throws McpServerError it cannot be started, with a helpful message
 */
type LaunchProgram = (program: StdioProgram) => Promise<Launch>;

/** How stdio is configured, and whether this machine supports it. */
export interface StdioServers {
  /** The sandbox; null: none. */
  readonly mode: StdioMode;
  /** Null: programs may be started; otherwise why not and what to do. */
  readonly unavailable: string | null;
  launch: LaunchProgram;
  /** Checks what the mode needs. @returns the problem; empty: none */
  check(): Promise<readonly string[]>;
  /** Deletes the working folder of a deleted server. Never throws. */
  forget(serverId: string): Promise<void>;
}

/**
 * Passes a server's variables through the program that isolates it. That one runs outside the
 * sandbox: LD_PRELOAD and the like, entered by an admin, would run code there. So they travel under meaningless
 * names, and a shell inside restores their own. Values appear in no argument, which
 * everyone on the machine could read.
 *
 * @param own what the program gets in addition, such as HOME; a server's variable takes precedence
 * @returns `command` has to be started inside with `args`, and `environment` passed to what starts it
 */
export function handVariables(
  program: { command: string; args: readonly string[] },
  variables: Readonly<Record<string, string>>,
  own: Readonly<Record<string, string>>,
): { command: string; args: string[]; environment: Record<string, string> } {
  const entries = [...new Map([...Object.entries(own), ...Object.entries(variables)])];
  const carried = entries.map(([name, value], index) => ({ name, value, as: `USHER_${index}` }));
  const script = [
    ...carried.map(({ as, name }) => `export ${name}="$${as}"`),
    ...carried.map(({ as }) => `unset ${as}`),
    'exec "$@"',
  ].join("\n");
  return {
    command: "/bin/sh",
    args: ["-c", script, "sh", program.command, ...program.args],
    environment: Object.fromEntries(carried.map(({ as, value }) => [as, value])),
  };
}
