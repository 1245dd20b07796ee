import { readAuthorizationServer } from "@/lib/oauth/authorization-server-metadata";
import {
  authorizationServerUrls,
  type FetchDocument,
  fetchMetadata,
} from "@/lib/oauth/metadata-document";
import { listOf, textOf } from "@/lib/oauth/parameters";
import { parseUrl } from "@/lib/parse-url";

/** Where an authorization server says whose account a token belongs to, and how it lets people choose one. */
export interface AccountEndpoints {
  userinfo: string | null;
  introspection: string | null;
  /** What to send as `prompt`; null: unknown. */
  accountPrompt: "select_account" | "login" | null;
}

const nothing: AccountEndpoints = { userinfo: null, introspection: null, accountPrompt: null };

/**
 * Read from the issuer's metadata, if they belong to the server that issued the tokens.
 *
 * @throws UnreachableError | OutboundRefusedError from the given fetch
 * @see https://openid.net/specs/openid-connect-discovery-1_0.html#ProviderMetadata
 * @see https://openid.net/specs/openid-connect-prompt-create-1_0.html `prompt_values_supported`
 */
export async function accountEndpoints(
  client: { issuer: string | null; tokenEndpoint: string },
  fetch: FetchDocument,
): Promise<AccountEndpoints> {
  const { issuer, tokenEndpoint } = client;
  if (issuer === null) return nothing;
  let found = nothing;
  for (const { url } of authorizationServerUrls(issuer)) {
    const document = await fetchMetadata(url, fetch);
    if (!document.found) continue;
    const { parameters } = document;
    const read = readAuthorizationServer(parameters, issuer);
    if (!read.ok || read.server.tokenEndpoint !== tokenEndpoint) continue;
    const prompts = listOf(parameters, "prompt_values_supported") ?? [];
    const told = (["select_account", "login"] as const).find((each) => prompts.includes(each));
    found = {
      userinfo: found.userinfo ?? urlIn(textOf(parameters, "userinfo_endpoint")),
      introspection: found.introspection ?? urlIn(textOf(parameters, "introspection_endpoint")),
      accountPrompt: found.accountPrompt ?? told ?? null,
    };
  }
  return found;
}

function urlIn(text: string | null): string | null {
  return text !== null && /^https?:$/.test(parseUrl(text)?.protocol ?? "") ? text : null;
}
