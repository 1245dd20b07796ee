/**
 * An object's own value for an untrusted name. A plain `object[name]` also finds inherited ones such as
 * `constructor`.
 */
export function ownValue<Value>(
  object: Readonly<Record<string, Value>> | undefined,
  name: string,
): Value | undefined {
  return object !== undefined && Object.hasOwn(object, name) ? object[name] : undefined;
}
