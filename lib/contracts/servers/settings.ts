import { z } from "zod";

/**
 * The settings of an MCP server that have a default: how calls are made, and what its provider needs.
 * A setting is defined here once. The form's field, the check of what is sent, the column, the page,
 * the support bundle and docs/configuration.md follow from it.
 */

interface Field {
  label: string;
  /** One sentence: what it does, and who needs it. */
  hint: string;
}

export type NumberSetting = Field & {
  kind: "number";
  /** As it is read after the number, such as `seconds`. */
  unit: string;
  min: number;
  max: number;
  default: number;
};

export type SwitchSetting = Field & { kind: "switch"; default: boolean };

export type SettingDefinition = NumberSetting | SwitchSetting;

export type SettingDefinitions = Readonly<Record<string, SettingDefinition>>;

/** How Usher calls a server's tools. */
export const serverSettings = {
  callTimeoutSeconds: {
    kind: "number",
    label: "Call timeout",
    hint: "A call ends if the server sends nothing for this long. Progress messages start the time again.",
    unit: "seconds",
    min: 5,
    max: 3600,
    default: 60,
  },
  callLimitSeconds: {
    kind: "number",
    label: "Longest call",
    hint: "A call ends after this time, even if the server still reports progress. On Vercel, a turn ends after 300 seconds in any case.",
    unit: "seconds",
    min: 5,
    max: 3600,
    default: 300,
  },
} as const satisfies SettingDefinitions;

/** What this server's authorization server needs beyond the specification. */
export const oauthSettings = {
  scopeOnRefresh: {
    kind: "switch",
    label: "Send the scopes on refresh",
    hint: "Repeats the scopes in each refresh request. Microsoft Entra needs it for APIs other than Graph.",
    default: false,
  },
} as const satisfies SettingDefinitions;

interface ValueOfKind {
  number: number;
  switch: boolean;
}

/** Every setting with its value. */
export type SettingValues<Definitions extends SettingDefinitions> = {
  -readonly [Name in keyof Definitions]: ValueOfKind[Definitions[Name]["kind"]];
};
export type ServerSettings = SettingValues<typeof serverSettings>;
export type OAuthSettings = SettingValues<typeof oauthSettings>;

/** What is sent. A setting that is left out stays as it is, or has its default on a new server. */
export function settingsInput<Definitions extends SettingDefinitions>(definitions: Definitions) {
  const shape = Object.fromEntries(
    Object.entries(definitions).map(([name, definition]) => [
      name,
      valueSchema(definition).optional(),
    ]),
  );
  return z.object(shape) as unknown as z.ZodType<
    Partial<SettingValues<Definitions>>,
    Partial<SettingValues<Definitions>>
  >;
}

/** What a page is told: every setting with its value. */
export function settingsView<Definitions extends SettingDefinitions>(definitions: Definitions) {
  const shape = Object.fromEntries(
    Object.entries(definitions).map(([name, definition]) => [name, valueSchema(definition)]),
  );
  return z.object(shape) as unknown as z.ZodType<
    SettingValues<Definitions>,
    SettingValues<Definitions>
  >;
}

/** A refinement of anything, so that a wrong value leaves the other fields their own checks. */
function valueSchema(definition: SettingDefinition): z.ZodType {
  switch (definition.kind) {
    case "number": {
      const { min, max } = definition;
      const isAllowed = (given: unknown) =>
        Number.isInteger(given) && Number(given) >= min && Number(given) <= max;
      return z.unknown().refine(isAllowed, `Enter a whole number from ${min} to ${max}.`);
    }
    case "switch":
      return z.unknown().refine((given) => typeof given === "boolean", "Send true or false.");
    default:
      return definition satisfies never;
  }
}

/**
 * The values of a stored column. It holds what differs from the defaults; a value that is no longer
 * allowed counts as its default.
 */
export function readSettings<Definitions extends SettingDefinitions>(
  definitions: Definitions,
  stored: unknown,
): SettingValues<Definitions> {
  const given = typeof stored === "object" && stored !== null ? stored : {};
  const entries = Object.entries(definitions).map(([name, definition]) => {
    const parsed = valueSchema(definition).safeParse(Reflect.get(given, name));
    return [name, parsed.success ? parsed.data : definition.default];
  });
  return Object.fromEntries(entries);
}

/** What the column holds after an edit. */
export function settingsToStore<Definitions extends SettingDefinitions>(
  definitions: Definitions,
  stored: unknown,
  input: Partial<SettingValues<Definitions>> | undefined,
): Partial<SettingValues<Definitions>> {
  return changedSettings(definitions, { ...readSettings(definitions, stored), ...input });
}

/** The settings that differ from their defaults. */
export function changedSettings<Definitions extends SettingDefinitions>(
  definitions: Definitions,
  values: SettingValues<Definitions>,
): Partial<SettingValues<Definitions>> {
  const changed = Object.entries(values).filter(
    ([name, value]) => value !== definitions[name]?.default,
  );
  return Object.fromEntries(changed) as Partial<SettingValues<Definitions>>;
}

/** A value as people read it, such as `60 seconds`. */
export function settingText(definition: SettingDefinition, value: unknown): string {
  switch (definition.kind) {
    case "number":
      return `${value} ${definition.unit}`;
    case "switch":
      return value ? "On" : "Off";
    default:
      return definition satisfies never;
  }
}
