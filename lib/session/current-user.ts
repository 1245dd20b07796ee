import { cookies, headers } from "next/headers";
import { forbidden, redirect } from "next/navigation";
import { cache } from "react";
import { app } from "@/lib/app";
import { clientAddress } from "@/lib/session/client";
import { readUserAgent } from "./client";
import { type Permission, permits } from "./permissions";
import { type SessionUser, seeSession } from "./session-user";

/** For the page being rendered; read once per request. */
export const currentUser = cache(async (): Promise<SessionUser | null> => {
  const [jar, sent] = [await cookies(), await headers()];
  return seeSession(app(), {
    ipAddress: clientAddress(sent),
    userAgent: readUserAgent(sent),
    cookies: Object.fromEntries(jar.getAll().map((each) => [each.name, each.value])),
  });
});

/** Redirects to the sign-in page, which leads back here. */
export async function requireUser(): Promise<SessionUser> {
  const user = await currentUser();
  if (user) return user;
  const path = (await headers()).get("x-usher-path");
  redirect(path ? `/sign-in?callbackUrl=${encodeURIComponent(path)}` : "/sign-in");
}

export async function requireAdmin(): Promise<SessionUser> {
  const user = await requireUser();
  if (user.role !== "ADMIN") forbidden();
  return user;
}

/** Of a page that more than admins see. */
export async function requirePermission(permission: Permission): Promise<SessionUser> {
  const user = await requireUser();
  if (!permits(user.role, permission)) forbidden();
  return user;
}
