import { readFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, it } from "vitest";
import { readBuildContext } from "@/tests/support/build-context";

const read = (file: string) => readFileSync(file, "utf8");

/** Instructions of the Dockerfile, continued lines joined. */
const instructions = read("Dockerfile")
  .replaceAll("\\\n", " ")
  .split("\n")
  .filter((line) => line !== "" && !line.startsWith("#"))
  .map((line) => ({ name: line.split(" ")[0] ?? "", rest: line.slice(line.indexOf(" ") + 1) }));

const all = (name: string) =>
  instructions.flatMap((each) => (each.name === name ? [each.rest] : []));

/** hadolint's rules that apply to this file, checked by hand. @see https://github.com/hadolint/hadolint#rules */
describe("the Dockerfile", () => {
  it("builds on images with a version, and names every stage (DL3006, DL3007, DL3024)", () => {
    const names = all("FROM").map((from) => from.split(" AS ")[1]);
    expect(new Set(names).size).toBe(names.length);
    for (const from of all("FROM"))
      expect(from).toMatch(/^(node:\d+-[a-z]+-slim|build) AS [a-z]+$/);
  });

  it("does not run as root (DL3002)", () => {
    const stages: { name: string; user: string }[] = [];
    for (const { name, rest } of instructions) {
      if (name === "FROM") stages.push({ name: rest.split(" AS ")[1] ?? "", user: "root" });
      const stage = stages.at(-1);
      if (name === "USER" && stage) stage.user = rest;
    }
    expect(stages).toEqual([
      { name: "build", user: "root" },
      { name: "app", user: "node" },
    ]);
  });

  it("uses command lists, absolute folders, and no ADD (DL3000, DL3020, DL3025)", () => {
    for (const command of all("CMD")) expect(() => JSON.parse(command)).not.toThrow();
    for (const check of all("HEALTHCHECK")) {
      expect(() => JSON.parse(check.slice(check.indexOf("CMD ") + 4))).not.toThrow();
    }
    for (const folder of all("WORKDIR")) expect(folder).toMatch(/^\//);
    expect(all("ADD")).toEqual([]);
  });

  it("installs what the lockfile names, and runs no package's script", () => {
    expect(all("RUN")[0]).toContain("npm ci --ignore-scripts");
  });

  it("checks liveness at a URL that needs no database", () => {
    expect(all("HEALTHCHECK").join()).toContain("/api/health/live");
  });

  it("receives no secret, no data and no packages from its build context", () => {
    const ignored = read(".dockerignore").split("\n");
    for (const name of [".env*", ".git", ".usher", "node_modules"]) expect(ignored).toContain(name);
  });
});

/** What the build checks the types of: a file here that imports one that is left out ends the build. */
describe("the build context", () => {
  const { files, isLeftOut } = readBuildContext();

  it("leaves out tests and benchmarks, and keeps the app", () => {
    expect(files.filter((file) => /^(tests|bench|docs)\/|^\.env(?!\.example)/.test(file))).toEqual(
      [],
    );
    expect(files).toEqual(
      expect.arrayContaining(["package.json", "app/layout.tsx", "scripts/db-migrate.ts"]),
    );
  });

  it("has every file that its files import", () => {
    const imports = /(?:from|import)\s*\(?\s*"((?:@\/|\.{1,2}\/)[^"]+)"/g;
    const missing = files
      .filter((file) => /\.(ts|tsx|mjs)$/.test(file))
      .flatMap((file) =>
        [...read(file).matchAll(imports)].map(([, name = ""]) => {
          const isOfRoot = name.startsWith("@/");
          return [file, isOfRoot ? name.slice(2) : path.join(path.dirname(file), name)] as const;
        }),
      )
      // Made by the build.
      .filter(([, wanted]) => isLeftOut(wanted) && !/^(lib\/db\/generated|\.next)\//.test(wanted));
    expect(missing).toEqual([]);
  });
});

describe("the platform configuration", () => {
  const grace = /(?:TimeoutStopSec=|stop_grace_period: |terminationGracePeriodSeconds: )(\d+)/;

  it.each(["deploy/systemd/usher.service", "deploy/compose.yaml", "deploy/kubernetes/usher.yaml"])(
    "%s waits 30 seconds longer than SHUTDOWN_SECONDS",
    (file) => {
      expect(Number(grace.exec(read(file))?.[1])).toBe(60);
    },
  );

  it("restarts on liveness, and routes requests by readiness", () => {
    const manifest = read("deploy/kubernetes/usher.yaml");
    expect(manifest).toMatch(/livenessProbe:\s+httpGet: \{ path: \/api\/health\/live/);
    expect(manifest).toMatch(/readinessProbe:\s+httpGet: \{ path: \/api\/health\/ready/);
    expect(read("deploy/systemd/usher.service")).toMatch(/^RestartSec=\d+$/m);
  });
});
