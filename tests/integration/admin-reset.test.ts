import { execFile } from "node:child_process";
import { mkdir, writeFile } from "node:fs/promises";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { POST as resetRoute } from "@/app/api/reset-password/route";
import { createDatabase } from "@/lib/db/client";
import { insertUser } from "@/lib/db/user";
import { createResetLinkAsOperator, openPasswordReset } from "@/lib/people/password-reset";
import { CodeRequiredError, signInWithPassword } from "@/lib/session/sign-in";
import { serveEmbeddedDatabase } from "@/scripts/embedded-database/serve";
import { applyMigrations } from "@/scripts/migrations/apply-migrations";
import { bundledFile } from "@/tests/support/bundled-file";
import { Clock } from "@/tests/support/clock";
import { type Installation, publicUrl, startInstallation } from "@/tests/support/installation";
import { temporaryFolder } from "@/tests/support/temporary-folder";
import { turnOnTwoFactor } from "@/tests/support/two-factor";
import { Visitor } from "@/tests/support/visitor";

const newPassword = "an entirely new phrase";

let usher: Installation;
let admin: Visitor;
/** Where the script runs: without a `.env` and without its own database. */
let folder: string;

beforeEach(async () => {
  usher = await startInstallation();
  admin = await usher.join("ADMIN", "Lone Admin");
  folder = await temporaryFolder();
});
afterEach(() => usher.close());

/** As `npm run admin:reset -- …` runs it. */
function run(args: string[], env: Record<string, string> = {}) {
  const { DATABASE_URL = "", PUBLIC_URL = "" } = usher.env;
  return start(args, { DATABASE_URL, PUBLIC_URL, ...env });
}

function start(args: string[], env: Record<string, string>) {
  return new Promise<{ code: number; output: string; link: string; token: string }>((resolve) => {
    execFile(
      process.execPath,
      [bundledFile("admin-reset"), ...args],
      {
        cwd: folder,
        env: {
          PATH: process.env.PATH,
          NODE_ENV: process.env.NODE_ENV,
          ...env,
        },
      },
      (error, stdout, stderr) => {
        const link = /https?:\/\/\S+/.exec(stdout)?.[0] ?? "";
        const code = error ? Number(error.code) : 0;
        resolve({ code, output: stdout + stderr, link, token: link.split("/").at(-1) ?? "" });
      },
    );
  });
}

const signIn = (password: string) =>
  signInWithPassword(usher.app, { email: admin.user.email, password, ipAddress: null });

describe("npm run admin:reset", () => {
  it("lets the only admin in again with a link that works once, and records it in the audit", async () => {
    await usher.join("MEMBER");
    const { code, output, link, token } = await run([]);
    expect(output).toContain(`Reset link for ${admin.user.email}`);
    expect(code).toBe(0);
    expect(link).toBe(`${publicUrl}/reset-password/${token}`);
    const use = () =>
      new Visitor(admin.user, {}).visit(resetRoute, {
        path: "/api/reset-password",
        json: { token, password: newPassword },
      });
    expect((await use()).status).toBe(200);
    expect((await use()).status).toBe(404);
    expect(await signIn(newPassword)).toMatchObject({ role: "ADMIN" });
    const [created] = await usher.app.db.auditEvent.findMany({
      where: { action: "person.create-reset-link" },
    });
    expect(created).toMatchObject({
      ...{ actorId: null, actorEmail: null },
      details: { email: admin.user.email, by: "command line" },
    });
    expect(JSON.stringify(await usher.app.db.auditEvent.findMany())).not.toContain(token);
  });

  it("turns off two-factor authentication when told to, and otherwise says how", async () => {
    await turnOnTwoFactor(admin, new Clock());
    const { email } = admin.user;
    const kept = await run(["--email", email]);
    expect(kept.output).toContain(`npm run admin:reset -- --email ${email} --remove-two-factor`);
    await expect(signIn(`password of ${email}`)).rejects.toBeInstanceOf(CodeRequiredError);

    const removed = await run(["--email", email, "--remove-two-factor"]);
    expect(removed.output).toContain("Two-factor authentication is off for them.");
    expect(removed.code).toBe(0);
    await expect(openPasswordReset(usher.app, removed.token)).resolves.toMatchObject({ email });
    expect(await signIn(`password of ${email}`)).toMatchObject({ email });
    expect(await usher.app.db.session.count({ where: { userId: admin.user.id } })).toBe(0);
    expect(await usher.app.db.recoveryCode.count()).toBe(0);

    const again = await run(["--email", email, "--remove-two-factor"]);
    expect(again).toMatchObject({ code: 2, link: "" });
    expect(again.output).toContain("does not use two-factor authentication");
  });

  it("asks which admin if there are two, and creates no link", async () => {
    const second = await usher.join("ADMIN", "Second Admin");
    const asked = await run([]);
    expect(asked.output).toContain("npm run admin:reset -- --email");
    expect(asked).toMatchObject({ code: 2, link: "" });
    expect(asked.output).toContain(`${admin.user.email}  Lone Admin`);
    expect(asked.output).toContain(`${second.user.email}  Second Admin`);
    expect(await usher.app.db.passwordReset.count()).toBe(0);
  });

  it("says what is missing or wrong, without the database password", async () => {
    const [missing, away, nowhere, misspelt] = await Promise.all([
      run([], { PUBLIC_URL: "" }),
      run([], { DATABASE_URL: "postgresql://u:canary-password@127.0.0.1:9/usher" }),
      run([], { DATABASE_URL: "" }),
      run(["--mail", "ada@example.com"]),
    ]);
    expect(missing.output).toContain("PUBLIC_URL is missing");
    expect(away.output).toContain(
      "The database at 127.0.0.1:9/usher cannot be used. Nothing listens",
    );
    expect(away.output).not.toContain("canary-password");
    expect(nowhere.output).toContain("there is no embedded database in");
    expect(misspelt.output).toContain("Usage: npm run admin:reset -- --email");
    expect([missing, away, nowhere, misspelt].map(({ code }) => code)).toEqual([1, 1, 1, 2]);
  });
});

