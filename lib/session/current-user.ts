import { cookies, headers } from "next/headers";
import { forbidden, redirect } from "next/navigation";
import { cache } from "react";
import { app } from "@/lib/app/current";
import { clientAddress } from "@/lib/session/client";
import { readUserAgent } from "./client";
import { type Permission, permits } from "./permissions";
import { type SessionUser, seeSession } from "./session-user";

/** For the page on which they set up two-factor authentication. */
export const userBeforeTwoFactor = cache(async (): Promise<SessionUser | null> => {
  const [jar, sent] = [await cookies(), await headers()];
  const client = {
    ipAddress: clientAddress(sent),
    userAgent: readUserAgent(sent),
    cookies: Object.fromEntries(jar.getAll().map((each) => [each.name, each.value])),
  };
  return seeSession(app(), client, { beforeTwoFactor: true });
});

/** For every other page being rendered; read once per request. Redirects to required two-factor authentication. */
export async function currentUser(): Promise<SessionUser | null> {
  const user = await userBeforeTwoFactor();
  if (user?.mustSetUpTwoFactor) redirect(await pathBefore("/two-factor"));
  return user;
}

/** Redirects to the sign-in page, which leads back here. */
export async function requireUser(): Promise<SessionUser> {
  const user = await currentUser();
  if (user) return user;
  redirect(await pathBefore("/sign-in"));
}

/** For a page that leads back here. */
async function pathBefore(page: "/sign-in" | "/two-factor"): Promise<string> {
  const path = (await headers()).get("x-usher-path");
  return path ? `${page}?callbackUrl=${encodeURIComponent(path)}` : page;
}

export async function requireAdmin(): Promise<SessionUser> {
  const user = await requireUser();
  if (user.role !== "ADMIN") forbidden();
  return user;
}

/** For a page that not only admins see. */
export async function requirePermission(permission: Permission): Promise<SessionUser> {
  const user = await requireUser();
  if (!permits(user.role, permission)) forbidden();
  return user;
}
