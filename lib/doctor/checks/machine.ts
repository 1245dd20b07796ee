import { randomUUID } from "node:crypto";
import { existsSync } from "node:fs";
import { rm, statfs, writeFile } from "node:fs/promises";
import path from "node:path";
import type { DoctorCheck } from "@/lib/doctor/check";
import { failed, ok, skipped, warning } from "@/lib/doctor/check";
import type { DatabaseRun } from "@/lib/doctor/run";
import packageJson from "@/package.json";

const MiB = 1024 * 1024;
/** In bytes. The embedded database does not open with less than the first. */
const room = { least: 48 * MiB, comfortable: 512 * MiB };

export const diskCheck: DoctorCheck<DatabaseRun> = {
  id: "disk",
  async run({ embeddedDatabase, folder: root }) {
    if (!embeddedDatabase) {
      return skipped(
        "The database runs elsewhere: watch its disk there. Usher itself stores nothing.",
      );
    }
    const folder = path.join(root, ".usher/database");
    if (!existsSync(folder)) {
      return skipped(`Not checked: the embedded database's folder is not ${folder}.`);
    }
    return checkFolder(folder);
  },
};

export async function checkFolder(folder: string) {
  const { bavail, bsize } = await statfs(folder);
  const free = bavail * bsize;
  const left = `${size(free)} are free in ${folder}.`;
  if (free < room.least) {
    return failed(
      `The disk is full: ${left}`,
      `Free some space. The database opens again with ${size(room.least)}.`,
    );
  }
  const problem = await writeProblem(folder);
  if (problem !== null) {
    return failed(
      `${folder} cannot be written to (${problem}).`,
      "Mount the disk for writing, and let Usher's user write there.",
    );
  }
  if (free < room.comfortable) return warning(left, "Free some space before the disk is full.");
  return ok(left);
}

async function writeProblem(folder: string): Promise<string | null> {
  const file = path.join(folder, `.doctor-${randomUUID()}`);
  try {
    await writeFile(file, "x", { flag: "wx", mode: 0o600 });
    return null;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code ?? "unknown";
  } finally {
    await rm(file, { force: true }).catch(() => {});
  }
}

function size(bytes: number): string {
  return bytes >= 1024 * MiB
    ? `${(bytes / 1024 / MiB).toFixed(1)} GiB`
    : `${Math.floor(bytes / MiB)} MiB`;
}

export const nodeCheck: DoctorCheck<DatabaseRun> = {
  id: "node",
  run: ({ now }) => judgeNode(process.versions.node, packageJson.engines.node, now()),
};

/** The last day of each, in UTC. @see https://nodejs.org/en/about/previous-releases */
const supportEnds: Record<number, string> = {
  20: "2026-04-30",
  22: "2027-04-30",
  24: "2028-04-30",
};

/** @param range such as `^20.19.0 || ^24.0.0` */
export function judgeNode(version: string, range: string, now: Date) {
  const ranges = range.split("||").map((part) => numbers(part.replace("^", "")));
  const [major = 0, minor = 0, patch = 0] = numbers(version);
  const fits = ranges.some(
    ([wantedMajor, wantedMinor = 0, wantedPatch = 0]) =>
      major === wantedMajor &&
      (minor > wantedMinor || (minor === wantedMinor && patch >= wantedPatch)),
  );
  const newest = Math.max(...ranges.map(([first = 0]) => first));
  if (fits) {
    const until = supportEnds[major];
    if (until === undefined || now < new Date(`${until}T24:00:00Z`)) {
      return ok(`Node.js ${version}.`);
    }
    return warning(
      `Node.js ${major} has had no security fixes since ${until}.`,
      `Install Node.js ${newest}. Usher still runs with ${version}.`,
    );
  }
  const tested = ranges.map(([first, second]) => `${first}.${second}`).join(", ");
  const finding = `Node.js ${version} is not one that Usher is tested with.`;
  const fix = `Install Node.js ${newest}. Tested are ${tested} and later minor versions.`;
  return major > newest ? warning(finding, fix) : failed(finding, fix);
}

function numbers(version: string): number[] {
  return version.trim().split(".").map(Number);
}
