import { type NextRequest, NextResponse } from "next/server";
import { isDevelopment, isPublicHttps } from "@/lib/env";
import { securityHeaders } from "@/lib/http/security-headers";

/**
 * Before every page: the security headers. It is told a nonce, which Next puts on its scripts, and the
 * path that was asked for, so that a person comes back to it after signing in. The API's answers have
 * theirs from next.config.mjs.
 */
export function proxy(request: NextRequest): NextResponse {
  const nonce = crypto.randomUUID().replaceAll("-", "");
  const ours = securityHeaders({ nonce, https: isPublicHttps(), development: isDevelopment() });

  const response = pageOf(request, nonce, ours);
  for (const [name, value] of Object.entries(ours)) response.headers.set(name, value);
  return response;
}

function pageOf(request: NextRequest, nonce: string, ours: Record<string, string>): NextResponse {
  const { pathname, search } = request.nextUrl;
  const headers = new Headers(request.headers);
  headers.set("x-usher-path", pathname + search);
  headers.set("x-nonce", nonce);
  // Next reads the nonce for its own scripts from here.
  headers.set("content-security-policy", ours["content-security-policy"] ?? "");
  return NextResponse.next({ request: { headers } });
}

export const config = { matcher: ["/((?!_next/|icon|api/).*)"] };
