import type { AppContext } from "@/lib/app/context";
import type { Identity } from "@/lib/tokens/identity";
import { Clock } from "@/tests/support/clock";
import {
  type IdentityProvider,
  type IdentityProviderOptions,
  startIdentityProvider,
} from "@/tests/support/identity-provider";
import { type Installation, publicUrl, startInstallation } from "@/tests/support/installation";
import { signInByOidc } from "@/tests/support/oidc-browser";
import { Visitor } from "@/tests/support/visitor";

export const minute = 60_000;

export interface Stage {
  provider: IdentityProvider;
  usher: Installation;
  clock: Clock;
  admin: Visitor;
  /** Signs a person in at the provider. Resolves to their browser. */
  signIn(sub: string): Promise<Visitor>;
  idOf(sub: string): Promise<string>;
  /** Token requests since the last call. */
  tokenRequests(): number;
  close(): Promise<void>;
}

export const keeping = { OIDC_KEEP_TOKENS: "1" };

/** A provider with refresh tokens, and an Usher that keeps what a sign-in returns. */
export async function setStage(
  options: Partial<IdentityProviderOptions> = {},
  env: Record<string, string> = keeping,
): Promise<Stage> {
  const redirectUri = `${publicUrl}/api/auth/callback/oidc`;
  const provider = await startIdentityProvider({ redirectUri, refreshTokens: true, ...options });
  const clock = new Clock();
  const usher = await startInstallation({ now: clock.now, env: { ...provider.env, ...env } });
  const admin = await usher.join("ADMIN");
  let counted = 0;
  const emailOf = (sub: string) => `${sub}@example.com`;
  return {
    ...{ provider, usher, clock, admin },
    async signIn(sub) {
      const email = emailOf(sub);
      provider.people.set(sub, { email, email_verified: true, name: sub });
      const browser = new Visitor(admin.user, {});
      const end = await signInByOidc(browser, provider, sub);
      if (end !== "/chat") throw new Error(`The sign-in of ${sub} ended at ${end}.`);
      const user = await usher.app.db.user.findUniqueOrThrow({ where: { email } });
      return new Visitor(user, Object.fromEntries(browser.cookies));
    },
    async idOf(sub) {
      const where = { email: emailOf(sub) };
      return (await usher.app.db.user.findUniqueOrThrow({ where })).id;
    },
    tokenRequests() {
      const all = provider.requests.filter((path) => path === "/token").length;
      const since = all - counted;
      counted = all;
      return since;
    },
    async close() {
      await usher.close();
      await provider.close();
    },
  };
}

/** @throws if there is none, with the reason */
export async function identityAt(app: AppContext, userId: string): Promise<Identity> {
  const result = await app.identityOf(userId);
  if (!result.found) throw new Error(`${result.because}: ${result.reason}`);
  return result.identity;
}
