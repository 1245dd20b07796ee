import { parseExtraParameters } from "@/lib/contracts/servers/extra-parameters";
import { startsProgram, storedCredential } from "@/lib/contracts/servers/kinds";
import type { McpServerInput } from "@/lib/contracts/servers/mcp-server";
import { checkUrl, type OutboundPolicy } from "@/lib/net/policy";
import { parseUrl, secretParameters } from "@/lib/parse-url";

/** What the browser cannot know: where this installation may connect, and whether it can start programs. */
export interface ServerRules {
  outboundPolicy: OutboundPolicy;
  /** Why stdio does not work; null: it does. */
  stdioUnavailable: string | null;
}

/** Dotted field path → what is wrong and how to fix it. Empty: valid. */
export function serverProblems(input: McpServerInput, rules: ServerRules): Record<string, string> {
  const problems: Record<string, string> = {};
  if (startsProgram(input.transport)) {
    if (rules.stdioUnavailable) problems.transport = rules.stdioUnavailable;
    return problems;
  }
  const checkField = (field: string, value: string) => {
    if (value === "") return;
    const decision = checkUrl(value, rules.outboundPolicy);
    if (!decision.allowed) problems[field] = decision.userMessage;
    else if (decision.url.hash !== "") {
      problems[field] = "Leave out the part from # on: it is never sent to a server.";
    } else {
      const [secret] = secretParameters(decision.url);
      if (secret) problems[field] = secretInUrl(field, secret.name);
    }
  };
  checkField("url", input.url);
  if (storedCredential(input) !== "oauth-client") return problems;
  const { oauth } = input;
  checkField("oauth.authorizationEndpoint", oauth.authorizationEndpoint);
  checkField("oauth.tokenEndpoint", oauth.tokenEndpoint);
  checkField("oauth.revocationEndpoint", oauth.revocationEndpoint);
  checkField("oauth.issuer", oauth.issuer);
  checkField("oauth.registrationEndpoint", oauth.registrationEndpoint ?? "");
  checkField("oauth.refreshEndpoint", oauth.refreshEndpoint ?? "");
  if (oauth.resource && (!parseUrl(oauth.resource) || oauth.resource.includes("#"))) {
    problems["oauth.resource"] =
      "Enter an absolute URI without a # (RFC 8707), or leave it empty to send the server's URL.";
  }
  const extra = parseExtraParameters(oauth.extraAuthorizationParameters);
  if (!extra.ok) problems["oauth.extraAuthorizationParameters"] = extra.problem;
  return problems;
}

function secretInUrl(field: string, name: string): string {
  const shown = name.slice(0, 60);
  return field === "url"
    ? `Take “${shown}” out of the URL: it looks like a secret, and an address is shown and logged. Choose Headers under Authentication and send it there, such as X-Api-Key or Authorization.`
    : `Take “${shown}” out of this URL: it looks like a secret, and an address is shown and logged.`;
}
