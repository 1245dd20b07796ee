import { getToken } from "next-auth/jwt";
import type { Role } from "@/lib/contracts/person";
import type { Database } from "@/lib/db/client";
import { findUserById } from "@/lib/db/user";
import type { Env } from "@/lib/env";

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
  ctx: { db: Database; env: Env },
  cookies: Readonly<Record<string, string>>,
): Promise<SignedInUser | null> {
  const token = await getToken({
    // next-auth reads these two of a request and no more.
    req: { cookies, headers: {} } as unknown as Parameters<typeof getToken>[0]["req"],
    secret: ctx.env.nextAuthSecret,
    secureCookie: ctx.env.publicUrl.startsWith("https:"),
  });
  if (!token?.sub) return null;
  const user = await findUserById(ctx.db, token.sub);
  if (!user || user.disabledAt !== null || user.sessionVersion !== token.sessionVersion)
    return null;
  return { id: user.id, email: user.email, name: user.name, role: user.role };
}
