import { isStored } from "@/lib/contracts/connections/connection-standing";
import type { McpServerDetail } from "@/lib/contracts/servers/mcp-server";

/** What comes next on the way from a saved server to a tool's answer. */
export type NextStep =
  /** Someone has to sign in at the provider, or enter a key, before the tools can be read. */
  "connect" | "reading" | "add-to-assistant";

export type NextStepFacts = Pick<
  McpServerDetail,
  "connection" | "catalogue" | "toolsDue" | "tokenSharing" | "switchedOffAt"
> & {
  /** An array, of which only the length matters. */
  assistants: readonly unknown[];
};

/**
 * Null if nothing is left to do, or if a problem has to be solved first, which is shown elsewhere on
 * the page.
 *
 * @param reading the tools are being read right now
 */
export function nextStep(server: NextStepFacts, reading: boolean): NextStep | null {
  if (server.switchedOffAt !== null) return null;
  const { connection, catalogue, toolsDue, tokenSharing, assistants } = server;
  const hasTools = (catalogue?.tools.length ?? 0) > 0;
  const missing = connection !== null && !isStored(connection.standing);
  // If each person connects, tools that were read without a token are enough for an admin.
  if (missing && (tokenSharing === "SHARED" || !hasTools)) return "connect";
  if (reading || (toolsDue !== null && !hasTools)) return hasTools ? null : "reading";
  return hasTools && assistants.length === 0 ? "add-to-assistant" : null;
}
