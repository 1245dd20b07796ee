import type { PeopleQuery } from "@/lib/contracts/people/person";
import type { Database } from "../client";
import type { Prisma, User } from "../generated/client";
import { escapedForLike } from "../like";

export type PeopleListRow = User & { linked: boolean };

type Filter = Pick<PeopleQuery, "search" | "show">;

/** By name, then by address. @param after id of the last person on the previous page; undefined starts */
export async function listPeople(
  db: Database,
  filter: Filter,
  after: string | undefined,
  limit: number,
): Promise<PeopleListRow[]> {
  const rows = await db.user.findMany({
    where: matching(filter),
    include: { oidcIdentities: { select: { id: true }, take: 1 } },
    orderBy: [{ name: "asc" }, { email: "asc" }],
    take: limit,
    ...(after === undefined ? {} : { cursor: { id: after }, skip: 1 }),
  });
  return rows.map(({ oidcIdentities, ...row }) => ({ ...row, linked: oidcIdentities.length > 0 }));
}

export function countPeople(db: Database, filter: Filter): Promise<number> {
  return db.user.count({ where: matching(filter) });
}

function matching({ search = "", show }: Filter): Prisma.UserWhereInput {
  const contains = escapedForLike(search.normalize("NFC"));
  const part = { contains, mode: "insensitive" as const };
  return {
    ...kinds[show],
    ...(contains ? { OR: [{ name: part }, { email: part }] } : {}),
  };
}

const kinds = {
  all: {},
  admins: { role: "ADMIN", disabledAt: null },
  members: { role: "MEMBER", disabledAt: null },
  auditors: { role: "AUDITOR", disabledAt: null },
  disabled: { disabledAt: { not: null } },
  /** They have no account yet. */
  invited: { id: { in: [] } },
} satisfies Record<PeopleQuery["show"], Prisma.UserWhereInput>;
