import { isStored, storedAccounts } from "@/lib/contracts/connections/connection-standing";
import {
  effectsOfEdit,
  type SecretEffect,
  type StoredServer,
} from "@/lib/contracts/servers/edit-effects";
import type { McpServerDetail, McpServerInput } from "@/lib/contracts/servers/mcp-server";

/** Why each stored secret must be entered again. Null: it is kept, or nothing is stored. */
export type SecretDemands = {
  environment: string | null;
  headers: string | null;
  clientSecret: string | null;
};

/** What the server requires when this is saved, shown as soon as the change is typed. */
export function secretDemands(
  stored: McpServerDetail | null,
  values: McpServerInput,
): SecretDemands {
  const { environment, headers, clientSecret } = effectsOfEdit(stored && ofPage(stored), values);
  return {
    environment: reasonOf(environment),
    headers: reasonOf(headers),
    clientSecret: reasonOf(clientSecret),
  };
}

/** What saving would end that is now connected. */
export type EndedConnection = { what: "keys" | "everything" | "team"; because: string };

/** Null if it would end nothing, or nothing is connected. */
export function endsConnection(
  stored: McpServerDetail | null,
  values: McpServerInput,
): EndedConnection | null {
  if (!stored) return null;
  const { tokens, teamTokens } = effectsOfEdit(ofPage(stored), values);
  const team = stored.teamConnection;
  const hasTeamTokens = team !== null && isStored(team.standing);
  if (!tokens.keep) {
    if (!hasTokens(stored) && !hasTeamTokens) return null;
    const what = stored.connection?.personalKey ? "keys" : "everything";
    return { what, because: tokens.reason };
  }
  return teamTokens.keep || !hasTeamTokens ? null : { what: "team", because: teamTokens.reason };
}

function reasonOf(effect: SecretEffect): string | null {
  return effect.keep ? null : effect.reason;
}

function hasTokens({ people, connection }: McpServerDetail): boolean {
  const shared = connection !== null && isStored(connection.standing);
  return shared || storedAccounts(people) > 0;
}

function ofPage(detail: McpServerDetail): StoredServer {
  return {
    ...detail,
    hasEnvironment: detail.environmentNames.length > 0,
    hasHeaders: detail.headerNames.length > 0,
  };
}
