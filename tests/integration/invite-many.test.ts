import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { POST as acceptRoute } from "@/app/api/invitations/accept/route";
import { POST as inviteManyRoute } from "@/app/api/people/invitations/batch/route";
import type { InviteManyResult } from "@/lib/contracts/people/invite-many";
import { type Installation, startInstallation } from "@/tests/support/installation";
import { Visitor } from "@/tests/support/visitor";

let usher: Installation;
let admin: Visitor;

beforeEach(async () => {
  usher = await startInstallation();
  admin = await usher.join("ADMIN");
});
afterEach(() => usher.close());

const ask = (text: string, role = "MEMBER") =>
  admin.visit(inviteManyRoute, { path: "/api/people/invitations/batch", json: { text, role } });

async function invite(text: string, role?: string): Promise<InviteManyResult["rows"]> {
  const answer = await ask(text, role);
  expect(answer.status).toBe(201);
  return ((await answer.json()) as InviteManyResult).rows;
}

/** In short: an address with its role, or what was left out and why. */
async function results(text: string, role?: string): Promise<string[]> {
  return (await invite(text, role)).map((row) =>
    row.result === "invited" ? `${row.email} ${row.role}` : `${row.entered}: ${row.reason}`,
  );
}

const accept = (link: string) =>
  new Visitor(admin.user, {}).visit(acceptRoute, {
    path: "/api/invitations/accept",
    json: {
      ...{ token: link.split("/").at(-1) },
      ...{ name: "New Person", password: "a long enough password" },
    },
  });

describe("inviting several people", () => {
  it("gives each their own link, which admits them with their role, once", async () => {
    const rows = await invite("ada@example.com\ngrace@example.com, auditor");
    const links = rows.flatMap((row) => (row.result === "invited" ? [row.link] : []));
    expect(new Set(links).size).toBe(2);
    for (const link of links) expect((await accept(link)).status).toBe(200);
    for (const link of links) expect((await accept(link)).status).toBe(404);
    const people = await usher.app.db.user.findMany({ orderBy: { email: "asc" } });
    expect(people.map(({ email, role }) => [email, role])).toEqual(
      expect.arrayContaining([
        ["ada@example.com", "MEMBER"],
        ["grace@example.com", "AUDITOR"],
      ]),
    );
  });

  it.each([
    ["a list with commas", "a@x.example, b@x.example ,c@x.example", 3],
    ["a list with semicolons", "a@x.example; b@x.example", 2],
    ["lines of another system, with empty ones", "a@x.example\r\n\r\n  b@x.example\r\n", 2],
    ["addresses with names", 'Ada <a@x.example>, "Hopper, Grace" <b@x.example>', 2],
    ["a repeated address", "a@x.example\nA@X.example", 1],
    ["unclosed quotes", 'a@x.example\n"b@x.example', 2],
  ])("reads %s", async (_, text, count) => {
    const invited = (await invite(text)).filter(({ result }) => result === "invited");
    expect(invited).toHaveLength(count);
  });

  it("reads CSV with a header, with its columns in any order", async () => {
    expect(
      await results("\uFEFFName;Role;E-Mail\nAda;admin;ada@x.example\nBob;;bob@x.example"),
    ).toEqual(["ada@x.example ADMIN", "bob@x.example MEMBER"]);
    expect(await results("email,role\neve@x.example,owner")).toEqual([
      "eve@x.example: “owner” is not a role. Use member, auditor or admin.",
    ]);
  });

  it("says what it left out and why, and invites the others", async () => {
    expect(
      await results(`not an address\n${admin.user.email}\n@x.example\nada@x.example`, "AUDITOR"),
    ).toEqual([
      "not an address: No email address",
      `${admin.user.email}: Already here`,
      "@x.example: Not a valid email address",
      "ada@x.example AUDITOR",
    ]);
    expect(await usher.app.db.invitation.count()).toBe(1);
    const events = await usher.app.db.auditEvent.findMany({ where: { action: "person.invite" } });
    expect(events.map(({ details }) => details)).toEqual([
      { email: "ada@x.example", role: "AUDITOR" },
    ]);
  });

  it("rejects more than 200 at once, and an empty list, without inviting anyone", async () => {
    const many = Array.from({ length: 201 }, (_, at) => `p${at}@x.example`).join("\n");
    for (const text of [many, "  \n "]) {
      const answer = await ask(text);
      expect(answer.status).toBe(400);
      expect(await answer.json()).toMatchObject({
        error: { fields: { text: expect.any(String) } },
      });
    }
    expect(await usher.app.db.invitation.count()).toBe(0);
  });
});

describe("accepting invitations", () => {
  it("admits a whole office from one IP address", async () => {
    const office = Array.from({ length: 40 }, (_, at) => `p${at}@x.example`).join(",");
    const statuses = [];
    for (const row of await invite(office)) {
      if (row.result === "invited") statuses.push((await accept(row.link)).status);
    }
    expect(statuses).toEqual(Array(40).fill(200));
  });

  it("stops attempts with invalid links, and does not affect a real one", async () => {
    const [row] = await invite("ada@x.example");
    const statuses = [];
    for (let tries = 0; tries < 32; tries++)
      statuses.push((await accept(`/guess-${tries}`)).status);
    expect(statuses.slice(0, 30)).toEqual(Array(30).fill(404));
    expect(statuses.slice(30)).toEqual([429, 429]);
    expect((await accept(row?.result === "invited" ? row.link : "")).status).toBe(200);
  });
});
