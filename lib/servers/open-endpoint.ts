import {
  accountOfOwnerKey,
  firstAccount,
  sharedOwnerKey,
  teamAccount,
} from "@/lib/contracts/connections/account";
import { accountUsed, type SharingFacts, sharingOf } from "@/lib/contracts/servers/kinds";
import { oauthSettings } from "@/lib/contracts/servers/oauth-settings";
import {
  readSettings,
  type ServerSettings,
  serverSettings,
} from "@/lib/contracts/servers/settings";
import type { Database } from "@/lib/db/client";
import {
  findServerToCall,
  type ServerToCall,
  type TokensToCall,
} from "@/lib/db/servers/server-to-call";
import { NotFoundError } from "@/lib/errors";
import { ShortLived } from "@/lib/short-lived";
import type { Keyring } from "@/lib/vault/keyring";
import { openValues } from "./secret-values";

export function ownerKeyOf(server: SharingFacts, userId: string): string {
  const sharing = sharingOf(server);
  return sharing !== null && accountUsed(sharing) === "person" ? userId : sharedOwnerKey;
}

/** The part of a server that says whose account its calls use. */
export type AccountsOfServer = SharingFacts & {
  id: string;
  name: string;
  oauthClient: (NonNullable<SharingFacts["oauthClient"]> & { settings: unknown }) | null;
};

/** Whether a person may have a choice: their own accounts, and the team's if it is offered. */
export function hasAccountChoice({ oauthClient }: Pick<AccountsOfServer, "oauthClient">): boolean {
  return oauthClient?.tokenSharing === "PER_USER";
}

/** Both are off if people have no choice, whatever is stored. */
export function accountSettings(server: Pick<AccountsOfServer, "oauthClient">) {
  const mayChoose = hasAccountChoice(server);
  const settings = readSettings(oauthSettings, server.oauthClient?.settings);
  return {
    offersTeamAccount: mayChoose && settings.teamAccount,
    asksEachTime: mayChoose && settings.askWhichAccount,
  };
}

/** Whether this server, as it is now, has accounts of this kind: the team's, first ones, or further ones. */
export function hasAccount(server: AccountsOfServer, ownerKey: string): boolean {
  const isShared = ownerKeyOf(server, "") === sharedOwnerKey;
  switch (accountOfOwnerKey(ownerKey)) {
    case teamAccount:
      return isShared || accountSettings(server).offersTeamAccount;
    case firstAccount:
      return !isShared;
    default:
      return hasAccountChoice(server);
  }
}

/** What lib/mcp needs to reach a server, except the bearer token. Contains unsealed secrets. */
export interface OpenedServer {
  server: ServerToCall["server"];
  endpoint: ReturnType<typeof openSecrets>;
  settings: ServerSettings;
  /** The stored protocol era; null: none. */
  discovery: unknown;
}

export type EndpointCache = ShortLived<OpenedServer>;

/**
 * Drops this process's cached state of a server: the next call reads and connects again. Everything that changes a
 * server or its tokens calls it, so that no caller has to remember.
 * @param ownerKey whose account changed; absent: the server itself did
 */
export type ForgetServer = (serverId: string, ownerKey?: string) => void;

/** How long a change by another replica may go unnoticed, in ms. */
const lifetimeMs = 3000;
const mostEntries = 1000;

export function createEndpointCache(now: () => Date): EndpointCache {
  return new ShortLived({ lifetimeMs, mostEntries, now });
}

/**
 * @param userId whose tokens for the server are read along; if the server is cached, none are read
 * @throws NotFoundError | SealedBoxError
 */
export async function openEndpoint(
  ctx: { db: Database; keyring: Keyring; endpointCache: EndpointCache },
  serverId: string,
  userId = "",
): Promise<OpenedServer & { tokens?: TokensToCall | null }> {
  const cached = ctx.endpointCache.get(serverId);
  if (cached) return cached;
  const ticket = ctx.endpointCache.ticket();
  const found = await findServerToCall(ctx.db, serverId, userId);
  if (!found) throw new NotFoundError("This MCP server was deleted.");
  const { server, discovery, tokens } = found;
  const endpoint = openSecrets(ctx.keyring, server);
  const opened = {
    server,
    endpoint,
    settings: readSettings(serverSettings, server.settings),
    discovery,
  };
  ctx.endpointCache.put(serverId, opened, ticket);
  return { ...opened, tokens };
}

function openSecrets(keyring: Keyring, server: ServerToCall["server"]) {
  switch (server.transport) {
    case "STDIO":
      return {
        transport: server.transport,
        command: server.command ?? "",
        args: server.args,
        environment: openValues(keyring, server.id, "environmentSealed", server.environmentSealed),
      };
    case "SSE":
    case "STREAMABLE_HTTP":
      return {
        transport: server.transport,
        url: server.url ?? "",
        headers: openHeaders(keyring, server),
      };
    default:
      return server.transport satisfies never;
  }
}

function openHeaders(keyring: Keyring, server: ServerToCall["server"]): Record<string, string> {
  switch (server.authentication) {
    case "HEADERS":
      // None are stored if each person has their own: lib/calls adds those.
      return openValues(keyring, server.id, "headersSealed", server.headersSealed);
    case "NONE":
    // lib/calls adds the bearer token to each call.
    case "OAUTH":
      return {};
    default:
      return server.authentication satisfies never;
  }
}
