import { clientAddress } from "@/lib/http/client-address";
import { readCookies } from "@/lib/http/cookies";

/** The browser or script that sends a request, as far as it tells. All of it is untrusted. */
export interface Client {
  ipAddress: string | null;
  userAgent: string;
  cookies: Readonly<Record<string, string>>;
}

const longestUserAgent = 400;

export function clientOf(request: Request): Client {
  return {
    ipAddress: clientAddress(request.headers),
    userAgent: readUserAgent(request.headers),
    cookies: readCookies(request),
  };
}

export function readUserAgent(headers: Headers): string {
  return (headers.get("user-agent") ?? "").slice(0, longestUserAgent);
}
