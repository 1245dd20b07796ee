import type { AccessMode } from "@/lib/contracts/access";
import type { AccessInput, AccessSetting } from "@/lib/contracts/people/group";
import {
  type AccessSubject,
  findGrants,
  type StoredGrants,
  saveGrants,
} from "@/lib/db/accounts/access-grant";
import { by } from "@/lib/db/audit-event";
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
  return viewGrants(found);
}

function viewGrants({ name, access, accessGrants }: StoredGrants): AccessSetting {
  const byName = (a: { name: string }, b: { name: string }) => a.name.localeCompare(b.name);
  return {
    ...{ name, access },
    people: accessGrants.flatMap(({ user }) => user ?? []).toSorted(byName),
    groups: accessGrants.flatMap(({ group }) => group ?? []).toSorted(byName),
  };
}

/** Takes effect with the next request, and in a running turn with its next step. */
export async function chooseAccess(
  ctx: AccessContext,
  actor: Actor,
  subject: AccessSubject,
  input: AccessInput,
): Promise<AccessSetting> {
  const saved = await saveGrants(ctx.db, subject, input, (grants) => {
    const { name, access, people, groups } = viewGrants(grants);
    const event = accessEvent(subject, name, {
      access,
      people: people.map(({ email }) => email),
      groups: groups.map((group) => group.name),
    });
    return { ...event, ...by(actor) };
  });
  if (saved === "gone") throw gone();
  if (saved === "choice_gone") {
    throw new InvalidInputError({
      access: "A person or a group that was chosen is no longer here. Load the page again.",
    });
  }
  return viewGrants(saved);
}

/** For the audit. @param details with people's addresses and groups' names */
export function accessEvent(
  subject: AccessSubject,
  name: string,
  details: { access: AccessMode; people?: string[]; groups?: string[] },
) {
  return "serverId" in subject
    ? { action: "server.access" as const, serverId: subject.serverId, serverName: name, details }
    : { action: "assistant.access" as const, details: { assistant: name, ...details } };
}

function gone(): NotFoundError {
  return new NotFoundError("This is no longer here.");
}
