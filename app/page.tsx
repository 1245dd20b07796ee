import { redirect } from "next/navigation";
import { app } from "@/lib/app/current";
import { beginsWithGetStarted } from "@/lib/contracts/get-started";
import { viewGetStarted } from "@/lib/get-started";
import { needsSetup } from "@/lib/people/first-admin";
import { currentUser } from "@/lib/session/current-user";
import { permits } from "@/lib/session/permissions";
import type { SessionUser } from "@/lib/session/session-user";

export const dynamic = "force-dynamic";

export default async function StartPage() {
  const user = await currentUser();
  if (user) redirect(await startPath(user));
  redirect((await needsSetup(app())) ? "/setup" : "/sign-in");
}

async function startPath(user: SessionUser): Promise<string> {
  if (!permits(user.role, "servers.manage")) {
    return permits(user.role, "chat.use") ? "/chat" : "/audit";
  }
  if (user.dismissedGetStarted) return "/mcp-servers";
  return beginsWithGetStarted(await viewGetStarted(app(), user)) ? "/get-started" : "/mcp-servers";
}
