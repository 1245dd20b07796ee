import { createHmac } from "node:crypto";
import type { Env } from "@/lib/env";

/** Identifies this installation at its address without revealing anything about it. */
export function installationId(env: Pick<Env, "nextAuthSecret">): string {
  return createHmac("sha256", env.nextAuthSecret)
    .update("usher/installation")
    .digest("base64url")
    .slice(0, 16);
}
