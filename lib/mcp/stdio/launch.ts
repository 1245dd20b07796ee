import type { StdioMode } from "@/lib/contracts/servers/mcp-server";

/** A program as an admin entered it. Holds secrets: never logged. */
export interface StdioProgram {
  serverId: string;
  serverName: string;
  command: string;
  args: readonly string[];
  environment: Readonly<Record<string, string>>;
}

/** What is started for it, without a shell. */
export interface Launch {
  command: string;
  args: readonly string[];
  /** All variables that the started process gets. */
  environment: Readonly<Record<string, string>>;
  /** Absent: Usher's own working folder. */
  cwd?: string;
}

/**
 * Starts the program of one mode.
 *
 * @throws McpServerError it cannot be started, in words that help
 */
export type LaunchProgram = (program: StdioProgram) => Promise<Launch>;

/** What Usher's configuration says of stdio, and what the machine makes of it. */
export interface StdioServers {
  /** What shuts programs in; null: nothing does. */
  readonly mode: StdioMode;
  /** Null where programs may be started; else why not and what to do. */
  readonly unavailable: string | null;
  launch: LaunchProgram;
  /** Tries what the mode needs. @returns what is wrong; empty: all is well */
  check(): Promise<readonly string[]>;
  /** After a server was deleted: so is its working folder. Never throws. */
  forget(serverId: string): Promise<void>;
}
