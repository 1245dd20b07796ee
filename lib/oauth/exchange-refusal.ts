import { ProviderError, UsherError } from "@/lib/errors";
import { quoteIn } from "@/lib/oauth/error-response";
import { authorizationServerRules } from "@/lib/oauth/exchange/authorization-server-refusals";
import { identityProviderRules } from "@/lib/oauth/exchange/identity-provider-refusals";
import type {
  ExchangeNames,
  ExchangeRule,
  ExchangeVerdict,
} from "@/lib/oauth/exchange/refusal-rule";
import { classifyRefusal } from "@/lib/oauth/refusal";

/** Who responded: the provider with which people sign in, or the MCP server's authorization server. */
export type ExchangeLeg = "identity_provider" | "authorization_server";

export interface ExchangeRefusal {
  /**
   * - `refused`: an admin changes something, here or there; asking again does not help
   * - `sign_in_again`: the person can change it
   * - `client_refused`: it does not accept Usher's credentials
   * - `outage`: a problem that may pass
   */
  readonly verdict: ExchangeVerdict;
  /** Who is at fault and what to do, in plain words; never contains a secret. */
  readonly reason: string;
  /** The wait that the provider requested; null: none. */
  readonly retryAfterMs: number | null;
}

const rules: Record<ExchangeLeg, readonly ExchangeRule[]> = {
  identity_provider: identityProviderRules,
  authorization_server: authorizationServerRules,
};

/**
 * What a failed exchange of a person's sign-in means. Providers agree on the codes of RFC 6749 §5.2 and little else,
 * so their text counts as well.
 *
 * @see https://www.rfc-editor.org/rfc/rfc8693#section-2.2.2
 */
export function explainExchange(
  error: unknown,
  leg: ExchangeLeg,
  names: ExchangeNames,
): ExchangeRefusal {
  if (!(error instanceof ProviderError)) return outage(error, null);
  const { retryAfterMs } = error;
  if (isNoAnswer(error)) return outage(error, retryAfterMs);
  const told = classifyRefusal(error);
  const rule = rules[leg].find((each) => fits(each, error));
  // Entra and Salesforce also say invalid_grant of what passes; its code alone then says nothing.
  if (!rule?.says && told.reason === "overloaded") return outage(error, retryAfterMs);
  const quote = quoteIn(error);
  if (rule) return { verdict: rule.verdict, reason: rule.reason(names) + quote, retryAfterMs };
  const { verdict } = told;
  if (verdict === "outage") return outage(error, retryAfterMs);
  const who = leg === "identity_provider" ? names.idp : names.server;
  if (verdict === "client_refused" || error.status === 401) {
    const where =
      leg === "identity_provider"
        ? "checks OIDC_CLIENT_ID and OIDC_CLIENT_SECRET"
        : "checks both on the server's page";
    const reason = `${who} does not accept Usher's client ID or client secret. An admin ${where}.`;
    return { verdict: "client_refused", reason: reason + quote, retryAfterMs };
  }
  const status = quote === "" ? ` with status ${error.status}` : "";
  const reason = `${who} refused to exchange the sign-in${status}. Ask an admin to find out from the operators of ${who} what it means.`;
  return { verdict: "refused", reason: reason + quote, retryAfterMs };
}

/** Not a token endpoint's decision: a web page, a limit, a broken server, or no OAuth response at all. */
function isNoAnswer(error: ProviderError): boolean {
  const { verdict, reason } = classifyRefusal({ ...error, error: null, said: null });
  return error.isWebPage || (verdict === "outage" && (reason !== "not_refused" || !error.error));
}

function fits({ codes, says }: ExchangeRule, { error, said }: ProviderError): boolean {
  if (codes && !codes.includes(error?.toLowerCase() ?? "")) return false;
  return !says || says.test((said ?? "").slice(0, 500));
}

function outage(error: unknown, retryAfterMs: number | null): ExchangeRefusal {
  const reason =
    error instanceof UsherError
      ? error.userMessage
      : "The exchange failed within Usher. It tries again later.";
  return { verdict: "outage", reason, retryAfterMs };
}
