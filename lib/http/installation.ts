import { createHmac } from "node:crypto";
import { z } from "zod";
import type { PublicUrlCheck } from "@/lib/contracts/settings";
import type { Env } from "@/lib/env";
import { OutboundRefusedError, UnreachableError } from "@/lib/errors";
import type { OutboundFetch } from "@/lib/net/fetch";

/** Identifies this installation at its address without revealing anything about it. */
export function installationId(env: Pick<Env, "nextAuthSecret">): string {
  return createHmac("sha256", env.nextAuthSecret)
    .update("usher/installation")
    .digest("base64url")
    .slice(0, 16);
}

const health = z.object({ installation: z.string() });

export async function checkPublicUrl(ctx: {
  env: Pick<Env, "publicUrl" | "nextAuthSecret">;
  outbound: OutboundFetch;
}): Promise<PublicUrlCheck> {
  const { publicUrl } = ctx.env;
  try {
    const answer = await ctx.outbound(`${publicUrl}/api/health`);
    const body = health.safeParse(await answer.json().catch(() => null));
    if (body.success && body.data.installation === installationId(ctx.env)) {
      return { ok: true, message: `${publicUrl} leads to this installation.` };
    }
    return {
      ok: false,
      message: `${publicUrl} answered, but it is not this installation (status ${answer.status}). Set PUBLIC_URL to the address people open, and check the proxy in front of Usher.`,
    };
  } catch (error) {
    if (error instanceof OutboundRefusedError) {
      return {
        ok: false,
        message: `Usher does not connect to its own address from inside (${error.userMessage}) What your browser says still counts.`,
      };
    }
    if (!(error instanceof UnreachableError)) throw error;
    return {
      ok: false,
      message: `${error.userMessage} Check PUBLIC_URL and the proxy in front of Usher.`,
    };
  }
}