describe("a reset link created by the operator", () => {
  const create = (email: string | null) => createResetLinkAsOperator(usher.app, email);
  const tokenFor = async (email: string | null) => {
    const result = await create(email);
    if (result.kind !== "created") throw new Error(result.reason);
    return result.link.link.split("/").at(-1) ?? "";
  };
  const update = (visitor: Visitor, data: { disabledAt?: Date; passwordHash?: null }) =>
    usher.app.db.user.update({ where: { id: visitor.user.id }, data });

  it("is for the admin whose address is given, and changes nothing until it is used", async () => {
    await usher.join("ADMIN", "Second Admin");
    const token = await tokenFor(` ${admin.user.email.toUpperCase()}`);
    const opened = await openPasswordReset(usher.app, token);
    expect(opened.email).toBe(admin.user.email);
    expect(await signIn(`password of ${admin.user.email}`)).not.toBeNull();
  });

  it("ends the previous link", async () => {
    const first = await tokenFor(null);
    const second = await tokenFor(null);
    await expect(openPasswordReset(usher.app, first)).rejects.toMatchObject({ code: "not_found" });
    await expect(openPasswordReset(usher.app, second)).resolves.toMatchObject({});
  });

  it("is refused for a disabled account, which stays disabled", async () => {
    const second = await usher.join("ADMIN", "Second Admin");
    await update(second, { disabledAt: new Date() });
    expect(await create(second.user.email)).toMatchObject({
      kind: "refused",
      reason: expect.stringContaining(`${second.user.email} is disabled.`),
      admins: expect.arrayContaining([expect.objectContaining({ notes: ["disabled"] })]),
    });
    const row = await usher.app.db.user.findUniqueOrThrow({ where: { id: second.user.id } });
    expect(row.disabledAt).not.toBeNull();
    expect(await usher.app.db.passwordReset.count()).toBe(0);
    // The other one is the only one left to choose from.
    expect(await create(null)).toMatchObject({ link: { email: admin.user.email } });
  });

  it("gives an admin of single sign-on a first password, by their address only", async () => {
    await update(admin, { passwordHash: null });
    expect(await create(null)).toMatchObject({
      kind: "refused",
      admins: [{ email: admin.user.email, notes: ["single sign-on only"] }],
    });
    expect(await create(admin.user.email)).toMatchObject({ kind: "created" });
  });

  it("is refused for members and for unknown addresses, with the reason", async () => {
    const member = await usher.join("MEMBER");
    expect(await create(member.user.email)).toMatchObject({
      reason: expect.stringContaining(`${member.user.email} is not an admin.`),
    });
    expect(await create("nobody@example.com")).toMatchObject({
      reason: "Nobody has an account with the address nobody@example.com.",
    });
    expect(await usher.app.db.passwordReset.count()).toBe(0);
  });
});

describe("npm run admin:reset with the embedded database", () => {
  it("works while the database is served, and while nothing runs", async () => {
    const state = path.join(folder, ".usher");
    await mkdir(state);
    await writeFile(path.join(state, "demo.json"), JSON.stringify({ ports: { app: 4321 } }));
    const served = await serveEmbeddedDatabase({ folder: path.join(state, "database"), port: 0 });
    await applyMigrations(served.url);
    const db = createDatabase(served.url, { connections: 1 });
    await insertUser(db, {
      ...{ email: "ada@example.com", name: "Ada", role: "ADMIN", passwordHash: "kept" },
    });
    const whileServed = await start([], {});
    expect(whileServed.output).toContain("Reset link for ada@example.com");
    expect(whileServed.link).toMatch(/^http:\/\/localhost:4321\/reset-password\/[\w-]{43}$/);
    await expect(
      openPasswordReset({ db, now: () => new Date() }, whileServed.token),
    ).resolves.toMatchObject({ email: "ada@example.com" });
    await db.$disconnect();
    await served.stop();

    const atRest = await start([], { PUBLIC_URL: "https://usher.example.com" });
    expect(atRest.link).toMatch(/^https:\/\/usher\.example\.com\/reset-password\//);
    const again = await serveEmbeddedDatabase({ folder: path.join(state, "database"), port: 0 });
    const later = createDatabase(again.url, { connections: 1 });
    const opened = openPasswordReset({ db: later, now: () => new Date() }, atRest.token);
    await expect(opened).resolves.toMatchObject({ email: "ada@example.com" });
    await later.$disconnect();
    await again.stop();
  });
});
