import * as z from "zod";
import type { ConnectionCounts, ConnectionView } from "@/lib/contracts/connections/connection";
import { callsWork } from "@/lib/contracts/connections/connection-standing";
import {
  type CatalogueTool,
  type CatalogueView,
  isReadOnly,
  leftOut,
  serverInfo,
  type ToolToChoose,
} from "@/lib/contracts/servers/catalogue";
import { healthOf, type ServerHealth } from "@/lib/contracts/servers/health";
import { sharingOf, startsProgram } from "@/lib/contracts/servers/kinds";
import type {
  McpServerDetail,
  McpServerSummary,
  StdioMode,
} from "@/lib/contracts/servers/mcp-server";
import type { OAuthClientView } from "@/lib/contracts/servers/oauth-client";
import { registrationReason } from "@/lib/contracts/servers/oauth-client";
import { oauthSettings } from "@/lib/contracts/servers/oauth-settings";
import { readSettings, serverSettings } from "@/lib/contracts/servers/settings";
import type { McpServerListRow } from "@/lib/db/lists/mcp-servers";
import type { McpServerPageRow, OAuthClientRow } from "@/lib/db/mcp-server";
import type { ToolCatalogueRow } from "@/lib/db/tool-catalogue";
import { withoutUrlSecrets } from "@/lib/parse-url";
import { programName } from "@/lib/servers/program-name";
import { needsRenewal, type ReadingAccount } from "./catalogue-renewal";

/** What a list says about the viewer's connection; lib/tokens decides how that looks, and passes it in. */
type ListedConnection = Pick<ConnectionView, "standing" | "failedAuthorization">;

/** Whether and how this installation starts programs. */
export interface StdioSituation {
  readonly mode: StdioMode;
  readonly unavailable: string | null;
}

/** Everything here may leave the server: a sealed column is only checked for existence. */
export function viewSummary(
  row: McpServerListRow,
  connection: ListedConnection | null,
): McpServerSummary {
  const health = connection === null ? healthOf(row.health ?? neverAsked) : null;
  return {
    id: row.id,
    name: row.name,
    description: row.description,
    transport: row.transport,
    url: row.url && withoutUrlSecrets(row.url),
    command: row.command,
    program: row.command && programName(row.command, row.args),
    authentication: row.authentication,
    tokenSharing: sharingOf(row),
    toolCount: row.catalogue?.fetchedAt ? row.catalogue.toolCount : null,
    catalogueFetchedAt: row.catalogue?.fetchedAt?.toISOString() ?? null,
    lastError: lastError(connection, row.catalogue, health),
    switchedOffAt: row.switchedOffAt?.toISOString() ?? null,
    standing: connection?.standing ?? null,
    health,
    updatedAt: row.updatedAt.toISOString(),
  };
}

export function viewDetail(
  row: McpServerPageRow,
  people: ConnectionCounts,
  connection: ConnectionView | null,
  stdio: StdioSituation,
  now: Date,
): Omit<McpServerDetail, "accountOwners" | "teamConnection"> {
  const isStdio = startsProgram(row.transport);
  return {
    ...viewSummary(row, connection),
    args: row.args,
    headerSharing: row.headerSharing,
    stdioMode: isStdio ? stdio.mode : null,
    stdioUnavailable: isStdio ? stdio.unavailable : null,
    environmentNames: row.environmentNames,
    headerNames: row.headerNames,
    settings: readSettings(serverSettings, row.settings),
    oauthClient: row.oauthClient && viewOAuthClient(row.oauthClient),
    connection,
    connectionStatus: connection?.status ?? null,
    people,
    catalogue: row.catalogue && viewCatalogue(row.catalogue, row.version),
    toolsDue: toolsDue(row, connection, now),
    assistants: row.assistantServers.map(({ assistant }) => assistant),
    version: row.version,
    createdAt: row.createdAt.toISOString(),
  };
}

const neverAsked = { answeredAt: null, failedAt: null, error: null };

