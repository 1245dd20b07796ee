import { personOfOwnerKey } from "@/lib/contracts/connections/account";
import type { FlowView } from "@/lib/contracts/servers/flow";
import { oauthSettings } from "@/lib/contracts/servers/oauth-settings";
import { readSettings, serverSettings } from "@/lib/contracts/servers/settings";
import { listPersonalKeys, listSealedKeys } from "@/lib/db/accounts/personal-key";
import { findMcpServerPage, type McpServerPageRow } from "@/lib/db/mcp-server";
import { countTokenSets, listTokenSetFacts } from "@/lib/db/stored-token-set";
import { listUserNames } from "@/lib/db/user";
import { doctorResults } from "@/lib/doctor/doctor";
import { type DoctorContext, doctorRun } from "@/lib/doctor/run";
import { NotFoundError } from "@/lib/errors";
import { listFlows } from "@/lib/flows/view";
import type { Log } from "@/lib/log";
import { shownUrl } from "@/lib/oauth/recorded-exchange";
import { openOAuthClient } from "@/lib/servers/oauth-client";
import { openValues } from "@/lib/servers/secret-values";
import { toolsOf } from "@/lib/servers/view";
import { openPersonalKey } from "@/lib/tokens/personal-key";
import { refreshOverview } from "@/lib/tokens/refresh-overview";
import { withoutTokens } from "@/lib/untrusted-text";
import type { Keyring } from "@/lib/vault/keyring";

interface BundleContext extends DoctorContext {
  keyring: Keyring;
  log: Log;
}

const mostAccounts = 50;
const mostSweeps = 50;
const mostToolNames = 200;

/**
 * Everything about one server that helps an outsider to see what is wrong: names instead of
 * values, and no secret. People are numbered, addresses keep their domain.
 */
export async function supportBundle(
  ctx: BundleContext,
  serverId: string,
  version: string,
  requestHeaders: Headers,
) {
  const row = await findMcpServerPage(ctx.db, serverId, "");
  if (!row) throw new NotFoundError("This MCP server was deleted.");
  const [doctor, keys, accounts, count, { flows }, { runs }] = await Promise.all([
    doctorResults(doctorRun(ctx, { requestHeaders, serverId })),
    listPersonalKeys(ctx.db, serverId),
    listTokenSetFacts(ctx.db, serverId, mostAccounts),
    countTokenSets(ctx.db, serverId),
    listFlows(ctx, serverId),
    refreshOverview(ctx),
  ]);
  const names = await listUserNames(
    ctx.db,
    accounts.map(({ ownerKey }) => personOfOwnerKey(ownerKey) ?? ""),
  );
  const people = numbered();
  const bundle = {
    format: "usher-support-bundle/1",
    madeAt: ctx.now().toISOString(),
    usher: { version, node: process.version, platform: process.platform },
    environment: {
      publicUrl: ctx.env.publicUrl,
      selfHosted: ctx.env.selfHosted,
      database: ctx.env.embeddedDatabase ? "embedded" : "external",
      // Names only.
      variablesSet: ctx.env.setVariables,
    },
    doctor,
    server: serverFacts(row),
    oauthClient: row.oauthClient && clientFacts(row.oauthClient),
    accounts: {
      count,
      newest: accounts.map(({ ownerKey, ...facts }) => {
        const person = personOfOwnerKey(ownerKey);
        const owner = person === null ? "shared" : people(names.get(person) ?? person);
        return { owner, ...facts };
      }),
    },
    personalKeys: {
      count: keys.length,
      newest: keys.slice(0, mostAccounts).map(({ user, userId: _, ...facts }) => ({
        ...{ owner: people(user.name), ...facts },
      })),
    },
    catalogue: row.catalogue && catalogueFacts(row.catalogue),
    flows: flows.map((flow) => flowFacts(flow, people)),
    sweeps: runs.slice(0, mostSweeps),
  };
  return scrub(bundle, [...storedSecrets(ctx, row), ...(await enteredKeys(ctx, serverId))]);
}

function serverFacts(row: McpServerPageRow) {
  return {
    id: row.id,
    name: row.name,
    transport: row.transport,
    url: row.url === null ? null : shownUrl(row.url),
    // A command and its arguments may contain secrets.
    commandSet: row.command !== null,
    argumentCount: row.args.length,
    environmentNames: row.environmentNames,
    headerNames: row.headerNames,
    headerSharing: row.headerSharing,
    settings: readSettings(serverSettings, row.settings),
    authentication: row.authentication,
    version: row.version,
    createdAt: row.createdAt,
    updatedAt: row.updatedAt,
  };
}

