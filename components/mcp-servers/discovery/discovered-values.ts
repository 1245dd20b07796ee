import { newOAuthClient } from "@/components/mcp-servers/form/server-form-values";
import {
  grantTypeNames,
  registrationNames,
  tokenEndpointAuthMethodNames,
} from "@/components/mcp-servers/registration-words";
import { authenticationNames, tokenSharingNames } from "@/components/mcp-servers/server-words";
import type { DiscoveredSettings } from "@/lib/contracts/servers/discovery";
import type { AuthenticationType } from "@/lib/contracts/servers/kinds";
import type { McpServerInput } from "@/lib/contracts/servers/mcp-server";
import type { OAuthClientInput } from "@/lib/contracts/servers/oauth-client";

/** The part of the form that a discovery may change. */
export type FoundPart = Pick<McpServerInput, "authentication" | "oauth">;

/** What a discovery changed: enough to undo it, and to distinguish it from typed values. */
export type Filled = { before: FoundPart; after: FoundPart };

/** A typed value, kept although another one was found. */
export type KeptValue = { label: string; own: string; found: string };

const labels = {
  issuer: "Issuer",
  authorizationEndpoint: "Authorization URL",
  tokenEndpoint: "Token URL",
  revocationEndpoint: "Revocation URL",
  registration: "Registration",
  tokenEndpointAuthMethod: "Client authentication",
  scope: "Scopes",
  extraAuthorizationParameters: "Extra authorization parameters",
  resource: "Resource",
  issParameterRequired: "Issuer in responses",
  grantType: "Grant type",
  tokenSharing: "Token Sharing",
} as const;

type Setting = keyof typeof labels;
type Settings = Required<Pick<OAuthClientInput, Setting>>;

const settings = Object.keys(labels) as Setting[];
/** All from one provider: half of them from another would be useless. */
const addresses: readonly Setting[] = [
  "issuer",
  "authorizationEndpoint",
  "tokenEndpoint",
  "revocationEndpoint",
];

/** One follows from the other, so choosing one means choosing both. */
const grant: readonly Setting[] = ["grantType", "tokenSharing"];

/**
 * Fills in what was found. Typed or stored values stay, and are listed beside what was found;
 * if that is a URL, nothing in the section changes.
 *
 * @param earlier what an earlier discovery has filled in, which no one typed
 */
export function fillIn(
  form: McpServerInput,
  discovered: DiscoveredSettings,
  earlier: Filled | null,
  hasStoredHeaders: boolean,
): { after: FoundPart; kept: KeptValue[] } {
  const found = settingsFound(discovered);
  const now = { ...newOAuthClient, ...form.oauth } as Settings;
  const isChosen = grant.some((name) => isOwn(name, form.oauth, earlier));
  const own = settings.filter((name) =>
    grant.includes(name) ? isChosen : isOwn(name, form.oauth, earlier),
  );
  // If people can consent, every kind of sharing is possible.
  const isOpen = (name: Setting) => grant.includes(name) && discovered.grantType === undefined;
  const kept = own.filter(
    (name) => !isOpen(name) && !isNothing(found[name]) && !isSame(now[name], found[name]),
  );
  let open = settings.filter((name) => !own.includes(name));
  if (kept.some((name) => addresses.includes(name))) open = [];
  // The discovered method is useless for a client of another kind.
  if (kept.includes("registration")) {
    open = open.filter((name) => name !== "tokenEndpointAuthMethod");
  }
  const keepsHeaders = hasOwnHeaders(form, hasStoredHeaders);
  return {
    after: {
      authentication: keepsHeaders ? "HEADERS" : "OAUTH",
      oauth: {
        ...form.oauth,
        ...pick(found, open),
        ...(open.includes("issuer") ? wordsWanted(discovered) : {}),
      },
    },
    kept: [
      ...(keepsHeaders ? [keptAuthentication("HEADERS", "OAUTH")] : []),
      ...kept.map((name) => ({
        label: labels[name],
        own: inWords(name, now),
        found: inWords(name, found),
      })),
    ],
  };
}

