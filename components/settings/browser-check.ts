import type { PublicUrlCheck } from "@/lib/contracts/settings";

/** Is the page open at the public URL? Only the browser can tell. Both are origins. */
export function browserCheck(publicUrl: string, origin: string): PublicUrlCheck {
  if (origin === publicUrl) {
    return { ok: true, message: "You opened Usher at its public URL." };
  }
  const here = new URL(origin);
  const there = new URL(publicUrl);
  if (here.host === there.host) {
    return {
      ok: false,
      message: `You are on ${here.protocol.slice(0, -1)}, PUBLIC_URL says ${there.protocol.slice(0, -1)}. Open ${publicUrl}, or have the proxy in front of Usher redirect to it.`,
    };
  }
  return {
    ok: false,
    message: `You opened Usher at ${origin}, PUBLIC_URL says ${publicUrl}. Sign-in and authorization return there. Open Usher at that address, or set PUBLIC_URL to ${origin} and restart Usher.`,
  };
}
