import { isJsonObject, type JsonObject } from "@/lib/bounded-json";
import { decodedPart } from "@/lib/parse-url";

const deepest = 50;
const mostSchemas = 20_000;

/** By document. */
const named = new WeakMap<JsonObject, ReadonlyMap<string, unknown>>();

/**
 * What a reference within one document points to; null: nothing. A reference names a place, an `$id` or an anchor. If a
 * generator moved the definition elsewhere in the document, its name still identifies it.
 *
 * @see https://json-schema.org/draft/2020-12/json-schema-core#section-8.2
 */
export function resolveReference(root: JsonObject, reference: unknown): unknown {
  if (typeof reference !== "string") return null;
  if (reference === "#") return root;
  const at = reference.indexOf("#");
  const [document, place] =
    at < 0 ? [reference, ""] : [reference.slice(0, at), reference.slice(at + 1)];
  if (document === "" && place.startsWith("/")) {
    const found = pointedAt(root, place);
    if (found !== null) return found;
  }
  const names = named.get(root) ?? namesIn(root);
  named.set(root, names);
  const whole = names.get(document === "" ? `#${place}` : document);
  if (whole !== undefined && (document === "" || place === "")) return whole;
  if (isJsonObject(whole) && place.startsWith("/")) return pointedAt(whole, place);
  const [name = ""] = /[^/#]+$/.exec(reference) ?? [];
  return names.get(`/${decodedPart(name) ?? name}`) ?? null;
}

function pointedAt(from: JsonObject, pointer: string): unknown {
  let value: unknown = from;
  for (const step of pointer.split("/").slice(1)) {
    const key = (decodedPart(step) ?? step).replaceAll("~1", "/").replaceAll("~0", "~");
    if (typeof value !== "object" || value === null || !Object.hasOwn(value, key)) return null;
    value = (value as JsonObject)[key];
  }
  return value;
}

/** Keys: an `$id`, `#` and an anchor, or `/` and a definition's name. If a key repeats, the first one counts. */
function namesIn(root: JsonObject): ReadonlyMap<string, unknown> {
  const names = new Map<string, unknown>();
  let count = 0;
  const add = (name: string, value: unknown) => {
    if (!names.has(name)) names.set(name, value);
  };
  const collect = (value: unknown, depth: number) => {
    count += 1;
    if (depth > deepest || count > mostSchemas || typeof value !== "object" || value === null) {
      return;
    }
    if (isJsonObject(value)) {
      const { $id, $anchor, $dynamicAnchor } = value;
      if (typeof $id === "string") add($id.replace(/#$/, ""), value);
      for (const anchor of [$anchor, $dynamicAnchor]) {
        if (typeof anchor === "string") add(`#${anchor}`, value);
      }
      for (const definitions of [value.$defs, value.definitions]) {
        if (!isJsonObject(definitions)) continue;
        for (const [name, each] of Object.entries(definitions)) add(`/${name}`, each);
      }
    }
    for (const each of Object.values(value)) collect(each, depth + 1);
  };
  collect(root, 0);
  return names;
}