function clientFacts(client: NonNullable<McpServerPageRow["oauthClient"]>) {
  const urlOf = (url: string | null) => (url === null ? null : shownUrl(url));
  return {
    clientId: client.clientId,
    clientSecretSet: client.clientSecretSealed !== null,
    clientSecretExpiresAt: client.clientSecretExpiresAt,
    authorizationEndpoint: urlOf(client.authorizationEndpoint),
    tokenEndpoint: urlOf(client.tokenEndpoint),
    revocationEndpoint: urlOf(client.revocationEndpoint),
    issuer: urlOf(client.issuer),
    tokenEndpointAuthMethod: client.tokenEndpointAuthMethod,
    scope: client.scope,
    tokenSharing: client.tokenSharing,
    grantType: client.grantType,
    extraAuthorizationParameterNames: Object.keys(
      client.extraAuthorizationParameters as Record<string, string>,
    ),
    resourceIndicator: client.resourceIndicator,
    resource: urlOf(client.resource),
    issParameterRequired: client.issParameterRequired,
    registrationEndpoint: client.registrationEndpoint && shownUrl(client.registrationEndpoint),
    s256Confirmed: client.s256Confirmed,
    issuerAlias: client.issuerAlias,
    workingAuthMethod: client.workingAuthMethod,
    accountPrompt: client.accountPrompt,
    clientRefusedAt: client.clientRefusedAt?.toISOString() ?? null,
    followsServer: client.followsServer,
    settings: readSettings(oauthSettings, client.settings),
    registration: client.registration,
    registeredAt: client.registeredAt,
    registrationForgotten: client.registrationForgotten,
  };
}

function flowFacts({ owner, actor, ...flow }: FlowView, people: (who: string) => string) {
  return {
    ...flow,
    owner: owner === null ? "shared" : people(owner),
    actor: actor === null ? null : people(actor),
  };
}

function catalogueFacts(catalogue: NonNullable<McpServerPageRow["catalogue"]>) {
  const { fetchedAt, ttlMs, lastError, lastErrorAt, serverVersion } = catalogue;
  const tools = toolsOf(catalogue);
  const toolNames = tools.slice(0, mostToolNames).map(({ name }) => name);
  return {
    fetchedAt,
    ttlMs,
    serverVersion,
    toolCount: tools.length,
    toolNames,
    lastError,
    lastErrorAt,
  };
}

/** A person keeps the same number throughout a bundle. */
function numbered(): (who: string) => string {
  const numbers = new Map<string, number>();
  return (who) => {
    const number = numbers.get(who) ?? numbers.size + 1;
    numbers.set(who, number);
    return `person ${number}`;
  };
}

/** In case the server or its provider quoted a stored one. */
function storedSecrets(ctx: BundleContext, row: McpServerPageRow): string[] {
  try {
    const { id, headersSealed, environmentSealed } = row;
    const client = row.oauthClient && openOAuthClient(ctx.keyring, row.oauthClient);
    return [
      ...Object.values(openValues(ctx.keyring, id, "headersSealed", headersSealed)),
      ...Object.values(openValues(ctx.keyring, id, "environmentSealed", environmentSealed)),
      ...(client?.clientSecret ? [client.clientSecret] : []),
    ];
  } catch (error) {
    // A secret that cannot be opened may be what the bundle is about.
    ctx.log.warn({ err: error, serverId: row.id }, "a secret could not be opened for a bundle");
    return [];
  }
}

const mostKeys = 500;

/** Like `storedSecrets`, for what people entered. */
async function enteredKeys(ctx: BundleContext, serverId: string): Promise<string[]> {
  const rows = await listSealedKeys(ctx.db, serverId, mostKeys);
  return rows.flatMap((row) => {
    try {
      return Object.values(openPersonalKey(ctx.keyring, row));
    } catch (error) {
      ctx.log.warn({ err: error, serverId }, "a key could not be opened for a bundle");
      return [];
    }
  });
}

const ADDRESS = /[\p{L}\p{N}.!#$%&'*+/=?^_`{|}~-]+@([\p{L}\p{N}-]+(?:\.[\p{L}\p{N}-]+)+)/gu;
const IDENTIFIER = /\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b/g;

/**
 * The same value with every text in it sanitized: e-mail addresses keep only their domain, the
 * secrets stored for the server are removed, and so is anything that looks like a token. It is the
 * last of several layers: the content of a bundle contains none of these in the first place.
 */
export function scrub<Value>(value: Value, secrets: readonly string[]): Value {
  return walk(
    value,
    secrets.filter((secret) => secret.length >= 4),
  ) as Value;
}

function walk(value: unknown, secrets: readonly string[]): unknown {
  if (typeof value === "string") return cleanText(value, secrets);
  if (Array.isArray(value)) return value.map((each) => walk(each, secrets));
  if (typeof value !== "object" || value === null || value instanceof Date) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, each]) => [cleanText(name, secrets), walk(each, secrets)]),
  );
}

function cleanText(text: string, secrets: readonly string[]): string {
  let shown = text;
  for (const secret of secrets) shown = shown.replaceAll(secret, "…");
  shown = shown.replace(ADDRESS, "…@$1");
  // Ids of this installation and the flow differ from tokens in form.
  const parts = shown.split(IDENTIFIER);
  const ids = shown.match(IDENTIFIER) ?? [];
  return parts.map((part, index) => withoutTokens(part) + (ids[index] ?? "")).join("");
}
