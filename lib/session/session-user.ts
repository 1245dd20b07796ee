import type { Role } from "@/lib/contracts/person";
import type { Database } from "@/lib/db/client";
import { findUserById } from "@/lib/db/user";
import type { Env } from "@/lib/env";
import type { SessionClaims } from "./session-claims";

export interface SignedInUser {
  id: string;
  email: string;
  name: string;
  role: Role;
}

/** Who did something, and from where, as far as that is known (lib/http/client-address.ts). */
export type Actor = SignedInUser & { ipAddress: string | null };

/**
 * Who sends these cookies, as the database has them now: a role taken away or a person disabled
 * counts from the next request on.
 */
export async function sessionUser(
  ctx: { db: Database; env: Env; sessionClaims: SessionClaims },
  cookies: Readonly<Record<string, string>>,
): Promise<SignedInUser | null> {
  const claims = await ctx.sessionClaims.open(ctx.env, cookies);
  if (!claims) return null;
  const user = await findUserById(ctx.db, claims.sub);
  if (!user || user.disabledAt !== null || user.sessionVersion !== claims.sessionVersion)
    return null;
  return { id: user.id, email: user.email, name: user.name, role: user.role };
}
