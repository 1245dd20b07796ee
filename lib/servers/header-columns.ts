import { headerSharingOf } from "@/lib/contracts/servers/edit-effects";
import { asksForKeys, storedCredential } from "@/lib/contracts/servers/kinds";
import type { McpServerInput } from "@/lib/contracts/servers/mcp-server";
import { parseHeaders } from "@/lib/contracts/servers/secret-lines";
import {
  changedSettings,
  readSettings,
  type ServerSettings,
  serverSettings,
} from "@/lib/contracts/servers/settings";
import type { McpServerRow } from "@/lib/db/mcp-server";
import type { Keyring } from "@/lib/vault/keyring";
import type { Sealed } from "@/lib/vault/sealed-box";
import type { Edit } from "./credentials";
import { sealValues } from "./secret-values";

/** If people are asked for keys, at least one header has a name. */
export function checkPersonalHeaders(
  input: McpServerInput,
  existing: McpServerRow | null,
  settings: Partial<ServerSettings>,
  problems: Edit["problems"],
): void {
  if (!asksForKeysAfter(existing, input) || settings.personalHeaders) return;
  problems["settings.personalHeaders"] =
    "Name at least one header, such as X-Api-Key or Authorization: Bearer.";
}

function asksForKeysAfter(existing: McpServerRow | null, input: McpServerInput): boolean {
  return asksForKeys({ ...input, headerSharing: headerSharingOf(existing, input) });
}

/** The sealed headers that all calls send; none if each person has their own. */
export function headersColumns(
  keyring: Keyring,
  serverId: string,
  input: McpServerInput,
  { existing, effects, problems }: Edit,
): { headerNames: string[]; headersSealed: Sealed | null } {
  const none = { headerNames: [], headersSealed: null };
  if (storedCredential(input) !== "headers") return none;
  if (asksForKeysAfter(existing, input)) {
    if (input.headers.trim() !== "") {
      problems.headers = "Leave this empty: each person enters their own values.";
    }
    return none;
  }
  const parsed = parseHeaders(input.headers);
  if (!parsed.ok) {
    problems.headers = parsed.problem;
    return none;
  }
  const names = Object.keys(parsed.values);
  if (names.length > 0) {
    const headersSealed = sealValues(keyring, serverId, "headersSealed", parsed.values);
    return { headerNames: names, headersSealed };
  }
  const decision = effects.headers;
  if (decision.keep && existing) {
    return {
      headerNames: existing.headerNames,
      headersSealed: existing.headersSealed as Sealed | null,
    };
  }
  problems.headers =
    (decision.keep ? null : decision.reason) ?? "Enter at least one header, as Name: value.";
  return none;
}

/** What an admin set in this save: whether people are asked for keys, and what differs from the defaults. */
export function settingsForAudit(input: McpServerInput) {
  const { headerSharing, settings } = input;
  const changed = changedSettings(serverSettings, readSettings(serverSettings, settings));
  return {
    ...(storedCredential(input) === "headers" && headerSharing ? { headerSharing } : {}),
    ...changed,
  };
}
