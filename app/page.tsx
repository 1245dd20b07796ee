import { redirect } from "next/navigation";
import { app } from "@/lib/app";
import { needsSetup } from "@/lib/people/first-admin";
import { currentUser } from "@/lib/session/current-user";
import { permits } from "@/lib/session/permissions";

export const dynamic = "force-dynamic";

export default async function StartPage() {
  const user = await currentUser();
  if (user) redirect(permits(user.role, "servers.manage") ? "/mcp-servers" : "/chat");
  redirect((await needsSetup(app())) ? "/setup" : "/sign-in");
}
