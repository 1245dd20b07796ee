import { closeSync, openSync } from "node:fs";
import { chmod, mkdir, readdir, readFile, stat, symlink, writeFile } from "node:fs/promises";
import { createServer, type Server } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { StdioEnv } from "@/lib/env/stdio";
import type { McpTarget } from "@/lib/mcp/target";
import { fixtureConnections, httpTarget } from "@/tests/support/mcp-fixture";
import { stdioServers } from "@/tests/support/stdio-servers";
import { idOf, noBubblewrap, noOtherUser, stdioStage } from "@/tests/support/stdio-stage";

const secret = "canary-of-usher";
let stage: Awaited<ReturnType<typeof stdioStage>>;
let socket: Server;
let socketPath = "";
const abstractName = `usher-${process.pid}`;
let abstract: Server;
const closing: (() => Promise<void>)[] = [];

beforeAll(async () => {
  // Like the master key of a running Usher: in its environment.
  process.env.CANARY_OF_USHER = secret;
  stage = await stdioStage();
  socketPath = path.join(tmpdir(), `usher-${process.pid}.sock`);
  socket = createServer().listen(socketPath);
  abstract = createServer().listen(`\0${abstractName}`);
});
afterAll(async () => {
  delete process.env.CANARY_OF_USHER;
  socket.close();
  abstract.close();
  await stage.remove();
});
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

function target(changes: Partial<Extract<McpTarget["endpoint"], { transport: "STDIO" }>> = {}) {
  return httpTarget("", {
    serverId: "prying",
    serverName: "Prying",
    endpoint: {
      transport: "STDIO",
      command: "node",
      args: [stage.script, `${process.pid}`, stage.usher],
      environment: {},
      ...changes,
    },
  });
}

interface Found {
  pid: number;
  uid: number;
  pids: number;
  environ: { parent: string; usher: string; all: string };
  memory: string;
  through: Record<string, string | string[]>;
  variables: Record<string, string>;
  folder: string;
  env: { here: string; there: string; key: string };
  usherFolder: string | string[];
  signals: { usher: string; everybody: number };
  descriptors: Record<string, string>;
  temporary: string[];
  others: string[];
  lists: Record<string, string | string[]>;
  shadow: number | string;
  sockets: string[];
  writes: { own: string; home: string; temporary: string; outside: string[]; system: string };
  programs: { node: string; npx: string; root: string; namespaces: string };
  capabilities: string;
  noNewPrivileges: string;
  python: string;
}

async function pry(
  env: Partial<StdioEnv>,
  to: McpTarget = target(),
  input: Record<string, unknown> = {},
): Promise<Found> {
  const mcp = fixtureConnections({
    stdio: stdioServers(
      { folder: stage.folder, readOnlyFolders: [stage.programs], ...env },
      stage.usher,
    ),
  });
  closing.push(mcp.close);
  const { structuredContent } = await mcp.callTool(to, { name: "pry", input });
  return structuredContent as unknown as Found;
}

