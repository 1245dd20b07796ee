/** The client as the nearest proxy, or Next's own server, saw it. Null where nothing tells. */
export function clientAddress(headers: Headers): string | null {
  const forwarded = headers.get("x-forwarded-for");
  return forwarded?.split(",").at(-1)?.trim() || null;
}
