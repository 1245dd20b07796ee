import type { Metadata } from "next";
import {
  AuthorizationLinkConfirm,
  AuthorizationLinkRefused,
} from "@/components/connections/authorization-link-confirm";
import { app } from "@/lib/app/current";
import { openAuthorizationLink } from "@/lib/authorization/open-link";
import { requireUser } from "@/lib/session/current-user";

export const metadata: Metadata = { title: "Authorize", referrer: "no-referrer" };

type Params = Promise<{ authorizationId: string }>;

/** Where a person gives a consent that a program requested. Opening it starts nothing. */
export default async function AuthorizationLinkPage({ params }: { params: Params }) {
  const user = await requireUser();
  const { authorizationId: id } = await params;
  const opened = await openAuthorizationLink(app(), user, id);
  if (opened.kind !== "open") return <AuthorizationLinkRefused reason={opened.kind} />;
  const { kind: _, ...asked } = opened;
  return <AuthorizationLinkConfirm email={user.email} asked={{ id, ...asked }} />;
}
