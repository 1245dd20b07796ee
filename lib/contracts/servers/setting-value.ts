import * as z from "zod";
import { type TextFormat, textProblem } from "./setting-text";

interface Field {
  label: string;
  /** One sentence: what it does, and who needs it. */
  hint: string;
}

export type NumberSetting = Field & {
  kind: "number";
  /** Read after the number, such as `seconds`. */
  unit: string;
  min: number;
  max: number;
  default: number;
};

export type SwitchSetting = Field & { kind: "switch"; default: boolean };

export type TextSetting = Field & {
  kind: "text";
  format: TextFormat;
  placeholder: string;
  /** Wherever its field is shown. */
  required?: true;
  default: "";
};

export type SettingDefinition = NumberSetting | SwitchSetting | TextSetting;

/** A refinement of anything, so that an invalid value does not skip the other fields' checks. */
export function valueSchema(definition: SettingDefinition): z.ZodType {
  switch (definition.kind) {
    case "number": {
      const { min, max } = definition;
      const isAllowed = (given: unknown) => allowedValue(definition, given) !== null;
      return z.unknown().refine(isAllowed, `Enter a whole number from ${min} to ${max}.`);
    }
    case "switch":
      return z
        .unknown()
        .refine((given) => allowedValue(definition, given) !== null, "Send true or false.");
    case "text":
      return z
        .unknown()
        .refine((given) => typeof given === "string", "Send a text.")
        .transform((given) => String(given).trim())
        .superRefine((given, context) => {
          const message = textProblem(definition.format, given);
          if (message !== null) context.addIssue({ code: "custom", message });
        });
    default:
      return definition satisfies never;
  }
}

/** The value as stored; null: it is not allowed. Lists read it for every row, and a schema takes longer to build. */
export function allowedValue(
  definition: SettingDefinition,
  given: unknown,
): number | boolean | string | null {
  switch (definition.kind) {
    case "number": {
      const { min, max } = definition;
      const isNumber = typeof given === "number" && Number.isInteger(given);
      return isNumber && given >= min && given <= max ? given : null;
    }
    case "switch":
      return typeof given === "boolean" ? given : null;
    case "text": {
      if (typeof given !== "string") return null;
      const text = given.trim();
      return textProblem(definition.format, text) === null ? text : null;
    }
    default:
      return definition satisfies never;
  }
}
