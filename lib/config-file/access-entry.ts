import type { AccessMode } from "@/lib/contracts/access";
import {
  type AccessSubject,
  type ChosenAccess,
  listAllGrants,
  saveGrants,
} from "@/lib/db/accounts/access-grant";
import { listGroupNames } from "@/lib/db/accounts/group";
import type { NewAuditEvent } from "@/lib/db/audit-event";
import type { Database } from "@/lib/db/client";
import { findUserIds } from "@/lib/db/user";
import { ConflictError } from "@/lib/errors";
import type { AccessEntry } from "./document";

/** Who may use what is stored, by the id of a server or an assistant, in the file's form. */
export type StoredAccess = ReadonlyMap<string, AccessEntry>;

export async function storedAccess(db: Database): Promise<StoredAccess> {
  const rows = await listAllGrants(db);
  return new Map(
    rows.map(({ id, access, groups, people }) => [id, entryOf(access, groups, people)]),
  );
}

function entryOf(access: AccessMode, groups: string[], people: string[]): AccessEntry {
  return access === "EVERYONE" ? "everyone" : { groups, people };
}

/** By name or address, the people and groups that a file may choose. */
export interface KnownChoices {
  groups: ReadonlyMap<string, string>;
  people: ReadonlyMap<string, string>;
}

export async function knownChoices(
  db: Database,
  entries: readonly (AccessEntry | undefined)[],
): Promise<KnownChoices> {
  const addresses = entries.flatMap((entry) =>
    entry === undefined || entry === "everyone" ? [] : entry.people,
  );
  const groups = await listGroupNames(db);
  return {
    groups: new Map(groups.map(({ id, name }) => [name, id])),
    people: await findUserIds(db, addresses),
  };
}

/** Names and addresses in an entry that match no one. */
export function accessProblems(
  entry: AccessEntry | undefined,
  known: { groups: { has(name: string): boolean }; people: { has(email: string): boolean } },
): [string, string][] {
  if (entry === undefined || entry === "everyone") return [];
  const groups = entry.groups.flatMap((name, at): [string, string][] =>
    known.groups.has(name)
      ? []
      : [[`access.groups.${at}`, `There is no group “${name}”. Add it under groups.`]],
  );
  const people = entry.people.flatMap((email, at): [string, string][] =>
    known.people.has(email)
      ? []
      : [[`access.people.${at}`, `Nobody here has the address ${email}. Invite them first.`]],
  );
  return [...groups, ...people];
}

export function comparedAccess(entry: AccessEntry | undefined): Record<string, string> {
  if (entry === undefined) return {};
  if (entry === "everyone") return { access: "everyone" };
  const list = (names: readonly string[]) => [...new Set(names)].sort().join(", ");
  const groups = entry.groups.length > 0 ? [`groups ${list(entry.groups)}`] : [];
  const people = entry.people.length > 0 ? [`people ${list(entry.people)}`] : [];
  return { access: [...groups, ...people].join("; ") || "admins alone" };
}

/** @throws ConflictError a group or a person is gone since the plan */
export function chosenOf(entry: AccessEntry, known: KnownChoices): ChosenAccess {
  if (entry === "everyone") return { access: "EVERYONE", userIds: [], groupIds: [] };
  const idOf = (ids: ReadonlyMap<string, string>) => (name: string) => {
    const id = ids.get(name);
    if (id === undefined) throw new ConflictError(`${name} is gone. Run plan again.`);
    return id;
  };
  return {
    access: "CHOSEN",
    userIds: entry.people.map(idOf(known.people)),
    groupIds: entry.groups.map(idOf(known.groups)),
  };
}

/** @throws ConflictError it was deleted, or someone it names, since the plan */
export async function changeAccess(
  db: Database,
  subject: AccessSubject,
  name: string,
  access: ChosenAccess,
  event: NewAuditEvent,
): Promise<void> {
  const saved = await saveGrants(db, subject, access, () => event);
  if (typeof saved === "string")
    throw new ConflictError(`${name} was changed in the meantime. Run plan again.`);
}
