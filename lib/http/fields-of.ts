import type { z } from "zod";

/** The first message of each field, by its dotted path. */
export function fieldsOf({ issues }: z.ZodError): Record<string, string> {
  const fields = new Map<string, string>();
  for (const { path, message } of issues) {
    const field = path.join(".");
    if (!fields.has(field)) fields.set(field, message);
  }
  return Object.fromEntries(fields);
}
