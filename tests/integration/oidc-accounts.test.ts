import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import {
  POST as linkRoute,
  GET as linkViewRoute,
  DELETE as unlinkRoute,
} from "@/app/api/account/single-sign-on/route";
import { GET as assistantsRoute } from "@/app/api/assistants/route";
import { PATCH as personRoute } from "@/app/api/people/[userId]/route";
import { DELETE as resetRoute } from "@/app/api/people/[userId]/single-sign-on/route";
import { POST as inviteRoute } from "@/app/api/people/invitations/route";
import { GET as peopleRoute } from "@/app/api/people/route";
import { insertUser } from "@/lib/db/user";
import { type IdentityProvider, startIdentityProvider } from "@/tests/support/identity-provider";
import {
  type Installation,
  publicUrl,
  startInstallation,
  visitorFor,
} from "@/tests/support/installation";
import { comeBack, signInByOidc } from "@/tests/support/oidc-browser";
import { Visitor } from "@/tests/support/visitor";

let provider: IdentityProvider;
let usher: Installation;
let admin: Visitor;

beforeAll(async () => {
  provider = await startIdentityProvider({
    redirectUri: `${publicUrl}/api/auth/callback/oidc`,
    signingAlgorithm: "ES256",
  });
});
afterAll(() => provider.close());
beforeEach(async () => {
  provider.people.clear();
  usher = await startInstallation({ env: provider.env });
  admin = await usher.join("ADMIN");
});
afterEach(() => usher.close());

const nobody = () => new Visitor(admin.user, {});
const signIn = (sub: string, visitor = nobody()) => signInByOidc(visitor, provider, sub);
const failed = (reason: string) => `/sign-in?error=${reason}&callbackUrl=%2Fchat`;
const says = (sub: string, claims: Record<string, unknown>) => provider.people.set(sub, claims);
const ids = (visitor: Visitor) => visitor.visit(assistantsRoute, { path: "/api/assistants" });
const isIn = async (visitor: Visitor) => (await ids(visitor)).status === 200;
const userOf = (email: string) => usher.app.db.user.findUnique({ where: { email } });
const withoutPassword = (email: string, role: "ADMIN" | "MEMBER" = "MEMBER") =>
  insertUser(usher.app.db, { email, name: "Old Name", role, passwordHash: null });
const invite = (email: string, role: "ADMIN" | "MEMBER") =>
  admin.visit(inviteRoute, { path: "/api/people/invitations", json: { email, role } });
const link = async (visitor: Visitor) =>
  (await (await visitor.visit(linkRoute, { path: "/api/account/single-sign-on", json: {} })).json())
    .url as string;

const notTrue: [string, object][] = [
  ["absent", {}],
  ["null", { email_verified: null }],
  ["0", { email_verified: 0 }],
  ["1", { email_verified: 1 }],
  ['"false"', { email_verified: "false" }],
  ['"true"', { email_verified: "true" }],
  ["empty", { email_verified: "" }],
  ["a list", { email_verified: [true] }],
  ["false", { email_verified: false }],
];

describe("people without an invitation", () => {
  async function joinAs(domains: string, email: string): Promise<string | null> {
    await usher.close();
    usher = await startInstallation({ env: { ...provider.env, OIDC_JOIN_DOMAINS: domains } });
    admin = await usher.join("ADMIN");
    await invite("invited@elsewhere.example", "MEMBER");
    says("new", { email, email_verified: true, name: "New" });
    const answer = await signIn("new");
    return (await userOf(email)) === null ? answer : null;
  }

  it("join with an address in an allowed domain, and with no other", async () => {
    expect(await joinAs("example.com, Example.ORG", "ada@example.org")).toBeNull();
    for (const email of [
      "eve@elsewhere.example",
      "eve@sub.example.org",
      "eve@notexample.org",
      "example.org@elsewhere.example",
    ]) {
      expect(await joinAs("example.com,example.org", email), email).toBe(failed("NotInvited"));
    }
  });

  it("stay out if only invited people may join, and invited people still can", async () => {
    expect(await joinAs("none", "ada@example.com")).toBe(failed("NotInvited"));
    expect(await joinAs("none", "invited@elsewhere.example")).toBeNull();
  });
});

