import { createHmac } from "node:crypto";
import type { Env } from "@/lib/env";

/** Tells this installation from another one at the same address, without telling anything of it. */
export function installationId(env: Pick<Env, "nextAuthSecret">): string {
  return createHmac("sha256", env.nextAuthSecret)
    .update("usher/installation")
    .digest("base64url")
    .slice(0, 16);
}
