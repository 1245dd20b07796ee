import type { ElicitationField } from "@/lib/contracts/elicitation-form";
import { ownValue } from "@/lib/contracts/own-value";

/** What is entered so far, by the names of the fields. */
export type Entered = Readonly<Record<string, unknown>>;

/** What a form begins with. */
export function defaultsOf(fields: readonly ElicitationField[]): Entered {
  return Object.fromEntries(
    fields.flatMap((field) => (field.default === undefined ? [] : [[field.name, field.default]])),
  );
}

/** As it is sent: a number is typed as text. */
export function contentOf(
  fields: readonly ElicitationField[],
  entered: Entered,
): Record<string, unknown> {
  return Object.fromEntries(
    fields.flatMap(({ name, kind }): [string, unknown][] => {
      const value = ownValue(entered, name);
      if (value === undefined || value === "") return [];
      const typed = kind === "number" && typeof value === "string";
      return [[name, typed ? Number(value) : value]];
    }),
  );
}