describe("an address that the provider does not call verified", () => {
  it.each(notTrue)(
    "(%s) leads to no account, claims no invitation and creates no member",
    async (_, claim) => {
      const member = await usher.join("MEMBER");
      await withoutPassword("boss@example.com", "ADMIN");
      await invite("invited@example.com", "ADMIN");
      const before = await usher.app.db.user.findMany({ orderBy: { id: "asc" } });
      for (const email of [
        admin.user.email,
        member.user.email,
        "boss@example.com",
        "invited@example.com",
        "new@example.com",
      ]) {
        says("eve", { email, name: "Eve", ...claim });
        const browser = nobody();
        expect(await signIn("eve", browser), email).toBe(failed("EmailNotVerified"));
        expect(await isIn(browser)).toBe(false);
      }
      expect(await usher.app.db.user.findMany({ orderBy: { id: "asc" } })).toEqual(before);
      expect(await usher.app.db.oidcIdentity.count()).toBe(0);
      expect(await usher.app.db.invitation.count({ where: { acceptedAt: null } })).toBe(1);
    },
  );

  it("counts if the operator vouches for the provider, unless the provider says no", async () => {
    const trusting = await startInstallation({ env: { ...provider.env, OIDC_TRUST_EMAIL: "1" } });
    await trusting.join("ADMIN");
    for (const [name, claim] of notTrue) {
      const isNo = ["0", '"false"', "empty", "false"].includes(name);
      says(`sub ${name}`, { email: `${crypto.randomUUID()}@example.com`, ...claim });
      expect(await signIn(`sub ${name}`), name).toBe(isNo ? failed("EmailNotVerified") : "/chat");
    }
    await trusting.close();
  });

  it("is distinguished from a missing address", async () => {
    for (const claims of [{}, { email: "" }, { email: 7 }, { email: "no address" }]) {
      says("olga", { email_verified: true, ...claims });
      expect(await signIn("olga")).toBe(failed("NoEmail"));
    }
  });
});

describe("a verified address", () => {
  it("creates a member, or what the invitation says, and the invitation is used up", async () => {
    says("new", { email: " New@Example.com", email_verified: true, name: "New Person" });
    expect(await signIn("new")).toBe("/chat");
    expect(await userOf("new@example.com")).toMatchObject({ role: "MEMBER", name: "New Person" });
    await invite("invited@example.com", "ADMIN");
    says("invited", { email: "invited@example.com", email_verified: true });
    expect(await signIn("invited")).toBe("/chat");
    expect(await userOf("invited@example.com")).toMatchObject({ role: "ADMIN" });
    expect(await usher.app.db.invitation.count({ where: { acceptedAt: null } })).toBe(0);
  });

  it("links a member, and an admin without a password, who existed before", async () => {
    const member = await usher.join("MEMBER");
    await withoutPassword("boss@example.com", "ADMIN");
    for (const email of [member.user.email, "boss@example.com"]) {
      says(`sub of ${email}`, { email, email_verified: true });
      const browser = nobody();
      expect(await signIn(`sub of ${email}`, browser)).toBe("/chat");
      expect(await isIn(browser)).toBe(true);
    }
    expect(await usher.app.db.oidcIdentity.count()).toBe(2);
  });

  it("leads to no admin with a password: they link it themselves", async () => {
    says("eve", { email: admin.user.email, email_verified: true, name: "Eve" });
    const browser = nobody();
    expect(await signIn("eve", browser)).toBe(failed("LinkRequired"));
    expect(await isIn(browser)).toBe(false);
    expect(await userOf(admin.user.email)).toMatchObject({ name: admin.user.name });
  });

  it("signs in no disabled person, linked or not", async () => {
    says("new", { email: "new@example.com", email_verified: true });
    await signIn("new");
    const old = await withoutPassword("old@example.com");
    says("old", { email: "old@example.com", email_verified: true });
    await usher.app.db.user.updateMany({
      where: { email: { in: ["new@example.com", old.email] } },
      data: { disabledAt: new Date() },
    });
    expect(await signIn("new")).toBe(failed("AccountDisabled"));
    expect(await signIn("old")).toBe(failed("AccountDisabled"));
  });

  it("creates no one before Usher is set up", async () => {
    const fresh = await startInstallation({ env: provider.env });
    says("first", { email: "first@example.com", email_verified: true });
    expect(await signIn("first")).toBe(failed("NotSetUp"));
    expect(await fresh.app.db.user.count()).toBe(0);
    await fresh.close();
  });
});

