import { type NextRequest, NextResponse } from "next/server";
import { isDevelopment, isPublicHttps } from "@/lib/env";
import { securityHeaders } from "@/lib/http/security-headers";
import { decodedPart } from "@/lib/parse-url";

/**
 * Before every page: the security headers. It is told a nonce, which Next puts on its scripts, and the
 * path that was asked for, so that a person comes back to it after signing in. The API's answers have
 * theirs from next.config.mjs.
 */
export function proxy(request: NextRequest): NextResponse {
  const { pathname } = request.nextUrl;
  // Next decodes the parts of a path for a route, and answers 500 where that cannot be done.
  if (decodedPart(pathname) === null) return badAddress();
  if (pathname.startsWith("/api/")) return NextResponse.next();
  const nonce = crypto.randomUUID().replaceAll("-", "");
  const ours = securityHeaders({ nonce, https: isPublicHttps(), development: isDevelopment() });

  const response = pageOf(request, nonce, ours);
  for (const [name, value] of Object.entries(ours)) response.headers.set(name, value);
  return response;
}

function badAddress(): NextResponse {
  const message = "The address has a % that stands for no character. Check it.";
  const headers = { "cache-control": "no-store", "x-content-type-options": "nosniff" };
  return NextResponse.json({ error: { code: "invalid_input", message } }, { status: 400, headers });
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

/** Of the API only a path that cannot be decoded: a decoded one seldom has a %. */
export const config = { matcher: ["/((?!_next/|icon|api/).*)", "/api/(.*%.*)"] };
