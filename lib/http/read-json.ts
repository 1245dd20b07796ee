import type { z } from "zod";
import { deepestJson, parseBoundedJson, TooDeepJsonError } from "@/lib/bounded-json";
import { InvalidInputError } from "@/lib/errors";
import { fieldsOf } from "./fields-of";
import { checkBody } from "./storable";

const maxBytes = 256 * 1024;

/** @throws InvalidInputError with one message a field, keyed by its dotted path */
export async function readJson<Schema extends z.ZodType>(
  request: Request,
  schema: Schema,
): Promise<z.output<Schema>> {
  const text = await readText(request);
  let json: unknown;
  try {
    json = parseBoundedJson(text);
  } catch (error) {
    if (error instanceof TooDeepJsonError) {
      const problem = `The request's body nests more than ${deepestJson} levels deep.`;
      throw new InvalidInputError({ "": problem });
    }
    throw new InvalidInputError({ "": "The request's body is not JSON." });
  }
  checkBody(json);
  const parsed = schema.safeParse(json);
  if (parsed.success) return parsed.data;
  throw new InvalidInputError(fieldsOf(parsed.error));
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
