import type { ConnectionSummary, PersonalKeyView } from "@/lib/contracts/connections/connection";
import {
  type ConnectionFacts,
  shortStatus,
  standingOf,
} from "@/lib/contracts/connections/connection-standing";
import {
  type PersonalHeader,
  personalHeadersOf,
  sameName,
} from "@/lib/contracts/servers/personal-headers";
import { readSettings, serverSettings } from "@/lib/contracts/servers/settings";
import type { PersonalKeyOwner, PersonalKeyRow } from "@/lib/db/accounts/personal-key";
import type { ConnectedServerRow } from "@/lib/db/lists/mcp-servers";
import type { Keyring } from "@/lib/vault/keyring";
import { open, type Sealed, type SealedPlace, seal } from "@/lib/vault/sealed-box";

/** Values by header name, unsealed. Lives only in memory. */
export type PersonalValues = Readonly<Record<string, string>>;

/** The only place where people's keys are sealed. */
export function sealPersonalKey(
  keyring: Keyring,
  owner: PersonalKeyOwner,
  values: PersonalValues,
): Sealed {
  return seal(keyring, JSON.stringify(values), personalKeyPlace(owner));
}

/** The only place where people's keys are opened. @throws SealedBoxError */
export function openPersonalKey(
  keyring: Keyring,
  row: PersonalKeyOwner & Pick<PersonalKeyRow, "valuesSealed">,
): PersonalValues {
  return JSON.parse(open(keyring, row.valuesSealed, personalKeyPlace(row)));
}

/** Bound to its owner and its server; see `tokenPlace`. */
export function personalKeyPlace({ serverId, userId }: PersonalKeyOwner): SealedPlace {
  return { table: "PersonalKey", column: "valuesSealed", rowId: `${serverId}/${userId}` };
}

/** The headers that a server asks each person for. */
export function askedHeaders(server: Pick<ConnectedServerRow, "settings">): PersonalHeader[] {
  return personalHeadersOf(readSettings(serverSettings, server.settings));
}

type KeyFacts = Pick<PersonalKeyRow, "headerNames" | "savedAt" | "rejectedAt" | "rejectedReason">;

/** The headers that this key has no value for. */
export function missingHeaders(
  headers: readonly PersonalHeader[],
  key: Pick<KeyFacts, "headerNames"> | null,
): PersonalHeader[] {
  const given = key?.headerNames ?? [];
  return headers.filter(({ name }) => !given.some((each) => sameName(each, name)));
}

/** What `standingOf` needs. A key that lacks a header counts as ended, like one that was refused. */
export function personalKeyFacts(
  headers: readonly PersonalHeader[],
  key: KeyFacts,
): ConnectionFacts {
  const missing = missingHeaders(headers, key).map(({ name }) => name);
  const isMissing = missing.length > 0;
  return {
    expiresAt: null,
    refreshable: false,
    rejectedAt: isMissing ? key.savedAt : key.rejectedAt,
    refreshFailures: 0,
    nextRefreshAt: null,
    lastRefreshError: isMissing
      ? `The server now asks for ${missing.join(", ")} as well.`
      : key.rejectedReason,
    lastRefreshErrorAt: null,
    failsAlone: false,
  };
}

type Row = Pick<ConnectedServerRow, "settings" | "url" | "version" | "personalKeys">;

/** A person's state at a server that asks each for a key. */
export function viewPersonalKey(row: Row, userId: string, now: Date): ConnectionSummary {
  const key = row.personalKeys.find((each) => each.userId === userId) ?? null;
  const headers = askedHeaders(row);
  const standing = standingOf(key && personalKeyFacts(headers, key), now);
  return {
    standing,
    status: shortStatus(standing),
    ...{ expiresAt: null, refreshable: false, noRefreshToken: null },
    lastRefreshError: standing.reason,
    scope: null,
    obtainedAt: key?.savedAt.toISOString() ?? null,
    lastUsedAt: key?.lastUsedAt?.toISOString() ?? null,
    failedAuthorization: null,
    accountName: key?.accountName ?? null,
    otherAccount: null,
    personalKey: keyView(row, headers, key),
  };
}

function keyView(
  row: Row,
  headers: readonly PersonalHeader[],
  key: KeyFacts | null,
): PersonalKeyView {
  const { keyInstructions, keyUrl } = readSettings(serverSettings, row.settings);
  const missing = missingHeaders(headers, key);
  return {
    headers: headers.map((header) => ({ ...header, given: !missing.includes(header) })),
    instructions: keyInstructions,
    url: keyUrl,
    sentTo: row.url === null ? "" : new URL(row.url).origin,
    serverVersion: row.version,
  };
}
