/** What an exchange of somebody's sign-in failed for, and so who can change that. */
export type ExchangeVerdict = "refused" | "sign_in_again" | "client_refused" | "outage";

export interface ExchangeNames {
  /** The identity provider, as people know it. */
  idp: string;
  /** The host of the MCP server's authorization server, or of the MCP server. */
  server: string;
}

/** One refusal that is understood; the first one of a list that fits counts. */
export interface ExchangeRule {
  /** Absent: any code, and none. */
  readonly codes?: readonly string[];
  /** Of the description. Absent: whatever it says. */
  readonly says?: RegExp;
  readonly verdict: ExchangeVerdict;
  readonly reason: (names: ExchangeNames) => string;
}
