import type { Tone } from "@/components/ui/badge";
import type { FlowOutcome, FlowStepKind, FlowView } from "@/lib/contracts/servers/flow";

export const flowNames: Record<FlowView["kind"], string> = {
  AUTHORIZATION: "Authorization",
  REFRESH: "Refresh",
  REVOCATION: "Revocation",
  REGISTRATION: "Registration",
  STEP_UP: "More permissions asked for",
};

export const outcomeBadges: Record<FlowOutcome, { words: string; tone: Tone }> = {
  succeeded: { words: "Succeeded", tone: "success" },
  waiting: { words: "Waiting", tone: "info" },
  unfinished: { words: "Not finished", tone: "neutral" },
  refused: { words: "Refused", tone: "danger" },
  retrying: { words: "Not over yet", tone: "warning" },
  failed: { words: "Failed", tone: "danger" },
};

export const stepNames: Record<FlowStepKind, string> = {
  registration: "Registering Usher as a client",
  authorization_request: "The browser was sent to the provider",
  authorization_response: "The browser came back",
  code_exchange: "Exchanging the code for tokens",
  refresh: "Renewing the access token",
  revocation: "Revoking a token",
  challenge: "The MCP server refused a call",
};

/** What it came to and what to do, where the server tells no more. */
export function flowSummary({ kind, outcome, reason, steps }: FlowView): string {
  if (reason) return reason;
  if (outcome === "waiting") {
    return "The person is at the provider. Usher waits 10 minutes for them to come back.";
  }
  if (outcome === "unfinished") {
    return "Nobody came back from the provider within 10 minutes. Authorize again; if the provider shows an error there, check the client ID and the callback URL.";
  }
  switch (kind) {
    case "AUTHORIZATION":
      return `Connected. ${lifetime(steps)}`;
    case "REFRESH":
      return `A new access token is stored. ${lifetime(steps)}`;
    case "REGISTRATION":
      return "The provider knows Usher as a client now. There is nothing to do.";
    default:
      return "There is nothing to do.";
  }
}

function lifetime(steps: FlowView["steps"]): string {
  const fields = steps.at(-1)?.answer?.fields ?? [];
  const seconds = Number(fields.find(({ name }) => name === "expires_in")?.value ?? Number.NaN);
  if (!Number.isFinite(seconds)) return "The provider told no lifetime.";
  return `It lives for ${seconds < 120 ? `${seconds} seconds` : inWords(seconds / 60)}.`;
}

function inWords(minutes: number): string {
  if (minutes < 120) return `${Math.round(minutes)} minutes`;
  if (minutes < 48 * 60) return `${Math.round(minutes / 60)} hours`;
  return `${Math.round(minutes / 60 / 24)} days`;
}

/** Whose account, and who or what began it. */
export function flowPeople({ owner, actor, trigger }: FlowView): string {
  const account = owner === null ? "Shared account" : `${owner}’s account`;
  if (trigger === "sweep") return `${account} · by the sweep`;
  if (trigger === "call") return `${account} · for a tool call`;
  return actor === null || actor === owner ? account : `${account} · by ${actor}`;
}
