import { createHash } from "node:crypto";
import { decode, encode } from "next-auth/jwt";
import * as z from "zod";
import type { Env } from "@/lib/env";

type FlowEnv = Pick<Env, "nextAuthSecret" | "publicUrl">;

const flowSeconds = 10 * 60;
const salt = "usher.oidc";

const oidcFlow = z.object({
  state: z.string(),
  nonce: z.string(),
  codeVerifier: z.string(),
  /** A path of Usher, where the flow ends. */
  returnTo: z.string(),
  /** Set when a signed-in person links their account; only that session may finish. */
  link: z.object({ userId: z.string(), sessionId: z.string() }).nullable(),
});
/** The flow's state, sealed in the browser while its person is at the provider. */
export type OidcFlow = z.infer<typeof oidcFlow>;

/** As a Set-Cookie header. Lax: the provider's redirect has to include it. */
export async function flowCookie(env: FlowEnv, flow: OidcFlow): Promise<string> {
  const token = await encode({
    token: { ...flow },
    secret: env.nextAuthSecret,
    maxAge: flowSeconds,
    salt,
  });
  return `${cookieName(env, flow.state)}=${token}; Max-Age=${flowSeconds}; ${attributes(env)}`;
}

/** Null: this browser started no such flow, or more than ten minutes ago. */
export async function readFlow(
  env: FlowEnv,
  cookies: Readonly<Record<string, string>>,
  state: string,
): Promise<OidcFlow | null> {
  const token = cookies[cookieName(env, state)];
  if (!token) return null;
  const content = await decode({ token, secret: env.nextAuthSecret, salt }).catch(() => null);
  const read = oidcFlow.safeParse(content);
  return read.success && read.data.state === state ? read.data : null;
}

export function clearFlowCookie(env: FlowEnv, state: string): string {
  return `${cookieName(env, state)}=; Max-Age=0; ${attributes(env)}`;
}

function attributes({ publicUrl }: FlowEnv): string {
  const secure = publicUrl.startsWith("https:") ? "; Secure" : "";
  return `Path=/api/auth/callback/oidc; HttpOnly; SameSite=Lax${secure}`;
}

/** One for each flow, since two tabs may sign in at once. */
function cookieName({ publicUrl }: FlowEnv, state: string): string {
  const flow = createHash("sha256").update(state).digest("hex").slice(0, 16);
  return `${publicUrl.startsWith("https:") ? "__Secure-" : ""}usher.oidc.${flow}`;
}
