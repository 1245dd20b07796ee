import type { AuthorizationServer } from "@/demo/authorization-server";
import type { SeenRequest } from "@/demo/authorization-server/request-log";
import type { AppContext } from "@/lib/app/context";
import { beginAuthorization, serverFor } from "@/lib/authorization/begin";
import { completeAuthorization } from "@/lib/authorization/complete";
import { sharedOwnerKey } from "@/lib/contracts/connections/account";
import type { OAuthClientInput } from "@/lib/contracts/servers/oauth-client";
import type { Owner } from "@/lib/db/stored-token-set";
import { ownerKeyOf } from "@/lib/servers/open-endpoint";
import { createServer } from "@/lib/servers/save";
import type { Installation } from "@/tests/support/installation";
import { consent } from "@/tests/support/provider-consent";
import { oauthServerInput } from "@/tests/support/server-input";
import type { Visitor } from "@/tests/support/visitor";

/** A shared account at its own MCP server, whose URL distinguishes its token requests from others'. */
export interface Account {
  owner: Owner;
  resource: string;
  provider: AuthorizationServer;
}

let servers = 0;

/** Registers an MCP server behind the provider and consents to it. */
export async function connect(
  { app }: Installation,
  admin: Visitor,
  provider: AuthorizationServer,
  oauth: Partial<OAuthClientInput> = {},
): Promise<Account> {
  servers += 1;
  const resource = `http://127.0.0.1:9/${servers}`;
  provider.registerResource(resource, `Server ${servers}`);
  const input = oauthServerInput(provider, { name: `Server ${servers}`, url: resource, oauth });
  const account = {
    owner: { serverId: await createServer(app, input), ownerKey: sharedOwnerKey },
    resource,
    provider,
  };
  await consentTo(app, admin, account);
  return account;
}

/** Without the routes, which limit how many authorizations one person starts per minute. */
export async function consentTo(
  app: AppContext,
  { actor }: Visitor,
  { owner: { serverId } }: Account,
  person: "ada" | "grace" = "ada",
): Promise<void> {
  const server = await serverFor(app, actor, serverId);
  const { url, browserCookie } = await beginAuthorization(app, actor, server, {
    ...{ returnTo: "/", ownerKey: ownerKeyOf(server, actor.id) },
  });
  const callbackUrl = await consent({ authorizationUrl: url, person });
  await completeAuthorization(app, actor, {
    parameters: callbackUrl.searchParams,
    cookies: { [browserCookie.name]: browserCookie.value },
  });
}

/** Many of them, a few at a time. */
export async function connectMany(count: number, one: () => Promise<Account>): Promise<Account[]> {
  const accounts: Account[] = [];
  const worker = async () => {
    while (accounts.length < count) {
      const place = accounts.push(null as never) - 1;
      accounts[place] = await one();
    }
  };
  await Promise.all(Array.from({ length: 4 }, worker));
  return accounts;
}

/** The provider's view of this account's refreshes, in order of arrival. */
export function refreshPosts({ provider, resource }: Account): SeenRequest[] {
  return provider.requests.filter(
    ({ path, parameters }) =>
      path === "/token" &&
      parameters.grant_type === "refresh_token" &&
      parameters.resource === resource,
  );
}

/** The refreshes whose token the provider had already seen in an earlier one. */
export function repeatedPosts(account: Account): SeenRequest[] {
  const seen = new Set<string | undefined>();
  return refreshPosts(account).filter(({ parameters: { refresh_token } }) => {
    const repeated = seen.has(refresh_token);
    seen.add(refresh_token);
    return repeated;
  });
}

/** What the provider now says about a token. @see https://www.rfc-editor.org/rfc/rfc7662 */
export async function introspect(
  provider: AuthorizationServer,
  token: string,
): Promise<{ active: boolean; sub?: string; scope?: string }> {
  const { clientId, clientSecret } = provider.introspectionClient;
  const response = await fetch(provider.introspectionEndpoint, {
    method: "POST",
    headers: { authorization: `Basic ${btoa(`${clientId}:${clientSecret}`)}` },
    body: new URLSearchParams({ token }),
  });
  return response.json();
}
