import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { POST as passwordRoute } from "@/app/api/account/password/route";
import { GET as assistantsRoute } from "@/app/api/assistants/route";
import { POST as acceptRoute } from "@/app/api/invitations/accept/route";
import { PATCH as personRoute } from "@/app/api/people/[userId]/route";
import { POST as inviteRoute } from "@/app/api/people/invitations/route";
import { GET as peopleRoute } from "@/app/api/people/route";
import { POST as setupRoute } from "@/app/api/setup/route";
import { boot } from "@/lib/boot";
import { readEnv } from "@/lib/env";
import { setupCode } from "@/lib/people/first-admin";
import { signInWithPassword } from "@/lib/session/sign-in";
import { Clock } from "@/tests/support/clock";
import { type Installation, startInstallation, visitorFor } from "@/tests/support/installation";
import { Visitor } from "@/tests/support/visitor";

let usher: Installation;
let clock: Clock;
let admin: Visitor;

beforeEach(async () => {
  clock = new Clock();
  usher = await startInstallation({ now: clock.now });
  admin = await usher.join("ADMIN");
});
afterEach(() => usher.close());

const change = (userId: string, json: object) =>
  admin.visit(personRoute, {
    path: `/api/people/${userId}`,
    params: { userId },
    method: "PATCH",
    json,
  });
const isIn = async (visitor: Visitor) =>
  (await visitor.visit(assistantsRoute, { path: "/api/assistants" })).status === 200;
const signIn = (email: string, password: string) =>
  signInWithPassword(usher.app, { email, password, ipAddress: "192.0.2.1" });

async function invite(email: string): Promise<string> {
  const response = await admin.visit(inviteRoute, {
    path: "/api/people/invitations",
    json: { email, role: "MEMBER" },
  });
  return (await response.json()).link.split("/").at(-1);
}

const accept = (token: string) =>
  new Visitor(admin.user, {}).visit(acceptRoute, {
    path: "/api/invitations/accept",
    json: { token, name: "New Person", password: "a long enough password" },
  });

describe("an invitation", () => {
  it("creates a member who can sign in, once", async () => {
    const token = await invite("new@example.com");
    expect((await accept(token)).status).toBe(200);
    expect(await signIn("NEW@example.com ", "a long enough password")).toMatchObject({
      role: "MEMBER",
    });
    expect((await accept(token)).status).toBe(404);
  });

  it("ends after 7 days, and when a newer one replaces it", async () => {
    const first = await invite("new@example.com");
    const second = await invite("new@example.com");
    expect((await accept(first)).status).toBe(404);
    clock.advance(8 * 24 * 60 * 60_000);
    expect((await accept(second)).status).toBe(404);
  });

  it("keeps no link in the database", async () => {
    const token = await invite("new@example.com");
    const rows = JSON.stringify(await usher.app.db.invitation.findMany());
    expect(rows).not.toContain(token);
  });
});

describe("disabling", () => {
  it("takes effect at the next request, and enabling restores no old session", async () => {
    const member = await usher.join("MEMBER");
    expect(await isIn(member)).toBe(true);
    expect((await change(member.user.id, { disabled: true })).status).toBe(200);
    expect(await isIn(member)).toBe(false);
    await change(member.user.id, { disabled: false });
    expect(await isIn(member)).toBe(false);
  });

  it("keeps a person out at sign-in", async () => {
    const member = await usher.join("MEMBER");
    const { email } = member.user;
    await change(member.user.id, { disabled: true });
    expect(await signIn(email, `password of ${email}`)).toBeNull();
  });
});

describe("roles", () => {
  it("take effect at the next request", async () => {
    const member = await usher.join("MEMBER");
    const people = () => member.visit(peopleRoute, { path: "/api/people" });
    expect((await people()).status).toBe(403);
    await change(member.user.id, { role: "ADMIN" });
    expect((await people()).status).toBe(200);
    await change(member.user.id, { role: "MEMBER" });
    expect((await people()).status).toBe(403);
  });

  it.each([{ role: "MEMBER" }, { disabled: true }])("always leave an admin: %j", async (json) => {
    const response = await change(admin.user.id, json);
    expect(response.status).toBe(409);
    expect((await response.json()).error.message).toContain("last admin");
    expect(await isIn(admin)).toBe(true);
  });

  it("leave an admin even if two step down at the same time", async () => {
    const second = await usher.join("ADMIN", "Second Admin");
    const responses = await Promise.all([
      change(admin.user.id, { role: "MEMBER" }),
      change(second.user.id, { role: "MEMBER" }),
    ]);
    expect(responses.map(({ status }) => status).sort()).not.toEqual([200, 200]);
    expect(await usher.app.db.user.count({ where: { role: "ADMIN" } })).toBeGreaterThan(0);
  });
});

