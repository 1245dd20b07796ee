import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { POST as createGroupRoute } from "@/app/api/groups/route";
import { PATCH as personRoute } from "@/app/api/people/[userId]/route";
import { type IdentityProvider, startIdentityProvider } from "@/tests/support/identity-provider";
import { type Installation, publicUrl, startInstallation } from "@/tests/support/installation";
import { signInByOidc } from "@/tests/support/oidc-browser";
import { Visitor } from "@/tests/support/visitor";

let provider: IdentityProvider;
let usher: Installation;
let admin: Visitor;

beforeAll(async () => {
  provider = await startIdentityProvider({
    redirectUri: `${publicUrl}/api/auth/callback/oidc`,
    claimsFromUserinfo: true,
  });
});
afterAll(() => provider.close());
beforeEach(async () => {
  provider.people.clear();
  usher = await startInstallation({ env: { ...provider.env, OIDC_GROUPS_CLAIM: "groups" } });
  admin = await usher.join("ADMIN");
});
afterEach(async () => {
  provider.intercept("/me", null);
  await usher.close();
});

const email = "ada@example.com";
const signIn = (groups: unknown) => {
  provider.people.set("ada", { email, email_verified: true, name: "Ada", groups });
  return signInByOidc(new Visitor(admin.user, {}), provider, "ada");
};
const ada = () => usher.app.db.user.findUniqueOrThrow({ where: { email } });

async function makeGroup(name: string, role: "ADMIN" | "AUDITOR" | null = null, userIds = [""]) {
  const claimValue = name.toLowerCase();
  const json = { name, description: "", claimValue, role, userIds: userIds.filter(Boolean) };
  const made = await admin.visit(createGroupRoute, { path: "/api/groups", json });
  expect(made.status).toBe(201);
}

async function groupsOfAda(): Promise<string[]> {
  const rows = await usher.app.db.groupMember.findMany({
    where: { user: { email } },
    select: { source: true, group: { select: { name: true } } },
  });
  return rows.map(({ source, group }) => `${group.name} by ${source}`).toSorted();
}

describe("the groups claim", () => {
  it("adds a person to its groups at each sign-in, and removes them from those that left it", async () => {
    await makeGroup("Sales");
    await makeGroup("Support");
    expect(await signIn(["sales", "unknown"])).toBe("/chat");
    expect(await groupsOfAda()).toEqual(["Sales by CLAIM"]);
    await signIn([{ name: "support" }]);
    expect(await groupsOfAda()).toEqual(["Support by CLAIM"]);
    await signIn(undefined);
    expect(await groupsOfAda()).toEqual([]);
  });

  it("removes no one from a group to which they were added by hand", async () => {
    await signIn([]);
    await makeGroup("Sales", null, [(await ada()).id]);
    await signIn("sales");
    expect(await groupsOfAda()).toEqual(["Sales by CLAIM", "Sales by HAND"]);
    await signIn([]);
    expect(await groupsOfAda()).toEqual(["Sales by HAND"]);
  });

  it("gives a group's role, and takes it back", async () => {
    await makeGroup("Bosses", "ADMIN");
    await makeGroup("Checkers", "AUDITOR");
    await signIn(["checkers"]);
    expect((await ada()).role).toBe("AUDITOR");
    await signIn(["checkers", "bosses"]);
    expect((await ada()).role).toBe("ADMIN");
    await signIn([]);
    expect((await ada()).role).toBe("MEMBER");
  });

  it("takes back a role whose group was deleted, and none that an admin gave in the meantime", async () => {
    await makeGroup("Checkers", "AUDITOR");
    await signIn(["checkers"]);
    expect((await ada()).role).toBe("AUDITOR");
    await usher.app.db.group.deleteMany();
    await signIn(["checkers"]);
    expect((await ada()).role).toBe("MEMBER");

    await makeGroup("Bosses", "ADMIN");
    await signIn(["bosses"]);
    const { id } = await ada();
    const change = (role: string) =>
      admin.visit(personRoute, {
        ...{ path: `/api/people/${id}`, params: { userId: id }, method: "PATCH", json: { role } },
      });
    await change("AUDITOR");
    await usher.app.db.group.deleteMany();
    await signIn(["bosses"]);
    expect((await ada()).role).toBe("AUDITOR");
  });

  it("never takes the last admin's role", async () => {
    await makeGroup("Bosses", "ADMIN");
    await signIn(["bosses"]);
    const others = { email: { not: email } };
    await usher.app.db.user.updateMany({ where: others, data: { role: "MEMBER" } });
    await signIn([]);
    expect((await ada()).role).toBe("ADMIN");
  });

  it("lets no one in while the provider cannot be asked for it, and changes nothing", async () => {
    await makeGroup("Sales");
    await signIn(["sales"]);
    provider.intercept("/me", (_, response) => {
      response.writeHead(503).end();
    });
    expect(await signIn(["sales"])).toContain("error=OidcUnreachable");
    expect(await groupsOfAda()).toEqual(["Sales by CLAIM"]);
  });
});
