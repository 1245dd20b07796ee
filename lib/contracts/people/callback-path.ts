import { parseUrl } from "@/lib/parse-url";

/**
 * Where to go after signing in: a path of `origin`, or `fallback`. Refuses other origins in every
 * spelling a browser knows (`//host`, `/\host`, `/.//host`) and the sign-in page itself.
 */
export function callbackPath(value: unknown, origin: string, fallback = "/"): string {
  if (typeof value !== "string" || value === "" || value.length > 2048) return fallback;
  const url = parseUrl(value, origin);
  if (url?.origin !== origin || url.pathname.startsWith("//")) return fallback;
  if (url.pathname === "/sign-in") return fallback;
  return url.pathname + url.search + url.hash;
}
