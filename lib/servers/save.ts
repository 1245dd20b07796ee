import { randomUUID } from "node:crypto";
import {
  argsOf,
  type EditEffects,
  effectsOfEdit,
  headerSharingOf,
  type StoredServer,
} from "@/lib/contracts/servers/edit-effects";
import { extraParametersIn } from "@/lib/contracts/servers/extra-parameters";
import { startsProgram, storedCredential } from "@/lib/contracts/servers/kinds";
import type { McpServerInput } from "@/lib/contracts/servers/mcp-server";
import { oauthSettings } from "@/lib/contracts/servers/oauth-settings";
import { parseEnvironment } from "@/lib/contracts/servers/secret-lines";
import { readSettings, serverSettings, settingsToStore } from "@/lib/contracts/servers/settings";
import type { ChosenAccess } from "@/lib/db/accounts/access-grant";
import type { ChangedBy } from "@/lib/db/audit-event";
import type { Database } from "@/lib/db/client";
import {
  findMcpServer,
  insertMcpServer,
  type McpServerColumns,
  type McpServerRow,
  type OAuthClientColumns,
  type OAuthClientRow,
  updateMcpServer,
} from "@/lib/db/mcp-server";
import { ConflictError, InvalidInputError, NotFoundError } from "@/lib/errors";
import type { Keyring } from "@/lib/vault/keyring";
import type { Sealed } from "@/lib/vault/sealed-box";
import { credentialColumns, type Edit } from "./credentials";
import { checkPersonalHeaders, headersColumns } from "./header-columns";
import { keptResource } from "./oauth-client";
import type { ForgetServer } from "./open-endpoint";
import { sealValues } from "./secret-values";
import { decisions, serverEvent } from "./server-event";
import { type ServerRules, serverProblems } from "./validate";

export interface SaveContext {
  db: Database;
  keyring: Keyring;
  rules: ServerRules;
}

export interface UpdateContext extends SaveContext {
  now: () => Date;
  forget: ForgetServer;
}

/**
 * @param access omitted: it is for everyone
 * @throws InvalidInputError by field; nothing is saved then
 */
export async function createServer(
  ctx: SaveContext,
  input: McpServerInput,
  { access, by }: { access?: ChosenAccess | undefined; by?: ChangedBy } = {},
): Promise<string> {
  const { columns, client } = prepare(ctx, input, null);
  const event = serverEvent("server.create", columns, by, decisions(input));
  const outcome = await insertMcpServer(ctx.db, columns, client, { access, event });
  if (outcome === "name_taken") throw nameTaken();
  return columns.id;
}

/** @returns whether the stored tokens were dropped, as they belonged to the previous settings */
export async function updateServer(
  ctx: UpdateContext,
  serverId: string,
  input: McpServerInput,
  by?: ChangedBy,
): Promise<{ droppedTokens: boolean }> {
  const existing = await findMcpServer(ctx.db, serverId);
  if (!existing) throw new NotFoundError("This MCP server was deleted.");
  if (input.version !== null && input.version !== existing.version) throw changedMeanwhile();
  const { columns, client, effects } = prepare(ctx, input, existing);
  const dropTokens = !effects.tokens.keep;
  const ends = dropTokens ? "all" : effects.teamTokens.keep ? "none" : "team";
  const details = { droppedTokens: dropTokens, ...decisions(input) };
  const event = serverEvent("server.change", columns, by, details);
  const edit = { expectedVersion: existing.version, ends, at: ctx.now(), event } as const;
  const outcome = await updateMcpServer(ctx.db, edit, columns, client);
  if (outcome === "name_taken") throw nameTaken();
  if (outcome === "changed_meanwhile") throw changedMeanwhile();
  ctx.forget(serverId);
  return { droppedTokens: dropTokens };
}

/** What saving would refuse, without saving. @throws InvalidInputError by field */
export function checkServer(
  ctx: Pick<SaveContext, "keyring" | "rules">,
  input: McpServerInput,
  existing: McpServerRow | null,
): void {
  prepare(ctx, input, existing);
}

interface Prepared {
  columns: McpServerColumns;
  client: OAuthClientColumns | null;
  effects: EditEffects;
}