describe("issuer and sub", () => {
  beforeEach(async () => {
    says("olga-1", { email: "olga@example.com", email_verified: true, name: "Olga" });
    expect(await signIn("olga-1")).toBe("/chat");
  });

  it("keep their account when name and address change there, and update both", async () => {
    const { id } = (await userOf("olga@example.com")) ?? {};
    says("olga-1", { email: "olga.new@example.com", email_verified: true, name: "Olga New" });
    expect(await signIn("olga-1")).toBe("/chat");
    expect(await userOf("olga.new@example.com")).toMatchObject({ id, name: "Olga New" });
    expect(await usher.app.db.user.count()).toBe(2);
  });

  it.each([
    ["not verified", { email: "other@example.com", email_verified: false }],
    ["somebody else's", { email_verified: true }],
    ["missing", { email: undefined }],
  ])("keep their account and address if the new one is %s", async (_, claims) => {
    const { id } = (await userOf("olga@example.com")) ?? {};
    says("olga-1", { email: admin.user.email, name: "Olga New", ...claims });
    const browser = nobody();
    expect(await signIn("olga-1", browser)).toBe("/chat");
    expect(await userOf("olga@example.com")).toMatchObject({ id, name: "Olga New" });
    expect(await userOf(admin.user.email)).toMatchObject({ id: admin.user.id });
  });

  it("update the address later, once it is verified", async () => {
    says("olga-1", { email: "later@example.com", email_verified: false });
    await signIn("olga-1");
    says("olga-1", { email: "later@example.com", email_verified: true });
    await signIn("olga-1");
    expect(await userOf("later@example.com")).not.toBeNull();
  });

  it("let no one in who has a known address but another sub", async () => {
    says("olga-2", { email: "olga@example.com", email_verified: true, name: "Eve" });
    const browser = nobody();
    expect(await signIn("olga-2", browser)).toBe(failed("OtherIdentity"));
    expect(await isIn(browser)).toBe(false);
    expect(await userOf("olga@example.com")).toMatchObject({ name: "Olga" });
  });

  it("belong to different people at another issuer, even if the sub is the same", async () => {
    const elsewhere = await startIdentityProvider({
      redirectUri: `${publicUrl}/api/auth/callback/oidc`,
    });
    const { databaseUrl } = usher.app.env;
    const moved = await startInstallation({ env: { ...elsewhere.env } });
    expect(moved.app.env.databaseUrl).not.toBe(databaseUrl);
    await moved.join("ADMIN");
    const olga = await insertUser(moved.app.db, {
      ...{ email: "olga@example.com", name: "Olga", role: "MEMBER", passwordHash: null },
    });
    const old = { issuer: provider.issuer, subject: "olga-1", userId: olga.id };
    await moved.app.db.oidcIdentity.create({ data: { ...old, createdAt: new Date() } });
    elsewhere.people.set("olga-1", { email: "eve@example.com", email_verified: true });
    const eve = nobody();
    expect(await signInByOidc(eve, elsewhere, "olga-1")).toBe("/chat");
    expect(
      await moved.app.db.user.findUnique({ where: { email: "eve@example.com" } }),
    ).toMatchObject({ role: "MEMBER" });
    await moved.close();
    await elsewhere.close();
  });

  it("are linked once, even if two tabs sign in at the same time", async () => {
    says("twin", { email: "twin@example.com", email_verified: true });
    const ends = await Promise.all([signIn("twin"), signIn("twin"), signIn("twin")]);
    expect(ends).toEqual(["/chat", "/chat", "/chat"]);
    expect(await usher.app.db.oidcIdentity.count({ where: { subject: "twin" } })).toBe(1);
  });

  it("can be reset by an admin: the next verified sign-in links the account again", async () => {
    const { id = "" } = (await userOf("olga@example.com")) ?? {};
    const list = async () =>
      (await (await admin.visit(peopleRoute, { path: "/api/people" })).json()).people;
    expect(await list()).toContainEqual(expect.objectContaining({ id, singleSignOn: true }));
    const path = `/api/people/${id}/single-sign-on`;
    await admin.visit(resetRoute, { path, params: { userId: id }, method: "DELETE" });
    expect(await list()).toContainEqual(expect.objectContaining({ id, singleSignOn: false }));
    says("olga-2", { email: "olga@example.com", email_verified: true });
    expect(await signIn("olga-2")).toBe("/chat");
    expect(await signIn("olga-1")).toBe(failed("OtherIdentity"));
  });
});

