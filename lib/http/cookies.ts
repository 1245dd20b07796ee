import { clickCookieName } from "@/lib/contracts/servers/flow-click";

/**
 * For the browser that starts a flow. Lax, as the provider's redirect is a cross-site navigation
 * that has to include it; sent only to the callback's path.
 */
export function flowCookie(
  cookie: { name: string; value: string; maxAgeSeconds: number },
  publicUrl: string,
): string {
  const secure = publicUrl.startsWith("https:") ? "; Secure" : "";
  return `${cookie.name}=${cookie.value}; Path=/oauth/callback; Max-Age=${cookie.maxAgeSeconds}; HttpOnly; SameSite=Lax${secure}`;
}

/** Each click works once. */
export function clearClickCookie(click: string | null, https: boolean): string[] {
  const name = clickCookieName(click, https);
  return name === null
    ? []
    : [`${name}=; Path=/; Max-Age=0; SameSite=Lax${https ? "; Secure" : ""}`];
}

export function clearFlowCookie(name: string): string {
  return `${name}=; Path=/oauth/callback; Max-Age=0; HttpOnly; SameSite=Lax`;
}