function prepare(
  ctx: Pick<SaveContext, "keyring" | "rules">,
  input: McpServerInput,
  existing: McpServerRow | null,
): Prepared {
  const problems = serverProblems(input, ctx.rules);
  const effects = effectsOfEdit(existing && storedServerOf(existing), input);
  const id = existing?.id ?? randomUUID();
  const isStdio = startsProgram(input.transport);
  const headers = headersColumns(ctx.keyring, id, input, { existing, effects, problems });
  const environment = environmentColumns(ctx.keyring, id, input, { existing, effects, problems });
  const client = clientColumns(ctx.keyring, input, { existing, effects, problems });
  const settings = settingsToStore(serverSettings, existing?.settings, input.settings);
  checkPersonalHeaders(input, existing, settings, problems);
  if (Object.keys(problems).length > 0) throw new InvalidInputError(problems);
  return {
    columns: {
      id,
      name: input.name,
      description: input.description,
      transport: input.transport,
      url: isStdio ? null : input.url,
      command: isStdio ? input.command : null,
      args: isStdio ? argsOf(input) : [],
      authentication: input.authentication,
      headerSharing: headerSharingOf(existing, input),
      settings,
      ...headers,
      ...environment,
    },
    client,
    effects,
  };
}

export function storedServerOf(row: McpServerRow): StoredServer {
  const { oauthClient: client } = row;
  return {
    ...row,
    hasEnvironment: row.environmentSealed !== null,
    hasHeaders: row.headersSealed !== null,
    oauthClient: client && {
      ...client,
      ...readSettings(oauthSettings, client.settings),
      hasClientSecret: client.clientSecretSealed !== null,
    },
  };
}

function environmentColumns(
  keyring: Keyring,
  serverId: string,
  input: McpServerInput,
  { existing, effects, problems }: Edit,
): { environmentNames: string[]; environmentSealed: Sealed | null } {
  const none = { environmentNames: [], environmentSealed: null };
  if (!startsProgram(input.transport)) return none;
  const parsed = parseEnvironment(input.environment);
  if (!parsed.ok) {
    problems.environment = parsed.problem;
    return none;
  }
  const names = Object.keys(parsed.values);
  if (names.length > 0) {
    const environmentSealed = sealValues(keyring, serverId, "environmentSealed", parsed.values);
    return { environmentNames: names, environmentSealed };
  }
  const decision = effects.environment;
  if (decision.keep && existing) {
    return {
      environmentNames: existing.environmentNames,
      environmentSealed: existing.environmentSealed as Sealed | null,
    };
  }
  if (!decision.keep && decision.reason) problems.environment = decision.reason;
  return none;
}

function clientColumns(
  keyring: Keyring,
  input: McpServerInput,
  edit: Edit,
): OAuthClientColumns | null {
  const { existing } = edit;
  if (storedCredential(input) !== "oauth-client") return null;
  const { oauth } = input;
  const id = existing?.oauthClient?.id ?? randomUUID();
  return {
    id,
    authorizationEndpoint: oauth.authorizationEndpoint,
    tokenEndpoint: oauth.tokenEndpoint,
    revocationEndpoint: oauth.revocationEndpoint || null,
    issuer: oauth.issuer || null,
    scope: oauth.scope || null,
    tokenSharing: oauth.tokenSharing,
    grantType: oauth.grantType,
    extraAuthorizationParameters: extraParametersIn(oauth.extraAuthorizationParameters),
    resourceIndicator: oauth.resourceIndicator,
    resource: oauth.resource === undefined ? keptResource(input, existing) : oauth.resource || null,
    issParameterRequired:
      oauth.issParameterRequired ?? existing?.oauthClient?.issParameterRequired ?? false,
    settings: settingsToStore(oauthSettings, existing?.oauthClient?.settings, oauth),
    registrationEndpoint:
      oauth.registrationEndpoint === undefined
        ? (existing?.oauthClient?.registrationEndpoint ?? null)
        : oauth.registrationEndpoint || null,
    s256Confirmed: oauth.s256Confirmed ?? existing?.oauthClient?.s256Confirmed ?? false,
    issuerAlias: acceptedAlias(oauth, existing?.oauthClient ?? null),
    ...credentialColumns(keyring, id, input, edit),
  };
}

/** For one issuer: with another one the acceptance has ended. */
function acceptedAlias(
  { issuer, issuerAlias, issuerAccepted }: McpServerInput["oauth"],
  stored: Pick<OAuthClientRow, "issuer" | "issuerAlias"> | null,
): string | null {
  if (issuerAlias !== undefined) return issuerAccepted ? issuerAlias || null : null;
  return stored?.issuer === (issuer || null) ? (stored?.issuerAlias ?? null) : null;
}

function nameTaken(): InvalidInputError {
  return new InvalidInputError({ name: "Another MCP server has this name. Choose another." });
}

function changedMeanwhile(): ConflictError {
  return new ConflictError(
    "Somebody else changed this server while you edited it. Reload the page to see their change, then make yours again.",
  );
}
