import type * as z from "zod";
import { deepestJson, parseBoundedJson, TooDeepJsonError } from "@/lib/bounded-json";
import { InvalidInputError, NotFoundError } from "@/lib/errors";

const maxBytes = 256 * 1024;

/** @throws InvalidInputError with one message per field, keyed by its dotted path */
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

/** The fields of a form. @throws InvalidInputError It is too long. */
export async function readForm(request: Request): Promise<URLSearchParams> {
  return new URLSearchParams(await readText(request));
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

/** The URL's query; an empty value counts as omitted. @throws InvalidInputError by parameter */
export function readQuery<Schema extends z.ZodType>(
  request: Request,
  schema: Schema,
): z.output<Schema> {
  const given = [...new URL(request.url).searchParams].filter(([, value]) => value !== "");
  const parsed = schema.safeParse(Object.fromEntries(given));
  if (parsed.success) return parsed.data;
  throw new InvalidInputError(fieldsOf(parsed.error));
}

/** The first message of each field, by its dotted path. */
export function fieldsOf({ issues }: z.ZodError): Record<string, string> {
  const fields = new Map<string, string>();
  for (const { path, message } of issues) {
    const field = path.join(".");
    if (!fields.has(field)) fields.set(field, message);
  }
  return Object.fromEntries(fields);
}

/** NUL and lone surrogates: Postgres rejects both, and no real text contains them. */
function isStorable(text: string): boolean {
  return !/\0|\p{Surrogate}/u.test(text);
}

export function checkAddress(request: Request, params: unknown): void {
  const named = Object.values((params ?? {}) as object).flat();
  if (named.some((each) => typeof each === "string" && !isStorable(each))) {
    throw new NotFoundError("Nothing has this address. Check it for strange characters.");
  }
  for (const [name, value] of new URL(request.url).searchParams) {
    if (isStorable(name) && isStorable(value)) continue;
    throw new InvalidInputError(
      { [isStorable(name) ? name : ""]: "This has a character that no text may have; remove it." },
      "The address has a character that no text may have, such as %00. Remove it.",
    );
  }
}

/** @param value from a request's body. @throws InvalidInputError by field */
export function checkBody(value: unknown): void {
  const left: { value: unknown; path: string }[] = [{ value, path: "" }];
  for (let next = left.pop(); next; next = left.pop()) {
    const { value: at, path } = next;
    if (typeof at === "string" && !isStorable(at)) throw unstorable(path);
    if (typeof at !== "object" || at === null) continue;
    for (const [name, inner] of Object.entries(at)) {
      if (!isStorable(name)) throw unstorable(path);
      left.push({ value: inner, path: path === "" ? name : `${path}.${name}` });
    }
  }
}

function unstorable(field: string): InvalidInputError {
  return new InvalidInputError({
    [field]: "This has a character that no text may have, such as NUL. Remove it.",
  });
}