describe.skipIf(noBubblewrap !== null)(
  `a stdio server in bubblewrap${noBubblewrap ? ` (${noBubblewrap})` : ""}`,
  () => {
    const sandbox = { mode: "sandbox" as const };

    test("sees no other process: not its environment, memory or files, and signals none", async () => {
      const found = await pry(sandbox);

      expect(found.environ.all).not.toContain(secret);
      expect(found.environ.parent).not.toContain(secret);
      expect(found.environ.usher).toBe("refused: ENOENT");
      expect(found.memory).toBe("refused: ENOENT");
      expect(found.through).toEqual({
        cwd: "refused: ENOENT",
        root: "refused: ENOENT",
        descriptors: "refused: ENOENT",
      });
      expect(found.signals.usher).toBe("refused: ESRCH");
      // bwrap's own first process, the shell that it became, and itself.
      expect(found.pids).toBeLessThanOrEqual(3);
    });

    test("finds nothing in Usher's folder, by its working folder or the full path", async () => {
      const found = await pry(sandbox);

      expect(found.folder).toBe("/home/server");
      expect(found.env.here).toBe("refused: ENOENT");
      expect(found.env.there).toBe("refused: ENOENT");
      expect(found.usherFolder).toBe("refused: ENOENT");
    });

    test("finds Usher's folder empty if it lies within one that programs may read", async () => {
      const key = path.join(stage.programs, "key");
      await writeFile(key, "key-of-usher");
      await symlink(stage.usher, path.join(stage.root, "current"));
      const found = await pry(
        { ...sandbox, readOnlyFolders: [stage.root], keyFiles: [key] },
        target(),
        {
          keyFile: key,
          files: [path.join(stage.root, "current", ".env")],
        },
      );

      expect(found.usherFolder).toEqual([]);
      expect(found.env.there).toBe("refused: ENOENT");
      expect(found.env.key).toMatch(/^$|^refused/);
      expect(found.others).toEqual(["refused: ENOENT"]);
    });

    test("has no home folders, sockets, shared memory, key folders or other temporary files", async () => {
      const mine = path.join(tmpdir(), `usher-secret-${process.pid}`);
      await writeFile(mine, "temporary-secret");
      const found = await pry(
        sandbox,
        { ...target(), serverId: "first" },
        {
          files: [mine, "/dev/mem"],
          sockets: [socketPath],
        },
      );

      expect(found.others).toEqual(["refused: ENOENT", "refused: ENOENT"]);
      // The location of the running program.
      expect(found.temporary).toEqual([path.basename(stage.root)]);
      expect(found.sockets).toEqual(["refused: ENOENT"]);
      expect(found.shadow).toBe("refused: ENOENT");
      const { "/root": root, "/home": homes, ...lists } = found.lists;
      expect(homes).toContain("server");
      // In home folders, nothing except the path to programs.
      const programs = [process.execPath, ...(process.env.PATH ?? "").split(":")];
      const entries = [...(Array.isArray(root) ? root.map((name) => `/root/${name}`) : [])];
      for (const entry of entries) {
        expect(programs.some((folder) => folder.startsWith(`${entry}/`))).toBe(true);
      }
      expect(lists).toEqual({
        "/run": [],
        "/var": ["tmp"],
        "/dev/shm": [],
        "/etc/ssl/private": "refused: ENOENT",
        "/sys": "refused: ENOENT",
      });
    });

    test("inherits no open file", async () => {
      const file = path.join(stage.root, "open");
      await writeFile(file, "open-secret");
      const fd = openSync(file, "r");
      const found = await pry(sandbox);
      closeSync(fd);

      expect(found.descriptors).toEqual({});
    });

    test("writes only to its own folder, which persists and which no other server sees", async () => {
      const outside = [path.join(stage.programs, "x"), path.join(stage.usher, "x"), "/etc/x", "/x"];
      const found = await pry(sandbox, target(), { outside });

      expect(found.writes).toMatchObject({ own: "written", home: "written", temporary: "written" });
      expect(found.writes.system).toMatch(/refused: (EROFS|EACCES)/);
      expect(found.writes.outside.every((each) => each.startsWith("refused"))).toBe(true);
      expect(await readFile(path.join(stage.folder, "prying", "home", "kept"), "utf8")).toBe(
        "mine",
      );
      expect((await stat(stage.folder)).mode & 0o077).toBe(0);

      const other = await pry(
        sandbox,
        { ...target(), serverId: "other" },
        {
          files: ["/home/server/kept", path.join(stage.folder, "prying", "home", "kept")],
        },
      );
      expect(other.others).toEqual(["refused: ENOENT", "refused: ENOENT"]);
    });

    test("has no capability, no way to become root, and no keyrings", async () => {
      const found = await pry(sandbox);

      expect(found.capabilities).toBe("0000000000000000");
      expect(found.noNewPrivileges).toBe("1");
      expect(found.uid).not.toBe(0);
      expect(found.programs.namespaces).not.toBe("0");
      expect(found.programs.root).not.toContain("uid=0");
      // ENOSYS; skipped if there is no Python to ask with.
      if (!found.python.startsWith("refused")) expect(found.python).toBe("-1 38");
    });

    test("gets its own variables, and none of them reaches anything outside the sandbox", async () => {
      const library = path.join(stage.root, "loaded.so");
      const found = await pry(
        sandbox,
        target({
          environment: {
            NOTE: `it's "quoted"\n$(touch /tmp/x)`,
            LD_PRELOAD: library,
            BASH_ENV: "x",
          },
        }),
      );

      expect(found.variables).toEqual({
        NOTE: `it's "quoted"\n$(touch /tmp/x)`,
        BASH_ENV: "x",
        HOME: "/home/server",
        LD_PRELOAD: library,
        PATH: expect.stringContaining("/usr/bin"),
        PWD: "/home/server",
      });
      expect(found.temporary).not.toContain("x");
    });

    test("runs node and npx as installed", async () => {
      const found = await pry(sandbox);

      expect(found.programs.node).toBe(process.version);
      expect(found.programs.npx).toMatch(/^\d+\.\d+\.\d+$/);
    });

    test("reaches what the machine's network offers, including sockets without a file", async () => {
      const found = await pry(sandbox, target(), { sockets: [`@${abstractName}`] });

      expect(found.sockets).toEqual(["connected"]);
    });

    test("whose program lies elsewhere gets an error that names the variable to open a folder", async () => {
      const mcp = fixtureConnections({
        stdio: stdioServers({ mode: "sandbox", folder: stage.folder }, stage.usher),
      });
      closing.push(mcp.close);
      const hidden = path.join(stage.usher, "tool");
      await writeFile(hidden, "#!/bin/sh\n", { mode: 0o755 });

      for (const command of ["no-such-program", hidden, "../usher/tool"]) {
        await expect(mcp.readCatalogue(target({ command }))).rejects.toMatchObject({
          code: "mcp_server_error",
          userMessage: expect.stringMatching(
            /was not found in the sandbox.*STDIO_READ_ONLY_FOLDERS/,
          ),
        });
      }
    });

    test("is not started in a folder that someone else created or can write to", async () => {
      const open = path.join(stage.root, "open-to-all");
      await mkdir(open);
      await chmod(open, 0o777);

      await expect(pry({ ...sandbox, folder: open })).rejects.toThrow();
      expect(await readdir(open)).toEqual([]);
    });

    test("loses its folder with the server", async () => {
      await pry(sandbox, { ...target(), serverId: "short-lived" });
      const servers = stdioServers({ mode: "sandbox", folder: stage.folder }, stage.usher);
      expect(await readdir(stage.folder)).toContain("short-lived");

      await servers.forget("short-lived");

      expect(await readdir(stage.folder)).not.toContain("short-lived");
    });
  },
);

