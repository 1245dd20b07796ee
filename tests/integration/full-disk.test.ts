import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import pg from "pg";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { createDatabase } from "@/lib/db/client";
import { errorResponse, statusOf } from "@/lib/http/error-response";
import { createLog } from "@/lib/log";
import { type EmbeddedDatabase, serveEmbeddedDatabase } from "@/scripts/embedded-database/serve";
import { applyMigrations } from "@/scripts/migrations/apply-migrations";
import { startStopwatch } from "@/tests/support/stopwatch";

const mount = mkdtempSync(path.join(tmpdir(), "usher-full-"));
const mounted = spawnSync("mount", ["-t", "tmpfs", "-o", "size=110m", "tmpfs", mount]).status === 0;
const filler = path.join(mount, "filler");

function fill() {
  try {
    writeFileSync(filler, Buffer.alloc(200_000_000));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOSPC") throw error;
  }
}

afterAll(() => {
  if (mounted) spawnSync("umount", ["-l", mount]);
  rmSync(mount, { recursive: true, force: true });
});

describe.skipIf(!mounted)(
  `the embedded database on a full disk${mounted ? "" : " (this user may not mount a small one)"}`,
  () => {
    let database: EmbeddedDatabase;
    const said: string[] = [];

    beforeAll(async () => {
      vi.spyOn(console, "error").mockImplementation((line: string) => said.push(line));
      database = await serveEmbeddedDatabase({ folder: path.join(mount, "data"), port: 0 });
      await applyMigrations(database.url);
    });
    afterAll(async () => {
      await database?.stop();
      vi.restoreAllMocks();
    });

    it("reports it, lets no client hang, and continues with everything that was saved once there is room", async () => {
      // As the app configures it for this database.
      const db = createDatabase(database.url, { connections: 4, statementMs: 30_000 });
      const windowStart = new Date();
      await db.rateLimit.create({ data: { key: "kept", windowStart, count: 7 } });
      fill();
      // Writes until its log needs a new file, and then a checkpoint, which ends it.
      const pool = new pg.Pool({ connectionString: database.url, max: 3 });
      pool.on("error", () => {});
      const grow =
        "CREATE TABLE grows AS SELECT repeat(md5(g::text), 200) FROM generate_series(1, 20000) g";
      await expect(pool.query(grow)).rejects.toMatchObject({ code: "53100" });
      const waiting = pool.query("SELECT pg_sleep(0)").catch((error: Error) => error);
      await expect(pool.query("CHECKPOINT")).rejects.toThrow(/No space left|stopped/);
      await waiting;

      const elapsed = startStopwatch();
      const failures = await Promise.all(
        [1, 2, 3].map(() =>
          pool.query("SELECT 1").then(
            () => null,
            (error: Error) => error,
          ),
        ),
      );
      expect(failures.map((error) => error?.message)).toEqual(
        Array(3).fill(expect.stringMatching(/The disk of .* is full.*Free some space/)),
      );
      const failure = await db.rateLimit.findMany().then(
        () => null,
        (error: unknown) => error,
      );
      expect(statusOf(failure)).toBe(503);
      const answer = await errorResponse(failure, createLog("silent")).json();
      expect(answer.error.message).toMatch(/^The disk of the database is full/);
      expect(elapsed()).toBeLessThan(45_000);

      rmSync(filler);
      await expect
        .poll(
          () =>
            pool.query("SELECT 1").then(
              () => "open",
              () => "closed",
            ),
          { timeout: 60_000 },
        )
        .toBe("open");
      expect(await db.rateLimit.findMany({ where: { key: "kept" } })).toMatchObject([{ count: 7 }]);
      await pool.query("CREATE TABLE after_it (id int)");
      expect(said.join("\n")).toMatch(/stopped: could not write/);
      expect(said.at(-1)).toBe("The embedded database is open again.");
      await pool.end();
      await db.$disconnect();
    }, 180_000);
  },
);
