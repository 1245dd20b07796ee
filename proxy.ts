import { type NextRequest, NextResponse } from "next/server";
import { isDevelopment, isPublicHttps } from "@/lib/env";
import { securityHeaders } from "@/lib/http/security-headers";

/**
 * Before every page and route: the security headers, a nonce that Next puts on the page's scripts,
 * and the path that was asked for, so that a person comes back to it after signing in.
 */
export function proxy(request: NextRequest): NextResponse {
  const { pathname, search } = request.nextUrl;
  const isPage = !pathname.startsWith("/api/");
  const nonce = isPage ? crypto.randomUUID().replaceAll("-", "") : null;
  const ours = securityHeaders({ nonce, https: isPublicHttps(), development: isDevelopment() });

  const headers = new Headers(request.headers);
  headers.set("x-usher-path", pathname + search);
  headers.delete("x-nonce");
  if (nonce) {
    headers.set("x-nonce", nonce);
    // Next reads the nonce for its own scripts from here.
    headers.set("content-security-policy", ours["content-security-policy"] ?? "");
  }
  const response = NextResponse.next({ request: { headers } });
  for (const [name, value] of Object.entries(ours)) response.headers.set(name, value);
  return response;
}

export const config = { matcher: ["/((?!_next/|icon).*)"] };