describe.skipIf(noOtherUser !== null)(
  `a stdio server of another user${noOtherUser ? ` (${noOtherUser})` : ""}`,
  () => {
    const asNobody = { mode: "sandbox" as const, user: "nobody" };
    let folder = "";
    beforeEach(async () => {
      folder = path.join(stage.root, "nobody");
      await mkdir(folder, { recursive: true });
      const { chown } = await import("node:fs/promises");
      await chown(folder, idOf("nobody"), idOf("nobody"));
      await chmod(folder, 0o700);
    });

    test("can neither read Usher's environment or memory nor signal any process", async () => {
      const found = await pry({ ...asNobody, folder });

      expect(found.uid).toBe(idOf("nobody"));
      expect(found.environ.all).not.toContain(secret);
      expect(found.environ.usher).toBe("refused: EACCES");
      expect(found.memory).toBe("refused: EACCES");
      expect(found.through).toEqual({
        cwd: "refused: EACCES",
        root: "refused: EACCES",
        descriptors: "refused: EACCES",
      });
      expect(found.signals.usher).toBe("refused: EPERM");
    });

    test("cannot read what is private to Usher's user, and works in its own folder", async () => {
      const found = await pry({ ...asNobody, folder }, target());

      expect(found.folder).toBe(path.join(folder, "prying"));
      expect(found.env.here).toBe("refused: ENOENT");
      expect(found.env.there).toBe("refused: EACCES");
      expect(found.shadow).toBe("refused: EACCES");
      expect(found.writes.own).toBe("written");
      expect(found.writes.system).toBe("refused: EACCES");
      expect(found.descriptors).toEqual({});
    });

    test("has no capability and no way to become root", async () => {
      const found = await pry({ ...asNobody, folder });

      expect(found.capabilities).toBe("0000000000000000");
      expect(found.noNewPrivileges).toBe("1");
      expect(found.programs.root).not.toContain("uid=0");
    });

    test("gets its own variables, which load nothing into the program that switches the user", async () => {
      const found = await pry(
        { ...asNobody, folder },
        target({ environment: { NOTE: "k", LD_PRELOAD: "/x.so" } }),
      );

      expect(found.variables).toMatchObject({
        NOTE: "k",
        HOME: path.join(folder, "prying"),
        LD_PRELOAD: "/x.so",
      });
      expect(Object.keys(found.variables).sort()).toEqual([
        "HOME",
        "LD_PRELOAD",
        "NOTE",
        "PATH",
        "PWD",
        "TMPDIR",
      ]);
    });

    test("prevents the start while that user can read a secret of Usher", async () => {
      const { check } = stdioServers({ ...asNobody, folder }, stage.usher);
      await expect(check()).resolves.toEqual([]);

      await chmod(path.join(stage.usher, ".env"), 0o644);
      await expect(check()).resolves.toEqual([
        expect.stringMatching(
          /^STDIO_USER: nobody can read .*\/\.env\. Take that away \(chmod 600/,
        ),
      ]);
      await chmod(path.join(stage.usher, ".env"), 0o600);
    });

    test.each([
      ["root", "STDIO_USER is root"],
      ["no-such-user", "STDIO_USER names a user that this machine does not have"],
      ["--reuid=0", "STDIO_USER must be a user name"],
    ])("is refused if STDIO_USER is %s", async (user, problem) => {
      await expect(stdioServers({ mode: "sandbox", user }).check()).resolves.toEqual([
        expect.stringContaining(problem),
      ]);
    });
  },
);

test("a trusted stdio server can read everything that Usher can, as the form says", async () => {
  const found = await pry({ mode: "trusted" });

  expect(found.environ.usher).not.toMatch(/^refused/);
  expect(found.env.there).toBe("SECRETS_ENCRYPTION_KEY=key-in-a-file");
  expect(found.signals.usher).toBe("could");
  expect(Object.keys(found.variables)).toEqual(["PATH"]);
});

describe("without an available sandbox", () => {
  test.each([
    [{ path: "/nonexistent" }, "linux", null],
    [{}, "darwin", "STDIO_SERVERS=sandbox works on Linux only."],
    [{ user: "nobody" }, "win32", "STDIO_USER works on Linux only."],
  ] as const)("%j on %s is reported in words", async (env, platform, problem) => {
    const { createStdioServers } = await import("@/lib/mcp/stdio/servers");
    const servers = createStdioServers(
      {
        ...{ unset: false, user: null, folder: null, readOnlyFolders: [], keyFiles: [], path: "" },
        ...env,
        mode: "sandbox",
      },
      { selfHosted: true, platform, uid: 1000, folder: "/" },
    );

    if (problem !== null) expect((await servers.check())[0]).toContain(problem);
  });

  test("a server is not started, and its call says which variable to set", async () => {
    const mcp = fixtureConnections({ stdio: stdioServers({ mode: "off", unset: true }) });
    closing.push(mcp.close);

    await expect(mcp.callTool(target(), { name: "pry", input: {} })).rejects.toMatchObject({
      code: "mcp_server_error",
      userMessage: expect.stringContaining("STDIO_SERVERS"),
    });
  });
});
