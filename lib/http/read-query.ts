import type { z } from "zod";
import { InvalidInputError } from "@/lib/errors";
import { fieldsOf } from "./fields-of";

/** The query of the URL; an empty value counts as left out. @throws InvalidInputError by parameter */
export function readQuery<Schema extends z.ZodType>(
  request: Request,
  schema: Schema,
): z.output<Schema> {
  const given = [...new URL(request.url).searchParams].filter(([, value]) => value !== "");
  const parsed = schema.safeParse(Object.fromEntries(given));
  if (parsed.success) return parsed.data;
  throw new InvalidInputError(fieldsOf(parsed.error));
}
