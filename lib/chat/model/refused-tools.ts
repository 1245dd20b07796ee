import { APICallError, RetryError } from "ai";

/** Where a provider names a tool by its place in the list. */
const places = [
  /\btools\[(\d+)\]/g,
  /\btools\.(\d+)\b/g,
  /\bfunctions?\[(\d+)\]/g,
  /function_declarations\[(\d+)\]/g,
];
const aboutTools = /tool|function|schema|parameter|input_schema/i;
/** One that echoes the whole request names them all, and means none. */
const mostNamed = 0.5;

/**
 * The tools whose description a model's API refuses, as far as its refusal names them.
 *
 * @param sent the names in the order in which they were sent
 */
export function namesInRefusal(thrown: unknown, sent: readonly string[]): string[] {
  const error = RetryError.isInstance(thrown) ? thrown.lastError : thrown;
  if (!APICallError.isInstance(error)) return [];
  if (error.statusCode !== 400 && error.statusCode !== 422) return [];
  const text = `${error.message}\n${error.responseBody ?? ""}`.slice(0, 20_000);
  if (!aboutTools.test(text)) return [];
  const byPlace = places.flatMap((place) =>
    [...text.matchAll(place)].flatMap(([, at]) => sent[Number(at)] ?? []),
  );
  if (byPlace.length > 0) return [...new Set(byPlace)];
  const words = new Set(text.match(/[a-zA-Z0-9_-]+/g));
  const byName = sent.filter((name) => words.has(name));
  const few = byName.length === 1 || byName.length <= sent.length * mostNamed;
  return few ? byName : [];
}
