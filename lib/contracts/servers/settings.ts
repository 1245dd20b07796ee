import * as z from "zod";
import { personalKeySettings } from "./personal-headers";
import { allowedValue, type SettingDefinition, valueSchema } from "./setting-value";

/**
 * The settings of an MCP server that have a default: how calls are made, and what its provider needs.
 * A setting is defined once, here. The form's field, the validation, the column, the page,
 * the support bundle and docs/configuration.md follow from it.
 */

export type SettingDefinitions = Readonly<Record<string, SettingDefinition>>;

/** How Usher calls a server's tools. */
export const callSettings = {
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
  useInstructions: {
    kind: "switch",
    label: "Use the server’s instructions",
    hint: "Gives assistants what the server says about how to use its tools, marked as its words.",
    default: true,
  },
  accountTool: {
    kind: "text",
    format: "word",
    label: "Account tool",
    hint: "A read-only tool without required arguments that says whose account is connected, such as whoami. Usher calls it once after each consent or key.",
    placeholder: "whoami",
    default: "",
  },
} as const satisfies SettingDefinitions;

export const serverSettings = { ...callSettings, ...personalKeySettings } as const;

interface ValueOfKind {
  number: number;
  switch: boolean;
  text: string;
}

/** Every setting with its value. */
export type SettingValues<Definitions extends SettingDefinitions> = {
  -readonly [Name in keyof Definitions]: ValueOfKind[Definitions[Name]["kind"]];
};
export type ServerSettings = SettingValues<typeof serverSettings>;

type SettingSchemas<Definitions extends SettingDefinitions> = {
  [Name in keyof Definitions]: z.ZodType<
    ValueOfKind[Definitions[Name]["kind"]],
    ValueOfKind[Definitions[Name]["kind"]]
  >;
};
type OptionalSchemas<Definitions extends SettingDefinitions> = {
  [Name in keyof Definitions]: z.ZodOptional<SettingSchemas<Definitions>[Name]>;
};

/**
 * What is sent, as fields of an object. An omitted setting stays unchanged, or has its default on a
 * new server.
 */
export function settingInputs<Definitions extends SettingDefinitions>(definitions: Definitions) {
  const { shape } = z.object(settingViews(definitions)).partial();
  return shape as unknown as OptionalSchemas<Definitions>;
}

/** What a page receives, as fields of an object: every setting with its value. */
export function settingViews<Definitions extends SettingDefinitions>(definitions: Definitions) {
  return Object.fromEntries(
    Object.entries(definitions).map(([name, definition]) => [name, valueSchema(definition)]),
  ) as unknown as SettingSchemas<Definitions>;
}

/**
 * The values of a stored column. It contains what differs from the defaults; a value that is no longer
 * allowed counts as its default.
 */
export function readSettings<Definitions extends SettingDefinitions>(
  definitions: Definitions,
  stored: unknown,
): SettingValues<Definitions> {
  const given = typeof stored === "object" && stored !== null ? stored : {};
  const entries = Object.entries(definitions).map(([name, definition]) => {
    // Most settings have their default, and this is read for every refresh.
    if (!Object.hasOwn(given, name)) return [name, definition.default];
    return [name, allowedValue(definition, Reflect.get(given, name)) ?? definition.default];
  });
  return Object.fromEntries(entries);
}

/** The column's content after an edit. */
export function settingsToStore<Definitions extends SettingDefinitions>(
  definitions: Definitions,
  stored: unknown,
  input: Partial<SettingValues<Definitions>> | undefined,
): Partial<SettingValues<Definitions>> {
  const given = Object.entries(input ?? {}).filter(
    ([name, value]) => Object.hasOwn(definitions, name) && value !== undefined,
  );
  const values = { ...readSettings(definitions, stored), ...Object.fromEntries(given) };
  return changedSettings(definitions, values);
}

/** The settings that differ from their defaults. */
export function changedSettings<Definitions extends SettingDefinitions>(
  definitions: Definitions,
  values: SettingValues<Definitions>,
): Partial<SettingValues<Definitions>> {
  const changed = Object.entries(values).filter(
    ([name, value]) => Object.hasOwn(definitions, name) && value !== definitions[name]?.default,
  );
  return Object.fromEntries(changed) as Partial<SettingValues<Definitions>>;
}

/** The settings that differ from their defaults, as people read them. */
export function changedSettingTexts<Definitions extends SettingDefinitions>(
  definitions: Definitions,
  values: SettingValues<Definitions>,
): { label: string; text: string }[] {
  return Object.entries(definitions)
    .filter(([name, definition]) => values[name] !== definition.default)
    .map(([name, definition]) => ({
      label: definition.label,
      text: settingText(definition, values[name]),
    }));
}

/** A value as people read it, such as `60 seconds`. */
export function settingText(definition: SettingDefinition, value: unknown): string {
  switch (definition.kind) {
    case "number":
      return `${value} ${definition.unit}`;
    case "switch":
      return value ? "On" : "Off";
    case "text":
      return value === "" ? "None" : String(value);
    default:
      return definition satisfies never;
  }
}
