import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { checkFolder } from "@/lib/doctor/checks/machine";

const root = mkdtempSync(path.join(tmpdir(), "usher-doctor-"));
const mounted: string[] = [];

function mount(size: string): string | null {
  const folder = path.join(root, size);
  mkdirSync(folder);
  const { status } = spawnSync("mount", ["-t", "tmpfs", "-o", `size=${size}`, "tmpfs", folder]);
  if (status !== 0) return null;
  mounted.push(folder);
  return folder;
}

afterAll(() => {
  for (const folder of mounted) spawnSync("umount", ["-l", folder]);
  rmSync(root, { recursive: true, force: true });
});

const small = mount("20m");
const fair = mount("200m");

describe.skipIf(!small || !fair)("a disk", () => {
  it("that is full is reported with the space it needs", async () => {
    expect(await checkFolder(small ?? "")).toMatchObject({
      status: "failed",
      finding: expect.stringMatching(/^The disk is full: 20 MiB are free/),
      fix: expect.stringContaining("48 MiB"),
    });
  });

  it("that will be full soon is reported, and nothing is left on it", async () => {
    expect(await checkFolder(fair ?? "")).toMatchObject({ status: "warning" });
    expect(readdirSync(fair ?? "")).toEqual([]);
  });

  it("that is read-only is detected by a write", async () => {
    spawnSync("mount", ["-o", "remount,ro", fair ?? ""]);
    expect(await checkFolder(fair ?? "")).toMatchObject({
      status: "failed",
      finding: expect.stringContaining("cannot be written to (EROFS)"),
    });
  });
});

it("a disk with room is fine", async () => {
  const { status } = await checkFolder(root);
  expect(["ok", "warning"]).toContain(status);
});
