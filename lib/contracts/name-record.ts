import * as z from "zod";

/**
 * An object with untrusted names. `z.record` silently drops `__proto__`, and with it the policy of a tool
 * of that name.
 */
export function nameRecord<Value extends z.ZodType>(name: z.ZodType<string>, value: Value) {
  const object = z.custom<Record<string, z.input<Value>>>(
    (given) => typeof given === "object" && given !== null && !Array.isArray(given),
    "This must be an object.",
  );
  return object.transform((given, context): Record<string, z.output<Value>> => {
    const entries = Object.entries(given).map(([key, each]) => {
      const parsed = value.safeParse(each);
      const issues = [name.safeParse(key), parsed].flatMap(({ error }) => error?.issues ?? []);
      for (const { message, path } of issues) {
        context.addIssue({ code: "custom", message, path: [key, ...path] });
      }
      return [key, parsed.data] as [string, z.output<Value>];
    });
    // Defines each name, where an assignment to `__proto__` would call its setter.
    return Object.fromEntries(entries);
  });
}
