import { execFile, spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { cp, mkdir, readdir, rm } from "node:fs/promises";
import path from "node:path";
import { promisify } from "node:util";
import { describe, expect, it, vi } from "vitest";
import { freePort } from "@/tests/e2e/next-server";
import { readBuildContext } from "@/tests/support/build-context";
import { createTestDatabase } from "@/tests/support/postgres";
import { temporaryFolder } from "@/tests/support/temporary-folder";
import { tell } from "./figures";
import { isFull } from "./sizes";

const run = promisify(execFile);

/** Without the variables of this process, which an image does not have. */
const basics = {
  PATH: process.env.PATH ?? "",
  HOME: process.env.HOME ?? "",
  NODE_ENV: "production",
} as const;

async function copyContext(folder: string): Promise<void> {
  for (const file of readBuildContext().files) {
    await mkdir(path.join(folder, path.dirname(file)), { recursive: true });
    await cp(file, path.join(folder, file));
  }
  // As `npm ci` of the lockfile would: a build follows no link out of its folder.
  await run("cp", ["-a", "--reflink=auto", "node_modules", folder]);
}

/** The Dockerfile's steps in their order, without a container engine. */
describe.skipIf(!isFull)("the container image", () => {
  it("is built from the build context alone, has the commands, starts and stops", async () => {
    const folder = await temporaryFolder();
    await copyContext(folder);
    await run("node", ["scripts/build.mjs"], {
      ...{ cwd: folder, maxBuffer: 64 * 1024 * 1024 },
      env: { ...basics, USHER_STANDALONE: "1" },
    });
    const app = await temporaryFolder();
    // As COPY does: a link stays as it is.
    const asIs = { recursive: true, verbatimSymlinks: true };
    await cp(path.join(folder, ".next/standalone"), app, asIs);
    await cp(path.join(folder, ".next/static"), path.join(app, ".next/static"), asIs);
    // Nothing may be found in the folders above, where the packages are.
    await rm(folder, { recursive: true });
    const files = await readdir(app, { recursive: true });
    const own = files.filter((file) => !file.startsWith("node_modules"));
    expect(own.filter((file) => /^(tests|bench|docs|\.env)/.test(file))).toEqual([]);

    const database = await createTestDatabase();
    const port = await freePort();
    const url = `http://127.0.0.1:${port}`;
    const env = {
      ...{ ...basics, DATABASE_URL: database.url, PUBLIC_URL: url },
      NEXTAUTH_SECRET: randomBytes(32).toString("base64"),
      SECRETS_ENCRYPTION_KEY: randomBytes(32).toString("base64"),
    };
    const command = (name: string, ...args: string[]) =>
      run("npm", ["run", "--silent", name, "--", ...args], { cwd: app, env }).then(
        ({ stdout }) => stdout,
        ({ stdout, stderr }) => `${stdout}${stderr}`,
      );
    expect(await command("db:migrate")).toContain("is up to date");
    const usher = spawn("node", ["server.js"], {
      ...{ cwd: app, stdio: "ignore" },
      env: { ...env, PORT: `${port}`, HOSTNAME: "127.0.0.1" },
    });
    const ended = once(usher, "exit");
    try {
      const isReady = () =>
        fetch(`${url}/api/health/ready`).then(
          (answer) => answer.ok,
          () => false,
        );
      await vi.waitUntil(isReady, { timeout: 60_000, interval: 200 });
      const signIn = await (await fetch(`${url}/sign-in`)).text();
      const [, script = ""] = /src="(\/_next\/static\/[^"]+\.js)"/.exec(signIn) ?? [];
      for (const file of [script, "/icon.svg", "/api/openapi.json"]) {
        expect((await fetch(`${url}${file}`)).status, file).toBe(200);
      }
      expect(await command("doctor")).toContain(`${url} leads to this installation`);
      expect(await command("admin:reset")).toContain("Usher has no admin yet");
      expect(await command("secrets:rotate")).toContain("Still sealed with an old key: 0.");
      expect(await command("config", "export")).toContain("servers:");
    } finally {
      usher.kill("SIGTERM");
    }
    await ended;
    await database.drop();
    tell(
      "The image's steps: build, commands, start, pages and stop",
      `${own.length} files besides packages`,
    );
  });
});