describe("an admin with a password", () => {
  const back = async (visitor: Visitor, sub: string) =>
    comeBack(visitor, await provider.signIn(await link(visitor), sub));
  const view = async (visitor: Visitor) =>
    (await visitor.visit(linkViewRoute, { path: "/api/account/single-sign-on" })).json();

  it("links single sign-on from their account, whatever its address, and signs in with it", async () => {
    says("ann", { email: "ann@corp.example", email_verified: false, name: "Ann at Corp" });
    expect(await view(admin)).toMatchObject({ provider: "Acme ID", linked: null });
    expect(await back(admin, "ann")).toBe("/settings/account?linked=1");
    expect(await view(admin)).toMatchObject({ linked: { email: "ann@corp.example" } });
    const browser = nobody();
    expect(await signIn("ann", browser)).toBe("/chat");
    expect((await browser.visit(peopleRoute, { path: "/api/people" })).status).toBe(200);
    // What was chosen here stays until it changes there.
    expect(await userOf(admin.user.email)).toMatchObject({ name: admin.user.name });
    says("ann", { email: "ann@corp.example", email_verified: false, name: "Ann Married" });
    await signIn("ann");
    expect(await userOf(admin.user.email)).toMatchObject({ name: "Ann Married" });
  });

  it("links nothing by a flow that somebody else began or finishes", async () => {
    const member = await usher.join("MEMBER");
    says("eve", { email: "eve@example.com", email_verified: true });
    const callback = await provider.signIn(await link(member), "eve");
    // The member's link, opened in the admin's browser.
    expect(await comeBack(admin, callback)).toBe("/sign-in?error=OidcExpired");
    // The member's whole flow, planted in a browser in which the admin is signed in.
    const planted = new Visitor(admin.user, {
      ...Object.fromEntries(member.cookies),
      ...Object.fromEntries(admin.cookies),
    });
    expect(await comeBack(planted, callback)).toBe(
      "/settings/account?link_error=LinkOfSomebodyElse",
    );
    expect(await usher.app.db.oidcIdentity.count()).toBe(0);
  });

  it.each([
    ["disabled", async () => disable(admin.user.id)],
    ["signed out everywhere", async () => usher.app.db.session.deleteMany()],
  ])("links nothing once they are %s", async (_, change) => {
    await usher.join("ADMIN", "Second Admin");
    says("ann", { email: "ann@corp.example", email_verified: true });
    const callback = await provider.signIn(await link(admin), "ann");
    await change();
    expect(await comeBack(admin, callback)).toBe("/settings/account?link_error=LinkOfSomebodyElse");
    expect(await usher.app.db.oidcIdentity.count()).toBe(0);
  });

  it("takes over no identity that belongs to another person, and has one at a time", async () => {
    says("olga", { email: "olga@example.com", email_verified: true });
    await signIn("olga");
    expect(await back(admin, "olga")).toBe("/settings/account?link_error=LinkedElsewhere");
    says("ann", { email: "ann@corp.example", email_verified: true });
    says("ann-2", { email: "ann2@corp.example", email_verified: true });
    expect(await back(admin, "ann")).toBe("/settings/account?linked=1");
    expect(await back(admin, "ann")).toBe("/settings/account?linked=1");
    expect(await back(admin, "ann-2")).toBe("/settings/account?link_error=AlreadyLinked");
  });

  it("can unlink it again; a person without a password cannot, as they could not sign in again", async () => {
    says("ann", { email: "ann@corp.example", email_verified: true });
    await back(admin, "ann");
    const unlink = (visitor: Visitor) =>
      visitor.visit(unlinkRoute, { path: "/api/account/single-sign-on", method: "DELETE" });
    expect((await unlink(admin)).status).toBe(204);
    expect(await view(admin)).toMatchObject({ linked: null, hasPassword: true });
    const boss = await withoutPassword("boss@example.com");
    says("boss", { email: "boss@example.com", email_verified: true });
    await signIn("boss");
    const visitor = await visitorFor(usher.app, boss);
    expect((await unlink(visitor)).status).toBe(409);
    expect(await view(visitor)).toMatchObject({ hasPassword: false, linked: {} });
  });

  const disable = (userId: string) =>
    usher.app.db.user.update({ where: { id: userId }, data: { disabledAt: new Date() } });
});

describe("an invitation to a verified address", () => {
  it("by an admin who was demoted since creates a member, not an admin", async () => {
    const second = await usher.join("ADMIN", "Second Admin");
    await second.visit(inviteRoute, {
      path: "/api/people/invitations",
      json: { email: "friend@example.com", role: "ADMIN" },
    });
    await admin.visit(personRoute, {
      path: `/api/people/${second.user.id}`,
      params: { userId: second.user.id },
      method: "PATCH",
      json: { role: "MEMBER" },
    });
    says("friend", { email: "friend@example.com", email_verified: true });
    expect(await signIn("friend")).toBe("/chat");
    expect(await userOf("friend@example.com")).toMatchObject({ role: "MEMBER" });
  });
});
