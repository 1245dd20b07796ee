import * as z from "zod";
import { modelsToChoose, toolName } from "@/lib/contracts/assistant";
import { tidyExamples } from "@/lib/contracts/assistant-examples";
import { alwaysAllowPolicy } from "@/lib/contracts/chat/always-allow";
import { tokenSharing } from "@/lib/contracts/connections/connection";
import { nameRecord } from "@/lib/contracts/name-record";
import { groupInput } from "@/lib/contracts/people/group";
import { authenticationTypes, transports } from "@/lib/contracts/servers/kinds";
import {
  grantType,
  registrationMode,
  scopeText,
  tokenEndpointAuthMethod,
} from "@/lib/contracts/servers/oauth-client";
import { oauthSettings } from "@/lib/contracts/servers/oauth-settings";
import { serverSettings, settingInputs } from "@/lib/contracts/servers/settings";
import { toolPolicy } from "@/lib/contracts/servers/tool-policy";

/**
 * A configuration file: an installation's groups, servers and assistants, without their secrets. Fields and
 * values have the names of the JSON API. What is omitted has its default, so that a file is a complete description
 * of a server; the two fields that only an admin can confirm stay unchanged.
 */

/** YAML reads `8080` and `true` as number and boolean; in a variable or header they are text. */
const scalar = z.union([z.string(), z.number(), z.boolean()]).transform(String);
const line = z.union([z.string().trim(), z.number(), z.boolean()]).transform(String);
const giveName = "Give it a name.";
const named = {
  name: z
    .union([z.string().trim(), z.number(), z.boolean()], giveName)
    .transform(String)
    .pipe(z.string().min(1, giveName)),
  renamedFrom: line.optional(),
};

/** Who may use a server or an assistant. Omitted: unchanged; a new one is for everyone. */
const accessEntry = z.union(
  [
    z.literal("everyone"),
    z.strictObject({
      /** By name. */
      groups: z.array(line).default([]),
      /** By email address. */
      people: z.array(line.transform((email) => email.toLowerCase())).default([]),
    }),
  ],
  "Write everyone, or lists of groups and people.",
);
export type AccessEntry = z.infer<typeof accessEntry>;

export const groupEntry = z.strictObject({
  ...named,
  description: line.pipe(groupInput.shape.description).default(""),
  /** Its name in the identity provider's claim. Empty: its members are chosen by hand. */
  claimValue: line.pipe(groupInput.shape.claimValue).default(""),
  /** The role that members by the claim get at sign-in. */
  role: groupInput.shape.role.default(null),
});
export type GroupEntry = z.infer<typeof groupEntry>;

export const oauthEntry = z.strictObject({
  registration: registrationMode.default("PRE_REGISTERED"),
  clientId: line.default(""),
  clientSecret: line.default(""),
  tokenEndpointAuthMethod: tokenEndpointAuthMethod.default("CLIENT_SECRET_BASIC"),
  authorizationEndpoint: line.default(""),
  tokenEndpoint: line.default(""),
  revocationEndpoint: line.default(""),
  registrationEndpoint: line.default(""),
  issuer: line.default(""),
  scope: scalar.pipe(scopeText).default(""),
  tokenSharing: tokenSharing.default("SHARED"),
  grantType: grantType.default("AUTHORIZATION_CODE"),
  resourceIndicator: z.boolean().default(true),
  resource: line.default(""),
  issParameterRequired: z.boolean().default(false),
  extraAuthorizationParameters: nameRecord(z.string(), scalar).default({}),
  /** The admin's confirmation, if the provider's metadata do not say so. Omitted: unchanged. */
  s256Confirmed: z.literal(true, "Write true, or leave it out.").optional(),
  /** The MCP server's name for the issuer, both being one. Omitted: unchanged. */
  issuerAlias: scalar.optional(),
  ...settingInputs(oauthSettings),
});
export type OAuthEntry = z.infer<typeof oauthEntry>;

export const serverEntry = z.strictObject({
  ...named,
  description: line.default(""),
  transport: z.enum(transports).default("STREAMABLE_HTTP"),
  url: line.default(""),
  command: line.default(""),
  args: z.array(scalar).default([]),
  /** Omitted: derived from `oauth` and `headers`. */
  authentication: z.enum(authenticationTypes).optional(),
  headerSharing: tokenSharing.default("SHARED"),
  headers: nameRecord(z.string(), scalar).default({}),
  environment: nameRecord(z.string(), scalar).default({}),
  settings: z.strictObject(settingInputs(serverSettings)).default({}),
  /** No assistant has its tools; its accounts stay connected. */
  switchedOff: z.boolean().default(false),
  access: accessEntry.optional(),
  oauth: oauthEntry.optional(),
});
export type ServerEntry = z.infer<typeof serverEntry>;

export const assistantEntry = z.strictObject({
  ...named,
  description: line.default(""),
  instructions: scalar.default(""),
  /** Empty: the default model of the installation. */
  model: line.default(""),
  /** What people may choose in the chat. */
  modelsToChoose: modelsToChoose.default("none"),
  /** For which tools people may choose "Always allow". */
  alwaysAllow: alwaysAllowPolicy.default("NONE"),
  access: accessEntry.optional(),
  /** Sentences to try in an empty chat. Empty: they come from the tools. */
  examples: z.array(scalar).transform(tidyExamples).default([]),
  servers: z
    .array(
      z.strictObject({
        /** By its name. */
        server: line,
        tools: z
          .union([z.literal("all"), z.array(toolName)], "Write all, or a list of names.")
          .default("all"),
        /** The decision on a tool; others ask unless they only read. */
        toolPolicies: nameRecord(toolName, toolPolicy).default({}),
      }),
    )
    .default([]),
});
export type AssistantEntry = z.infer<typeof assistantEntry>;

export const configFile = z.strictObject({
  version: z.literal(1, "Write version: 1."),
  groups: z.array(groupEntry).default([]),
  servers: z.array(serverEntry).default([]),
  assistants: z.array(assistantEntry).default([]),
});
export type ConfigFile = z.infer<typeof configFile>;

/** Every field that a file may have, on whatever level. */
export function fieldNames(): string[] {
  const shapes = [configFile, groupEntry, serverEntry, oauthEntry, assistantEntry];
  const levels = [...shapes.map(({ shape }) => shape), serverEntry.shape.settings.unwrap().shape];
  return levels.flatMap((shape) => Object.keys(shape));
}

/** Where a text is a secret: its variables are resolved where it is sealed, and it is never shown. */
export function isSecretPath(path: readonly PropertyKey[]): boolean {
  const [list, , field, name] = path;
  if (list !== "servers" || name === undefined) return false;
  return (
    field === "headers" || field === "environment" || (field === "oauth" && name === "clientSecret")
  );
}