/** What blocks calls comes first. Expiring access is not an error yet. */
function lastError(
  connection: ListedConnection | null,
  catalogue: Pick<ToolCatalogueRow, "lastError"> | null,
  health: ServerHealth | null,
): string | null {
  if (health?.status === "failing") return health.error;
  const { standing, failedAuthorization } = connection ?? {};
  const ofConnection = standing?.status === "expiring" ? null : standing?.reason;
  return failedAuthorization?.reason ?? ofConnection ?? catalogue?.lastError ?? null;
}

export function toolsOf(catalogue: Pick<ToolCatalogueRow, "tools">): CatalogueTool[] {
  // Written by saveCatalogue from what lib/mcp validated; nothing else writes the column.
  return catalogue.tools as unknown as CatalogueTool[];
}

/** What distinguishes one tool from another. Arguments are omitted: they are most of a list. */
export function viewToolChoices(catalogue: Pick<ToolCatalogueRow, "tools"> | null): ToolToChoose[] {
  return (catalogue ? toolsOf(catalogue) : []).map((tool) => ({
    name: tool.name,
    title: tool.title,
    description: tool.description,
    readOnly: isReadOnly(tool),
  }));
}

function viewOAuthClient(row: OAuthClientRow): OAuthClientView {
  return {
    clientId: row.clientId,
    hasClientSecret: row.clientSecretSealed !== null,
    authorizationEndpoint: row.authorizationEndpoint,
    tokenEndpoint: row.tokenEndpoint,
    revocationEndpoint: row.revocationEndpoint,
    issuer: row.issuer,
    tokenEndpointAuthMethod: row.tokenEndpointAuthMethod,
    scope: row.scope,
    tokenSharing: row.tokenSharing,
    grantType: row.grantType,
    extraAuthorizationParameters: row.extraAuthorizationParameters as Record<string, string>,
    resourceIndicator: row.resourceIndicator,
    resource: row.resource,
    issParameterRequired: row.issParameterRequired,
    registrationEndpoint: row.registrationEndpoint,
    s256Confirmed: row.s256Confirmed,
    issuerAlias: row.issuerAlias,
    workingAuthMethod: row.workingAuthMethod,
    ...readSettings(oauthSettings, row.settings),
    registration: row.registration,
    registered: viewRegistered(row),
  };
}

function viewRegistered(row: OAuthClientRow): OAuthClientView["registered"] {
  const because = registrationReason.safeParse(row.registeredBecause);
  if (row.registeredIssuer === null || row.registeredAt === null || !because.success) return null;
  return {
    issuer: row.registeredIssuer,
    at: row.registeredAt.toISOString(),
    because: because.data,
    secretExpiresAt: row.clientSecretExpiresAt?.toISOString() ?? null,
    forgotten: row.registrationForgotten,
  };
}

function viewCatalogue(row: ToolCatalogueRow, serverVersion: number): CatalogueView {
  const info = serverInfo.safeParse(row.serverInfo);
  const left = z.array(leftOut).safeParse(row.leftOut);
  return {
    tools: toolsOf(row),
    leftOut: left.success ? left.data : [],
    serverInfo: info.success ? info.data : null,
    fetchedAt: row.fetchedAt?.toISOString() ?? null,
    fromEarlierSettings: row.fetchedAt !== null && row.serverVersion !== serverVersion,
    lastError: row.lastError,
    lastErrorAt: row.lastErrorAt?.toISOString() ?? null,
  };
}

/** A page reads them once in each state: repeating would fail again. */
function toolsDue(
  row: McpServerPageRow,
  connection: ConnectionView | null,
  now: Date,
): string | null {
  const account = readingAccount(connection);
  // Many servers refuse without a token, so merely viewing the page does not try.
  if (account.state === "missing") return null;
  if (!needsRenewal(row.catalogue, row, account, now).should) return null;
  const { fetchedAt, lastErrorAt } = row.catalogue ?? {};
  return JSON.stringify([row.version, fetchedAt, lastErrorAt, connection?.obtainedAt]);
}

function readingAccount(connection: ConnectionView | null): ReadingAccount {
  if (connection === null) return { state: "not_needed" };
  const { standing, obtainedAt } = connection;
  return obtainedAt !== null && callsWork(standing)
    ? { state: "works", since: new Date(obtainedAt) }
    : { state: "missing" };
}
