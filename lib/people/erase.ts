import { sharedActingAs } from "@/lib/audit/tool-calls";
import { personOfOwnerKey } from "@/lib/contracts/connections/account";
import type { Database } from "@/lib/db/client";
import {
  type ErasedEvent,
  findAuditSpan,
  listAddressesOf,
  listNamingEvents,
  type NamingEvent,
  replaceNames,
  saveErasedEvents,
} from "@/lib/db/people/erase-person";

/** A person being deleted. */
interface Erased {
  id: string;
  /** Their current address: other people's events may name it. */
  email: string;
  /** What calls on shared accounts say about this person's authorization. Null: another person has the same name. */
  actingAs: string | null;
  /** The audit's replacement for name and address. */
  name: string;
}

/** How many events are changed together. */
const batch = 1000;
/** How much of the audit one statement searches, in ms. */
const windowMs = 31 * 24 * 60 * 60_000;
/** In events' details. The database refuses a change to any other (see the migration `erase_people`). */
const accountKeys = ["account", "previousAccount", "actingAs"];
const addressKeys = ["email", "person", "people", "before", "owner", "actingAs"];

/**
 * Replaces a person's name, addresses and accounts in the audit and on their receipts. What they did stays, by their
 * id. It may be run again, and continues where it was.
 * @param from checks only events since then; all if omitted
 */
export async function erasePerson(db: Database, erased: Erased, from?: Date): Promise<void> {
  const addresses = new Set([erased.email, ...(await listAddressesOf(db, erased.id))]);
  addresses.delete(erased.name);
  const span = await findAuditSpan(db);
  if (span) {
    const end = span.to.getTime() + 1;
    for (let at = (from ?? span.from).getTime(); at < end; at += windowMs) {
      await eraseSpan(db, erased, addresses, {
        from: new Date(at),
        before: new Date(Math.min(at + windowMs, end)),
      });
    }
  }
  await replaceNames(db, erased.id, [...addresses], erased.name);
}

async function eraseSpan(
  db: Database,
  erased: Erased,
  addresses: ReadonlySet<string>,
  span: { from: Date; before: Date },
): Promise<void> {
  let after = "";
  for (;;) {
    const events = await listNamingEvents(db, erased, span, { after, most: batch });
    const last = events.at(-1);
    if (!last) return;
    await saveErasedEvents(
      db,
      events.map((event) => eraseFrom(event, erased, addresses)),
    );
    after = last.id;
  }
}

/** An earlier address counts only in their own events: it may now belong to another person. */
function eraseFrom(
  { id, actorId, actorEmail, ownerKey, details }: NamingEvent,
  erased: Erased,
  addresses: ReadonlySet<string>,
): ErasedEvent {
  const byThem =
    actorId === erased.id || (actorId === null && actorEmail?.toLowerCase() === erased.email);
  const isTheirAccount = ownerKey !== null && personOfOwnerKey(ownerKey) === erased.id;
  const known = byThem || isTheirAccount ? addresses : new Set([erased.email]);
  const isTheirs = (value: unknown) => typeof value === "string" && known.has(value.toLowerCase());
  const ofTheirAccount = isTheirAccount || isTheirs(details.person);
  const replace = (key: string, value: unknown): unknown => {
    if (key === "name") return byThem && isTheirs(details.email) ? erased.name : value;
    if (ofTheirAccount && accountKeys.includes(key) && value !== null) return erased.name;
    if (!addressKeys.includes(key)) return value;
    if (value === erased.actingAs) return sharedActingAs(erased.name);
    if (Array.isArray(value)) return value.map((each) => (isTheirs(each) ? erased.name : each));
    return isTheirs(value) ? erased.name : value;
  };
  return {
    id,
    actorEmail: byThem && actorEmail !== null ? erased.name : actorEmail,
    keepsIpAddress: !byThem,
    details: Object.fromEntries(
      Object.entries(details).map(([key, value]) => [key, replace(key, value)]),
    ),
  };
}
