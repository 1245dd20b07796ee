import { createHmac, timingSafeEqual } from "node:crypto";
import type { FirstAdminInput } from "@/lib/contracts/people/person";
import { by, insertAuditEvent } from "@/lib/db/audit-event";
import type { Database } from "@/lib/db/client";
import { countUsers, insertFirstUser, type UserRow } from "@/lib/db/user";
import type { Env } from "@/lib/env";
import { ConflictError, InvalidInputError } from "@/lib/errors";
import { hashPassword } from "@/lib/session/password";

interface SetupContext {
  db: Database;
  env: Pick<Env, "nextAuthSecret" | "publicUrl" | "firstAdmin">;
}

export async function needsSetup(ctx: SetupContext): Promise<boolean> {
  return (await countUsers(ctx.db)) === 0;
}

/**
 * Proves that a person can read this installation's log: without it the first stranger to find
 * a new deployment would become its admin. Derived, so that all replicas know the same code.
 */
export function setupCode(env: Pick<Env, "nextAuthSecret">): string {
  return createHmac("sha256", env.nextAuthSecret)
    .update("usher/setup")
    .digest("base64url")
    .slice(0, 22);
}

export function setupUrl(env: Pick<Env, "nextAuthSecret" | "publicUrl">): string {
  return `${env.publicUrl}/setup?code=${setupCode(env)}`;
}

export function isSetupCode(env: Pick<Env, "nextAuthSecret">, code: string): boolean {
  const expected = Buffer.from(setupCode(env));
  const given = Buffer.from(code);
  return given.length === expected.length && timingSafeEqual(given, expected);
}

export async function makeFirstAdmin(
  ctx: SetupContext,
  input: FirstAdminInput,
  ipAddress: string | null,
): Promise<UserRow> {
  if (!isSetupCode(ctx.env, input.code)) {
    throw new InvalidInputError({
      code: "That is not the setup code. Open the link that the server printed at its start.",
    });
  }
  const user = await insertAdmin(ctx, input, ipAddress);
  if (!user) throw new ConflictError("Usher is already set up. Sign in instead.");
  return user;
}

/** From ADMIN_EMAIL and ADMIN_PASSWORD; does nothing if there is any user. */
export async function makeConfiguredAdmin(ctx: SetupContext): Promise<UserRow | null> {
  const { firstAdmin } = ctx.env;
  if (!firstAdmin || !(await needsSetup(ctx))) return null;
  const name = firstAdmin.email.split("@")[0] || "Admin";
  return insertAdmin(ctx, { ...firstAdmin, name }, null);
}

async function insertAdmin(
  ctx: SetupContext,
  admin: { email: string; name: string; password: string },
  ipAddress: string | null,
): Promise<UserRow | null> {
  const user = await insertFirstUser(ctx.db, {
    email: admin.email,
    name: admin.name,
    passwordHash: await hashPassword(admin.password),
  });
  if (user) {
    await insertAuditEvent(ctx.db, {
      action: "setup",
      ...by({ ...user, ipAddress }),
    });
  }
  return user;
}
