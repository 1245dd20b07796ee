import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { GET as peopleRoute } from "@/app/api/people/route";
import type { PeoplePage } from "@/lib/contracts/people/person";
import { type Installation, startInstallation } from "@/tests/support/installation";
import type { Visitor } from "@/tests/support/visitor";

let usher: Installation;
let admin: Visitor;

beforeAll(async () => {
  usher = await startInstallation();
  admin = await usher.join("ADMIN", "Zoe Zebra");
  const { db } = usher.app;
  await db.user.createMany({
    data: Array.from({ length: 240 }, (_, at) => ({
      // Many have the same name: their addresses decide the order.
      name: `Person ${at % 9}`,
      email: `p${`${at}`.padStart(3, "0")}_x@team.example`,
      role: at % 50 === 0 ? ("ADMIN" as const) : ("MEMBER" as const),
      disabledAt: at % 40 === 1 ? new Date() : null,
    })),
  });
  const linked = await db.user.findUniqueOrThrow({ where: { email: "p000_x@team.example" } });
  const identity = { issuer: "https://login.example", subject: "ada", userId: linked.id };
  await db.oidcIdentity.create({ data: { ...identity, createdAt: new Date() } });
  await db.invitation.createMany({
    data: Array.from({ length: 205 }, (_, at) => ({
      ...{ email: `guest${at}@else.example`, tokenHash: `hash ${at}`, expiresAt: new Date() },
      ...{ invitedById: admin.user.id, createdAt: new Date(1_700_000_000_000 + at * 1_000) },
    })),
  });
});
afterAll(() => usher.close());

async function page(query: Record<string, string> = {}): Promise<PeoplePage> {
  const response = await admin.visit(peopleRoute, {
    path: `/api/people?${new URLSearchParams(query)}`,
  });
  expect(response.status).toBe(200);
  return response.json();
}

async function all(query: Record<string, string> = {}) {
  const pages = [await page(query)];
  for (let next = pages[0]?.next; next; next = pages.at(-1)?.next) {
    pages.push(await page({ ...query, after: next }));
  }
  return { pages, people: pages.flatMap(({ people }) => people) };
}

describe("the list of people", () => {
  it("contains everyone once, sorted by name and address, a page at a time", async () => {
    const { pages, people } = await all();
    expect(pages.map((each) => each.people.length)).toEqual([100, 100, 41]);
    expect(new Set(people.map(({ id }) => id)).size).toBe(241);
    const order = people.map(({ name, email }) => `${name} ${email}`);
    expect(order).toEqual([...order].sort());
    expect(people.filter(({ singleSignOn }) => singleSignOn)).toMatchObject([
      { email: "p000_x@team.example" },
    ]);
  });

  it("counts matches only on its first page, and includes the newest invitations", async () => {
    const { pages } = await all();
    expect(pages.map(({ first }) => first !== null)).toEqual([true, false, false]);
    expect(pages[0]?.first).toMatchObject({ found: 446, of: 446, invited: 205 });
    expect(pages[0]?.first?.invitations).toHaveLength(200);
    expect(pages[0]?.first?.invitations[0]?.email).toBe("guest204@else.example");
    expect((await page({ search: "GUEST1@" })).first).toMatchObject({
      ...{ found: 1, of: 446, invited: 1, invitations: [{ email: "guest1@else.example" }] },
    });
  });

  it.each<[Record<string, string>, number]>([
    [{ search: "person 3" }, 27],
    [{ search: "P003_X@" }, 1],
    // A wildcard in SQL.
    [{ search: "p00__x" }, 0],
    [{ search: "%" }, 0],
    [{ search: "zebra", show: "admins" }, 1],
    [{ show: "admins" }, 6],
    [{ show: "disabled" }, 6],
    [{ show: "members" }, 229],
    [{ show: "invited" }, 0],
    [{ search: "person 1", show: "members" }, 25],
    [{ after: "nobody" }, 0],
  ])("finds for %o this many people: %i", async (query, count) => {
    expect((await all(query)).people).toHaveLength(count);
  });

  it("shows no invitation among admins, members or disabled people", async () => {
    for (const show of ["admins", "members", "disabled"]) {
      expect((await page({ show })).first).toMatchObject({ invitations: [], invited: 0 });
    }
    expect((await page({ show: "invited" })).first).toMatchObject({ found: 205, invited: 205 });
  });

  it("stays below 40 kB per page without invitations", async () => {
    const text = JSON.stringify(await page({ show: "members" }));
    expect(text.length).toBeLessThan(40_000);
  });

  it("rejects an invalid page", async () => {
    const response = await admin.visit(peopleRoute, { path: "/api/people?after=../x" });
    expect(response.status).toBe(400);
  });
});