/** The same, for a server that needs no sign-in. */
export function fillInOpen(
  form: McpServerInput,
  earlier: Filled | null,
  hasStoredHeaders: boolean,
): { after: FoundPart; kept: KeptValue[] } {
  const { authentication, oauth } = form;
  const ownClient =
    oauth.clientId.trim() !== "" || settings.some((name) => isOwn(name, oauth, earlier));
  const own = hasOwnHeaders(form, hasStoredHeaders) || (authentication === "OAUTH" && ownClient);
  return own
    ? { after: { authentication, oauth }, kept: [keptAuthentication(authentication, "NONE")] }
    : { after: { authentication: "NONE", oauth }, kept: [] };
}

/** All values found by discovery, replacing what a person entered. */
export function foundInstead({ oauth }: McpServerInput, discovered: DiscoveredSettings): FoundPart {
  const found = settingsFound(discovered);
  const names = settings.filter((name) => discovered.grantType || !grant.includes(name));
  return {
    authentication: "OAUTH",
    oauth: { ...oauth, ...pick(found, names), ...wordsWanted(discovered) },
  };
}

/** What only an admin can confirm about these URLs; undefined: nothing has to be confirmed. */
function wordsWanted({ s256Confirmed, issuerAlias, issuerAccepted }: DiscoveredSettings) {
  return { s256Confirmed, issuerAlias, issuerAccepted };
}

/** Reverts a discovery, except for what was changed since. */
export function takenBack(form: McpServerInput, { before, after }: Filled): FoundPart {
  const names = Object.keys(before.oauth) as (keyof OAuthClientInput)[];
  const unchanged = names.filter((name) => form.oauth[name] === after.oauth[name]);
  return {
    authentication:
      form.authentication === after.authentication ? before.authentication : form.authentication,
    oauth: { ...form.oauth, ...pick(before.oauth, unchanged) },
  };
}

export function isSamePart(one: FoundPart, other: FoundPart): boolean {
  return (
    one.authentication === other.authentication &&
    settings.every((name) => one.oauth[name] === other.oauth[name])
  );
}

function settingsFound(discovered: DiscoveredSettings): Settings {
  const { revocationEndpoint, scope, resource, ...others } = discovered;
  const { s256Confirmed: _, issuerAlias: __, issuerAccepted: ___, ...rest } = others;
  const { grantType, tokenSharing } = newOAuthClient;
  return {
    ...{ grantType, tokenSharing, ...rest },
    revocationEndpoint: revocationEndpoint ?? "",
    scope: scope ?? "",
    resource: resource ?? "",
  };
}

/** Typed, or stored: neither a default of a new form, nor from a discovery. */
function isOwn(name: Setting, oauth: OAuthClientInput, earlier: Filled | null): boolean {
  const value = oauth[name] ?? newOAuthClient[name];
  const byHand = oauth.registration !== "METADATA_DOCUMENT" && oauth.registration !== "DYNAMIC";
  if (name === "registration" && byHand) return oauth.clientId.trim() !== "";
  if (isSame(value, newOAuthClient[name])) return false;
  return (
    earlier === null ||
    !isSame(value, earlier.after.oauth[name]) ||
    isSame(value, earlier.before.oauth[name])
  );
}

function hasOwnHeaders({ authentication, headers }: McpServerInput, stored: boolean): boolean {
  return authentication === "HEADERS" && (stored || headers.trim() !== "");
}

function keptAuthentication(own: AuthenticationType, found: AuthenticationType): KeptValue {
  return {
    label: "Authentication",
    own: authenticationNames[own],
    found: authenticationNames[found],
  };
}

function inWords(name: Setting, of: Settings): string {
  if (name === "registration") return registrationNames[of.registration];
  if (name === "tokenEndpointAuthMethod") {
    return tokenEndpointAuthMethodNames[of.tokenEndpointAuthMethod];
  }
  if (name === "grantType") return grantTypeNames[of.grantType];
  if (name === "tokenSharing") return tokenSharingNames[of.tokenSharing];
  return String(of[name]).trim();
}

function isNothing(value: unknown): boolean {
  return value === "" || value === false;
}

function isSame(one: unknown, other: unknown): boolean {
  return typeof one === "string" && typeof other === "string"
    ? one.trim() === other.trim()
    : one === other;
}

function pick<T extends object, K extends keyof T>(from: T, names: readonly K[]): Pick<T, K> {
  return Object.fromEntries(names.map((name) => [name, from[name]])) as Pick<T, K>;
}
