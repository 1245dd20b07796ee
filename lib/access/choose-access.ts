import type { AccessInput, AccessSetting } from "@/lib/contracts/people/group";
import { type AccessSubject, findGrants, saveGrants } from "@/lib/db/accounts/access-grant";
import { by, insertAuditEvent } from "@/lib/db/audit-event";
import type { Database } from "@/lib/db/client";
import { InvalidInputError, NotFoundError } from "@/lib/errors";

interface AccessContext {
  db: Database;
}

type Actor = Parameters<typeof by>[0];

/** @throws NotFoundError */
export async function viewAccessSetting(
  { db }: AccessContext,
  subject: AccessSubject,
): Promise<AccessSetting> {
  const found = await findGrants(db, subject);
  if (!found) throw gone();
  const { name, access, accessGrants } = found;
  const byName = (a: { name: string }, b: { name: string }) => a.name.localeCompare(b.name);
  return {
    ...{ name, access },
    people: accessGrants.flatMap(({ user }) => user ?? []).toSorted(byName),
    groups: accessGrants.flatMap(({ group }) => group ?? []).toSorted(byName),
  };
}

/** Counts from the next request, and in a running turn from its next step. */
export async function chooseAccess(
  ctx: AccessContext,
  actor: Actor,
  subject: AccessSubject,
  input: AccessInput,
): Promise<AccessSetting> {
  const saved = await saveGrants(ctx.db, subject, input);
  if (saved === "gone") throw gone();
  if (saved === "choice_gone") {
    throw new InvalidInputError({
      access: "A person or a group that was chosen is no longer here. Load the page again.",
    });
  }
  const setting = await viewAccessSetting(ctx, subject);
  const ofServer = "serverId" in subject;
  await insertAuditEvent(ctx.db, {
    action: ofServer ? "server.access" : "assistant.access",
    ...by(actor),
    ...(ofServer ? { serverId: subject.serverId, serverName: setting.name } : {}),
    details: {
      ...(ofServer ? {} : { assistant: setting.name }),
      access: setting.access,
      people: setting.people.map(({ email }) => email),
      groups: setting.groups.map(({ name }) => name),
    },
  });
  return setting;
}

function gone(): NotFoundError {
  return new NotFoundError("This is no longer here.");
}