describe("sign-in", () => {
  it("is limited for an address after ten wrong passwords, and possible again later", async () => {
    const { email } = admin.user;
    for (let attempt = 0; attempt < 10; attempt++) {
      expect(await signIn(email, "wrong")).toBeNull();
    }
    await expect(signIn(email, `password of ${email}`)).rejects.toMatchObject({
      code: "rate_limited",
    });
    clock.advance(16 * 60_000);
    expect(await signIn(email, `password of ${email}`)).toMatchObject({ id: admin.user.id });
  });

  it("does not reveal whether an address is known", async () => {
    expect(await signIn("nobody@example.com", "wrong")).toBeNull();
    expect(await signIn(admin.user.email, "wrong")).toBeNull();
  });

  it("with a changed password ends every session except the one in the browser that changed it", async () => {
    const member = await usher.join("MEMBER");
    const { email } = member.user;
    const elsewhere = await visitorFor(usher.app, member.user);
    const copied = member.sameBrowser();
    const newPassword = "another long password";
    const response = await member.visit(passwordRoute, {
      path: "/api/account/password",
      json: { currentPassword: `password of ${email}`, newPassword },
    });
    expect(response.status).toBe(204);
    expect(await isIn(elsewhere)).toBe(false);
    // A copy of this browser's earlier cookie is dead too.
    expect(await isIn(copied)).toBe(false);
    expect(await isIn(member)).toBe(true);
    expect(await signIn(email, newPassword)).not.toBeNull();
  });
});

describe("a session", () => {
  it("that someone made up is not valid", async () => {
    const forged = new Visitor(admin.user, {
      "next-auth.session-token": "eyJhbGciOiJub25lIn0.e30.",
    });
    expect(await isIn(forged)).toBe(false);
    expect(await isIn(new Visitor(admin.user, {}))).toBe(false);
  });

  it("changes nothing for a page of another origin", async () => {
    for (const origin of ["https://evil.example", "null", "http://localhost:3001"]) {
      const response = await admin.visit(inviteRoute, {
        path: "/api/people/invitations",
        json: { email: "x@example.com", role: "ADMIN" },
        headers: { origin },
      });
      expect(response.status).toBe(403);
    }
    expect(await usher.app.db.invitation.count()).toBe(0);
  });

  it.each([
    [
      "another address",
      { origin: "http://127.0.0.1:3000" },
      /Open Usher at http:\S+ and try again/,
    ],
    ["a page whose origin a proxy removed", {}, /proxy .* removes the Origin header/],
  ])("says what to do to %s", async (_, headers, words) => {
    const request = new Request(new URL("/api/people/invitations", usher.env.PUBLIC_URL), {
      method: "POST",
      headers: { "sec-fetch-site": "same-origin", ...headers },
      body: JSON.stringify({ email: "x@example.com", role: "ADMIN" }),
    });
    const response = await inviteRoute(request, { params: Promise.resolve({}) });
    expect(response.status).toBe(403);
    expect((await response.json()).error.message).toMatch(words);
  });
});

describe("the first start", () => {
  it("creates one admin for the person who knows the code, and no second one", async () => {
    const fresh = await startInstallation();
    const visitor = new Visitor(admin.user, {});
    const setup = (code: string, email: string) =>
      visitor.visit(setupRoute, {
        path: "/api/setup",
        json: { code, name: "First", email, password: "a long enough password" },
      });
    expect((await setup("guessed", "evil@example.com")).status).toBe(400);
    expect((await setup(setupCode(fresh.app.env), "first@example.com")).status).toBe(200);
    expect((await setup(setupCode(fresh.app.env), "second@example.com")).status).toBe(409);
    expect(await fresh.app.db.user.findMany()).toMatchObject([
      { email: "first@example.com", role: "ADMIN" },
    ]);
    await fresh.close();
  });

  it("refuses a key that the database was not sealed with", async () => {
    const env = readEnv({ ...usher.env, SECRETS_ENCRYPTION_KEY: readKey() });
    await expect(boot({ ...usher.app, env, keyring: env.keyring })).rejects.toMatchObject({
      code: "configuration",
      problems: [expect.stringContaining("SECRETS_ENCRYPTION_KEY")],
    });
  });
});

const readKey = () => Buffer.from(crypto.getRandomValues(new Uint8Array(32))).toString("base64");
