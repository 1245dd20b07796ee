import { redirect } from "next/navigation";
import { app } from "@/lib/app";
import { needsSetup } from "@/lib/people/first-admin";
import { currentUser } from "@/lib/session/current-user";

export const dynamic = "force-dynamic";

export default async function StartPage() {
  const user = await currentUser();
  if (user) redirect(user.role === "ADMIN" ? "/mcp-servers" : "/chat");
  redirect((await needsSetup(app())) ? "/setup" : "/sign-in");
}
