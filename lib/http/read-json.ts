import type { z } from "zod";
import { InvalidInputError } from "@/lib/errors";

const maxBytes = 256 * 1024;

/** @throws InvalidInputError with one message a field, keyed by its dotted path */
export async function readJson<Schema extends z.ZodType>(
  request: Request,
  schema: Schema,
): Promise<z.output<Schema>> {
  const text = await readText(request);
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    throw new InvalidInputError({ "": "The request's body is not JSON." });
  }
  const parsed = schema.safeParse(json);
  if (parsed.success) return parsed.data;
  const fields: Record<string, string> = {};
  for (const issue of parsed.error.issues) {
    fields[issue.path.join(".")] ??= issue.message;
  }
  throw new InvalidInputError(fields);
}

async function readText(request: Request): Promise<string> {
  if (!request.body) return "";
  const decoder = new TextDecoder();
  let bytes = 0;
  let text = "";
  for await (const chunk of request.body as unknown as AsyncIterable<Uint8Array>) {
    bytes += chunk.byteLength;
    if (bytes > maxBytes) {
      throw new InvalidInputError({ "": "That is more than 256 KiB; send less." });
    }
    text += decoder.decode(chunk, { stream: true });
  }
  return text + decoder.decode();
}
