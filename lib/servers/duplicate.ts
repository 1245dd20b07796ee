import { randomUUID } from "node:crypto";
import { longestName } from "@/lib/contracts/servers/unique-name";
import { findChosen } from "@/lib/db/accounts/access-grant";
import type { ChangedBy } from "@/lib/db/audit-event";
import type { Database } from "@/lib/db/client";
import {
  findMcpServer,
  insertMcpServer,
  type McpServerColumns,
  type McpServerRow,
  type OAuthClientColumns,
  type OAuthClientRow,
} from "@/lib/db/mcp-server";
import { ConflictError, NotFoundError } from "@/lib/errors";
import type { Keyring } from "@/lib/vault/keyring";
import { noCredentials } from "./credentials";
import { openClientSecret, sealClientSecret } from "./oauth-client";
import { openValues, sealValues } from "./secret-values";
import { serverEvent } from "./server-event";

const mostCopies = 100;

/**
 * A server with the same settings, secrets and access under another name. Accounts, assistants and Usher's own
 * registration stay with the original.
 *
 * @throws NotFoundError it was deleted; ConflictError there are 100 copies
 */
export async function duplicateServer(
  ctx: { db: Database; keyring: Keyring },
  serverId: string,
  by: ChangedBy,
): Promise<{ id: string; name: string }> {
  const row = await findMcpServer(ctx.db, serverId);
  const access = await findChosen(ctx.db, { serverId });
  if (!row || !access) throw new NotFoundError("This MCP server was deleted.");
  const id = randomUUID();
  const columns = copiedColumns(ctx.keyring, row, id);
  const client = row.oauthClient && copiedClient(ctx.keyring, row.oauthClient);
  for (let copy = 1; copy <= mostCopies; copy++) {
    const name = nameOfCopy(row.name, copy);
    const event = serverEvent("server.create", { id, name }, by, { copyOf: serverId });
    const outcome = await insertMcpServer(ctx.db, { ...columns, name }, client, { access, event });
    if (outcome === "saved") return { id, name };
  }
  throw new ConflictError(`There are ${mostCopies} copies of this server. Rename or delete some.`);
}

function nameOfCopy(name: string, copy: number): string {
  const end = copy === 1 ? " copy" : ` copy ${copy}`;
  return name.slice(0, longestName - end.length).trimEnd() + end;
}

/** A sealed box belongs to its row: the copy gets its own boxes. */
function copiedColumns(
  keyring: Keyring,
  row: McpServerRow,
  id: string,
): Omit<McpServerColumns, "name"> {
  const resealed = (column: "environmentSealed" | "headersSealed") =>
    row[column] === null
      ? null
      : sealValues(keyring, id, column, openValues(keyring, row.id, column, row[column]));
  return {
    id,
    ...{ description: row.description, transport: row.transport, url: row.url },
    ...{ command: row.command, args: row.args, settings: row.settings ?? {} },
    ...{ authentication: row.authentication, headerSharing: row.headerSharing },
    ...{ environmentNames: row.environmentNames, headerNames: row.headerNames },
    environmentSealed: resealed("environmentSealed"),
    headersSealed: resealed("headersSealed"),
  };
}

function copiedClient(keyring: Keyring, client: OAuthClientRow): OAuthClientColumns {
  const id = randomUUID();
  const secret = openClientSecret(keyring, client);
  const byHand = client.registration === "PRE_REGISTERED";
  return {
    id,
    ...{ authorizationEndpoint: client.authorizationEndpoint, tokenEndpoint: client.tokenEndpoint },
    ...{ revocationEndpoint: client.revocationEndpoint, issuer: client.issuer },
    ...{ registrationEndpoint: client.registrationEndpoint, issuerAlias: client.issuerAlias },
    ...{ scope: client.scope, tokenSharing: client.tokenSharing, resource: client.resource },
    grantType: client.grantType,
    extraAuthorizationParameters: client.extraAuthorizationParameters ?? {},
    resourceIndicator: client.resourceIndicator,
    issParameterRequired: client.issParameterRequired,
    s256Confirmed: client.s256Confirmed,
    settings: client.settings ?? {},
    ...noCredentials,
    registration: client.registration,
    tokenEndpointAuthMethod: client.tokenEndpointAuthMethod,
    ...(byHand
      ? {
          clientId: client.clientId,
          clientSecretSealed: secret === null ? null : sealClientSecret(keyring, { id }, secret),
          registeredIssuer: client.registeredIssuer,
        }
      : {}),
  };
}
