import { oauthSettings } from "@/lib/contracts/servers/oauth-settings";
import { readSettings, serverSettings } from "@/lib/contracts/servers/settings";
import { comparedAccess } from "./access-entry";
import type { AssistantEntry, OAuthEntry, ServerEntry } from "./document";
import { authenticationOf } from "./server-entry";

/** A field that differs; for a secret, neither value. */
export type FieldChange = { field: string; from: string; to: string };

/** By name, what a file requests compared with what is stored. An unchanged field is not in it. */
export function fieldChanges(
  stored: Readonly<Record<string, string>>,
  asked: Readonly<Record<string, string>>,
): FieldChange[] {
  const gone = Object.keys(stored).filter((field) => {
    return !Object.hasOwn(asked, field) && !keptFields.has(field);
  });
  return [...Object.keys(asked), ...gone].flatMap((field) => {
    const [from = "", to = ""] = [stored[field], asked[field]];
    return from === to ? [] : [{ field, from, to }];
  });
}

/** Omitted from a file, they stay unchanged. */
const keptFields: ReadonlySet<string> = new Set([
  ...["oauth.s256Confirmed", "oauth.issuerAlias", "access"],
]);

/**
 * The basis for comparing a file and a stored server: each field's text by its dotted name. For secrets only
 * whether they exist.
 */
export function comparedServer(entry: ServerEntry): Record<string, string> {
  const { name, renamedFrom: _, headers, environment, oauth, settings, access, ...rest } = entry;
  const flat: Record<string, string> = {
    name,
    ...textFields("", { ...rest, authentication: authenticationOf(entry) }),
    headers: Object.keys(headers).sort().join(", "),
    environment: Object.keys(environment).sort().join(", "),
    ...textFields("settings.", readSettings(serverSettings, settings)),
    ...comparedAccess(access),
  };
  return oauth ? { ...flat, ...comparedClient(oauth) } : flat;
}

function comparedClient({ clientSecret: _, ...oauth }: OAuthEntry): Record<string, string> {
  const { s256Confirmed, issuerAlias, ...client } = oauth;
  const byHand = client.registration === "PRE_REGISTERED";
  return textFields("oauth.", {
    ...client,
    ...readSettings(oauthSettings, client),
    // For a client that Usher registered, these come from the registration.
    ...(byHand ? {} : { clientId: "", tokenEndpointAuthMethod: "" }),
    ...(s256Confirmed === undefined ? {} : { s256Confirmed }),
    ...(issuerAlias === undefined ? {} : { issuerAlias }),
  });
}

function textFields(prefix: string, values: Readonly<Record<string, unknown>>) {
  return Object.fromEntries(
    Object.entries(values).map(([name, value]) => [`${prefix}${name}`, textOf(value)]),
  );
}

function textOf(value: unknown): string {
  if (typeof value === "string") return value;
  if (typeof value !== "object" || value === null) return String(value);
  if (Array.isArray(value)) return value.length === 0 ? "" : JSON.stringify(value);
  const sorted = Object.entries(value).sort(([one], [other]) => (one < other ? -1 : 1));
  return sorted.map(([name, each]) => `${name}=${each}`).join("\n");
}

export function comparedAssistant(entry: AssistantEntry): Record<string, string> {
  const { name, description, instructions, model, alwaysAllow } = entry;
  const modelsToChoose = [entry.modelsToChoose].flat().sort().join(", ");
  const servers = entry.servers.map(({ server, tools, toolPolicies }): [string, string] => {
    const chosen = tools === "all" ? "all tools" : `tools ${[...new Set(tools)].sort().join(", ")}`;
    const decided = textOf(toolPolicies).replaceAll("\n", ", ");
    return [`servers.${server}`, decided ? `${chosen}; ${decided}` : chosen];
  });
  const examples = textOf(entry.examples);
  const texts = { name, description, instructions, model, modelsToChoose, alwaysAllow, examples };
  return { ...texts, ...comparedAccess(entry.access), ...Object.fromEntries(servers) };
}
