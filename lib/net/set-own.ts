/** An assignment to a header called `__proto__` would set nothing. */
export function setOwn(headers: Record<string, string>, name: string, value: string): void {
  if (name !== "__proto__") {
    headers[name] = value;
    return;
  }
  Object.defineProperty(headers, name, {
    value,
    configurable: true,
    enumerable: true,
    writable: true,
  });
}
