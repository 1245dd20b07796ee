/**
 * What jsonb takes: it refuses NUL and half of a surrogate pair, which a server may send anywhere and a
 * stream may be cut at.
 * @see https://www.postgresql.org/docs/current/datatype-json.html
 */
export function storableJson<T>(value: T): T {
  return storable(value) as T;
}

function storable(value: unknown): unknown {
  if (typeof value === "string") return value.replace(/\0|\p{Surrogate}/gu, "\ufffd");
  if (Array.isArray(value)) return value.map(storable);
  if (value === null || typeof value !== "object") return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => [storable(key), storable(inner)]),
  );
}
