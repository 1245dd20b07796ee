import type { PeoplePage, PeopleQuery } from "@/lib/contracts/people/person";
import type { Database } from "@/lib/db/client";
import { countOpenInvitations, listOpenInvitations } from "@/lib/db/invitation";
import { countPeople, listPeople } from "@/lib/db/lists/people";
import { viewInvitation, viewPerson } from "./view";

const pageSize = 100;
const mostInvitations = 200;

/** A page of the people with an account; on the first one also the open invitations that match. */
export async function peoplePage(
  ctx: { db: Database; now: () => Date },
  { after, ...filter }: PeopleQuery,
): Promise<PeoplePage> {
  const { db } = ctx;
  const rows = await listPeople(db, filter, after, pageSize + 1);
  const shown = rows.slice(0, pageSize);
  const people = shown.map((row) => viewPerson(row, row.linked));
  const next = rows.length > pageSize ? (shown.at(-1)?.id ?? null) : null;
  if (after !== undefined) return { people, next, first: null };

  const search = filter.search ?? "";
  const isWithInvited = filter.show === "all" || filter.show === "invited";
  const [found, all, open, invitations] = await Promise.all([
    countPeople(db, filter),
    countPeople(db, { show: "all" }),
    countOpenInvitations(db, ""),
    isWithInvited ? listOpenInvitations(db, search, mostInvitations) : [],
  ]);
  const invited = isWithInvited ? await countOpenInvitations(db, search) : 0;
  return {
    ...{ people, next },
    first: {
      invitations: invitations.map((row) => viewInvitation(row, ctx.now())),
      ...{ invited, found: found + invited, of: all + open },
    },
  };
}
