/** Why an exchange of a person's sign-in failed, and so who can change that. */
export type ExchangeVerdict = "refused" | "sign_in_again" | "client_refused" | "outage";

export interface ExchangeNames {
  /** The identity provider, by its name for people. */
  idp: string;
  /** The host of the MCP server's authorization server, or of the MCP server. */
  server: string;
}

/** One recognized refusal; the first matching one in a list counts. */
export interface ExchangeRule {
  /** Absent: any code, and none. */
  readonly codes?: readonly string[];
  /** In the description. Absent: whatever it says. */
  readonly says?: RegExp;
  readonly verdict: ExchangeVerdict;
  readonly reason: (names: ExchangeNames) => string;
}
