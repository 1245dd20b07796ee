/**
 * What an object has under a name from outside. A plain `object[name]` finds what every object
 * inherits, such as `constructor`.
 */
export function ownValue<Value>(
  object: Readonly<Record<string, Value>> | undefined,
  name: string,
): Value | undefined {
  return object !== undefined && Object.hasOwn(object, name) ? object[name] : undefined;
}
