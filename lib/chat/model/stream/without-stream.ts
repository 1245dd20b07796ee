import { isJsonObject, parseBoundedJson } from "@/lib/bounded-json";
import { textUpTo } from "./usual-response";

/** Of a refusal. */
const mostCharacters = 20_000;

const noStream =
  /\bstream(ing)?( mode)?\b[^.]{0,40}\b((is|are) )?(not|un)( yet)?[ -]?(supported|available|allowed)|(not|n't) support[^.]{0,60}\bstream(ing)?\b|(unsupported|not supported) for streaming|'stream' does not support true|\bverified to stream\b/i;

/** Whether a model's API refused a request because its answer was to be streamed. */
export async function refusesStream(response: Response): Promise<boolean> {
  if (response.status < 400 || response.status >= 500) return false;
  const reader = response.clone().body?.getReader();
  return reader !== undefined && noStream.test(await textUpTo(mostCharacters, reader));
}

/** The same request for an answer in one piece; null: it asks for no stream. */
export function withoutStream(init: RequestInit | undefined): RequestInit | null {
  if (typeof init?.body !== "string") return null;
  const asked = parseBoundedJson(init.body);
  if (!isJsonObject(asked) || asked.stream !== true) return null;
  const { stream_options: _, ...rest } = asked;
  return { ...init, body: JSON.stringify({ ...rest, stream: false }) };
}
