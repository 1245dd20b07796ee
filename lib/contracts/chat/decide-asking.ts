import type { AskReason } from "@/lib/contracts/servers/tool-policy";
import type { AlwaysAllowEnd, AlwaysAllowPolicy, AskDecision } from "./always-allow";

/** A tool of an assistant in its current form. */
export interface AskingTool {
  /** Null: its calls run without asking, whoever makes them. */
  asks: AskReason | null;
  policy: AlwaysAllowPolicy;
  /** True unless its server declares that it destroys nothing. */
  mayDestroy: boolean;
}

export type AlwaysAllowChoice =
  | { may: true }
  | { may: false; reason: "not_needed" | "unreviewed" | "asks_always" | "destructive" | "off" };

/** Whether a person may choose "Always allow" for it. */
export function mayAlwaysAllow({ asks, policy, mayDestroy }: AskingTool): AlwaysAllowChoice {
  if (asks === null) return { may: false, reason: "not_needed" };
  if (policy === "NONE") return { may: false, reason: "off" };
  if (asks === "policy") return { may: false, reason: "asks_always" };
  if (asks !== "changes_data") return { may: false, reason: "unreviewed" };
  if (policy === "NOT_DESTRUCTIVE" && mayDestroy) return { may: false, reason: "destructive" };
  return { may: true };
}

/** The destination of a person's calls of a tool, and the account they use. */
export interface CalledAccount {
  /** SHA-256 over the server's URL or command, how it authenticates, and whether accounts are shared. */
  endpoint: string;
  /** A different one after each consent and each key. Null: nothing is connected, or the server needs nothing. */
  consentId: string | null;
  /** The provider's name for it. Null: unknown. */
  accountName: string | null;
}

/** What was stored when a person chose "Always allow". */
export interface AlwaysAllowed extends CalledAccount {
  fingerprint: string;
  /** Null: it is still valid. */
  ended: AlwaysAllowEnd | null;
}

/**
 * Whether a call asks its person first. What they always allowed applies to the definition and the account that they
 * saw, while an admin's policy permits it, and to what they do in a browser themselves.
 *
 * @param call.tool null: the assistant does not have it, or it is never to run
 * @param call.allowed this person's, for this tool of this assistant; null: none
 * @param call.signedIn false: the call comes from an API key
 */
export function decideAsking(call: {
  tool: (AskingTool & { fingerprint: string }) | null;
  allowed: AlwaysAllowed | null;
  account: CalledAccount;
  hasAccess: boolean;
  signedIn: boolean;
}): AskDecision {
  const { tool, allowed, account } = call;
  if (tool?.asks === null) return { should: false, reason: "not_needed" };
  if (!allowed) return { should: true, reason: "not_allowed" };
  if (allowed.ended) return { should: true, reason: allowed.ended };
  if (!call.hasAccess) return { should: true, reason: "no_access" };
  if (!tool) return { should: true, reason: "tool_gone" };
  if (tool.fingerprint !== allowed.fingerprint) return { should: true, reason: "tool_changed" };
  if (allowed.endpoint !== account.endpoint) return { should: true, reason: "account_changed" };
  const choice = mayAlwaysAllow(tool);
  if (!choice.may) return { should: true, reason: choice.reason };
  if (allowed.consentId !== null && account.consentId === null) {
    return { should: true, reason: "not_connected" };
  }
  if (!isSameAccount(allowed, account)) return { should: true, reason: "account_changed" };
  if (!call.signedIn) return { should: true, reason: "not_signed_in" };
  return { should: false, reason: "always_allowed" };
}

/** After another consent only the provider's name identifies the account. */
function isSameAccount(one: CalledAccount, other: CalledAccount): boolean {
  if (one.consentId === other.consentId) return true;
  return one.accountName !== null && one.accountName === other.accountName;
}
