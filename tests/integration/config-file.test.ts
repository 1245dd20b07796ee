import { execFile } from "node:child_process";
import { randomBytes } from "node:crypto";
import { readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { AuthorizationServer } from "@/demo/authorization-server";
import { createAssistant } from "@/lib/assistants/assistant";
import { applyPlan } from "@/lib/config-file/apply";
import { exportConfig } from "@/lib/config-file/export";
import { hasChanges, type Plan, planConfig } from "@/lib/config-file/plan";
import { planText, problemsText } from "@/lib/config-file/plan-text";
import type { Variables } from "@/lib/config-file/variables";
import type { McpServerInput } from "@/lib/contracts/servers/mcp-server";
import { findMcpServer } from "@/lib/db/mcp-server";
import { openOAuthClient } from "@/lib/servers/oauth-client";
import { createServer, updateServer } from "@/lib/servers/save";
import { openValues } from "@/lib/servers/secret-values";
import { authorize } from "@/tests/support/authorize";
import { bundledFile } from "@/tests/support/bundled-file";
import { type Installation, startInstallation, startProvider } from "@/tests/support/installation";
import { oauthServerInput, serverInput } from "@/tests/support/server-input";
import { temporaryFolder } from "@/tests/support/temporary-folder";

let usher: Installation;
let provider: AuthorizationServer;

beforeAll(async () => {
  provider = await startProvider();
});
afterAll(() => provider.close());
beforeEach(async () => {
  usher = await startInstallation({ env: { STDIO_SERVERS: "trusted" } });
});
afterEach(() => usher.close());

const context = () => ({
  ...usher.app,
  modelProblem: (model: string) => (model === "openai/none" ? "There is no such model." : null),
});
const create = (input: McpServerInput) => createServer(usher.app, input);
/** Text that looks like a variable and is not one. */
const literal = (name: string) => `$\{${name}}`;
const secret = () => randomBytes(24).toString("base64url");

async function planned(text: string, variables: Variables = {}): Promise<Plan> {
  const outcome = await planConfig(context(), text, variables);
  if ("problems" in outcome) throw new Error(problemsText(outcome.problems));
  return outcome.plan;
}

async function problemsOf(text: string, variables: Variables = {}): Promise<string> {
  const outcome = await planConfig(context(), text, variables);
  return "problems" in outcome ? problemsText(outcome.problems) : "";
}

async function applied(text: string, variables: Variables = {}): Promise<string[]> {
  const saved: string[] = [];
  await applyPlan(context(), await planned(text, variables), (name) => saved.push(name));
  return saved;
}

const serverNamed = async (name: string) => {
  const { id } = await usher.app.db.mcpServer.findUniqueOrThrow({ where: { name } });
  const row = await findMcpServer(usher.app.db, id);
  if (!row) throw new Error(`There is no server ${name}.`);
  return row;
};
const changesOf = (plan: Plan) =>
  [...plan.servers, ...plan.assistants].filter(hasChanges).map(({ entry }) => entry.name);

/** One of each kind, with a value in every field that a file has. */
async function fill(): Promise<Record<string, string>> {
  const secrets = { key: secret(), client: provider.clientSecret, token: secret() };
  await create(
    oauthServerInput(provider, {
      name: "Files",
      description: literal("everybody"),
      settings: { callTimeoutSeconds: 90 },
      oauth: { extraAuthorizationParameters: "prompt=consent\naccess_type=offline" },
    }),
  );
  await create(
    oauthServerInput(provider, {
      name: "Notes",
      oauth: { registration: "DYNAMIC", clientId: "", clientSecret: "", tokenSharing: "PER_USER" },
    }),
  );
  const headers = `X-Api-Key: ${secrets.key}\nX-Region: eu`;
  const url = "http://127.0.0.1:9/keys";
  await create(serverInput({ name: "Keys", url, authentication: "HEADERS", headers }));
  await create(
    serverInput({
      ...{ name: "Everyone's own", url, authentication: "HEADERS", headerSharing: "PER_USER" },
      settings: { personalHeaders: "X-Api-Key" },
    }),
  );
  const environment = `TOKEN="${secrets.token}"\nPEM="line \\"one\\"\\nline two"`;
  const program = { transport: "STDIO", command: "node", args: "server.js\n--flag" } as const;
  const programId = await create(serverInput({ name: "Program", ...program, environment }));
  await createAssistant(context(), {
    ...{
      name: "Support",
      description: "",
      instructions: `Be brief.\n\nNever say ${literal("NAME")}.\n`,
    },
    model: "",
    examples: ["Where is the key?", `What does ${literal("NAME")} mean?`],
    servers: [
      {
        ...{ serverId: programId, allTools: false, toolNames: ["b", "a"] },
        toolPolicies: { a: "ASK", b: "NEVER" },
      },
    ],
  });
  return {
    FILES_CLIENT_SECRET: secrets.client,
    KEYS_X_API_KEY: secrets.key,
    KEYS_X_REGION: "eu",
    PROGRAM_TOKEN: secrets.token,
    PROGRAM_PEM: 'line "one"\nline two',
  };
}

describe("an exported file", () => {
  it("contains no secret, names its variables, and changes nothing when applied", async () => {
    const variables = await fill();
    const text = await exportConfig(usher.app.db);
    for (const value of Object.values(variables).filter((each) => each.length > 10)) {
      expect(text).not.toContain(value);
    }
    expect(text).not.toContain("v1.");
    for (const name of Object.keys(variables)) expect(text).toContain(`\${${name}}`);
    expect(changesOf(await planned(text, variables))).toEqual([]);
    // Also without the variables: if no secret is given, the stored ones stay.
    expect(changesOf(await planned(text))).toEqual([]);
    expect(await applied(text, variables)).toEqual([]);
  });

  it("recreates the same installation, secrets included", async () => {
    const variables = await fill();
    const text = await exportConfig(usher.app.db);
    const first = usher;
    usher = await startInstallation({ env: { STDIO_SERVERS: "trusted" } });
    try {
      expect(await problemsOf(text)).toMatch(/Set FILES_CLIENT_SECRET in the environment\./);
      expect(await applied(text, variables)).toHaveLength(6);
      expect(await exportConfig(usher.app.db)).toBe(text);
      expect(changesOf(await planned(text, variables))).toEqual([]);
      const { keyring } = usher.app;
      const files = await serverNamed("Files");
      if (!files.oauthClient) throw new Error("It has no client.");
      expect(openOAuthClient(keyring, files.oauthClient).clientSecret).toBe(
        variables.FILES_CLIENT_SECRET,
      );
      const { id, environmentSealed } = await serverNamed("Program");
      expect(openValues(keyring, id, "environmentSealed", environmentSealed)).toEqual({
        TOKEN: variables.PROGRAM_TOKEN,
        PEM: variables.PROGRAM_PEM,
      });
    } finally {
      await first.close();
    }
  });
});

describe("a plan", () => {
  it("names what differs field by field, and for a secret only that it differs", async () => {
    const variables = await fill();
    const text = await exportConfig(usher.app.db);
    const changed = text
      .replace("callTimeoutSeconds: 90", "callTimeoutSeconds: 120")
      .replace("a: ASK", "a: ALWAYS")
      .replace("Where is the key?", "Where is it?");
    const newSecret = secret();
    const plan = await planned(changed, { ...variables, KEYS_X_API_KEY: newSecret });
    expect(changesOf(plan)).toEqual(["Files", "Keys", "Support"]);
    const shown = planText(plan);
    expect(shown).toContain("settings.callTimeoutSeconds: 90 → 120");
    expect(shown).toContain("headers: … → another value");
    expect(shown).toContain("servers.Program: tools a, b; a=ASK, b=NEVER → tools a, b; a=ALWAYS");
    expect(shown).toMatch(/examples: .*Where is it\?/s);
    expect(shown).not.toContain(newSecret);
    expect(shown).not.toContain(variables.KEYS_X_API_KEY);
  });

  it("names what is missing from the file, and leaves it alone", async () => {
    await create(serverInput({ name: "Old", url: "http://127.0.0.1:9/mcp" }));
    const text = "version: 1\nservers:\n  - name: New\n    url: http://127.0.0.1:9/new\n";
    const plan = await planned(text);
    expect(plan.onlyHere.servers).toEqual(["Old"]);
    expect(planText(plan).split("\n").slice(0, 3)).toEqual([
      "+ MCP server New",
      "    url: http://127.0.0.1:9/new",
      "? MCP server Old: not in the file. To remove it, delete it on its page.",
    ]);
    expect(await applied(text)).toEqual(["New"]);
    await serverNamed("Old");
  });

  it("says which accounts have to authorize again", async () => {
    const admin = await usher.join("ADMIN");
    const id = await create(oauthServerInput(provider, { name: "Files" }));
    await authorize(admin, id);
    const text = await exportConfig(usher.app.db);
    const moved = text.replace("http://127.0.0.1:9/mcp", "http://127.0.0.1:9/moved");
    const variables = { FILES_CLIENT_SECRET: provider.clientSecret };
    expect(planText(await planned(moved, variables))).toContain(
      "Connected accounts have to authorize again. The server URL changed.",
    );
    await applied(moved, variables);
    expect(await usher.app.db.storedTokenSet.count()).toBe(0);
  });

  it("renames a server together with its accounts, once", async () => {
    const admin = await usher.join("ADMIN");
    const id = await create(oauthServerInput(provider, { name: "Files" }));
    await authorize(admin, id);
    const text = (await exportConfig(usher.app.db)).replace(
      "name: Files",
      "name: Documents\n    renamedFrom: Files",
    );
    expect(await applied(text)).toEqual(["Documents"]);
    expect((await serverNamed("Documents")).id).toBe(id);
    expect(await usher.app.db.storedTokenSet.count()).toBe(1);
    expect(await applied(text)).toEqual([]);
  });
});

describe("a file with a mistake", () => {
  const server = (lines: string) => `version: 1\nservers:\n  - name: A\n${lines}`;

  it.each([
    ["invalid YAML", "version: 1\n  servers: [", /^line \d+: This is not valid YAML/],
    ["no version", "servers: []", /version: 1/],
    ["a list", "- a\n", /^line 1: Begin the file with version: 1/],
    ["an unknown field", server("    adress: x\n"), /line \d, servers\[0\].*adress/],
    [
      "a number that is out of range",
      server("    url: http://127.0.0.1:9/\n    settings:\n      callTimeoutSeconds: 1\n"),
      /line 6, servers\[0\]\.settings\.callTimeoutSeconds: Enter a whole number/,
    ],
    ["no URL", server("    description: x\n"), /servers\[0\]\.url: Enter the URL/],
    [
      "a URL that is not allowed",
      server("    url: http://169.254.169.254/\n"),
      /line 4, servers\[0\]\.url/,
    ],
    [
      "one name twice",
      server("    url: http://127.0.0.1:9/\n  - name: A\n    url: http://127.0.0.1:9/\n"),
      /line 5, servers\[1\]\.name: A is listed twice/,
    ],
    [
      "OAuth that is not used",
      server("    url: http://127.0.0.1:9/\n    authentication: NONE\n    oauth: {}\n"),
      /oauth: Write authentication: OAUTH/,
    ],
    [
      "a secret in it",
      server(
        "    url: http://127.0.0.1:9/\n    oauth:\n      clientId: a\n      clientSecret: hunter2\n",
      ),
      /line 7, servers\[0\]\.oauth\.clientSecret: Write the name of a variable/,
    ],
    [
      "a variable that is not set",
      server("    url: https://$" + "{HOST}/\n"),
      /line 4, servers\[0\]\.url: Set HOST in the environment/,
    ],
    [
      "a server that does not exist",
      "version: 1\nassistants:\n  - name: A\n    servers:\n      - server: None\n",
      /line 5, assistants\[0\]\.servers\[0\]\.server: There is no server “None”/,
    ],
    [
      "too many examples",
      "version: 1\nassistants:\n  - name: A\n    examples: [One, Two, Three, Four, Five]\n",
      /assistants\[0\]\.examples: An assistant may have 4 examples at most/,
    ],
    [
      "a model that does not exist",
      "version: 1\nassistants:\n  - name: A\n    model: openai/none\n",
      /line 4, assistants\[0\]\.model: There is no such model/,
    ],
  ])("is reported for %s, with the place, and nothing is saved", async (_, text, message) => {
    expect(await problemsOf(text)).toMatch(message);
    expect(await problemsOf(text)).not.toContain("hunter2");
    expect(await usher.app.db.mcpServer.count()).toBe(0);
  });

  it("is reported with all of its problems at once", async () => {
    const text = "version: 1\nservers:\n  - name: A\n  - name: B\n";
    expect((await problemsOf(text)).split("\n")).toHaveLength(2);
  });

  it("is refused if anchors would expand without end", async () => {
    const lines = [
      "a: &a [x]",
      ...Array.from(
        { length: 12 },
        (_, at) =>
          `b${at}: &b${at} [*${at ? `b${at - 1}` : "a"}, *${at ? `b${at - 1}` : "a"}, *${at ? `b${at - 1}` : "a"}]`,
      ),
    ];
    expect(await problemsOf(`version: 1\n${lines.join("\n")}\n`)).not.toBe("");
  });
});

describe("applying", () => {
  it("is recorded in the audit as done by the command line", async () => {
    await applied("version: 1\nservers:\n  - name: New\n    url: http://127.0.0.1:9/new\n");
    const [event] = await usher.app.db.auditEvent.findMany({ where: { action: "server.create" } });
    expect(event).toMatchObject({ serverName: "New", actorId: null });
    expect(event?.details).toMatchObject({ by: "command line" });
  });

  it("switches a server off and on, and creates a new one switched off", async () => {
    const entry = "version: 1\nservers:\n  - name: New\n    url: http://127.0.0.1:9/new\n";
    const off = `${entry}    switchedOff: true\n`;
    expect(await applied(off)).toEqual(["New"]);
    expect((await serverNamed("New")).switchedOffAt).not.toBeNull();
    expect(await exportConfig(usher.app.db)).toContain("switchedOff: true");
    expect(await applied(off), "a second time").toEqual([]);
    const plan = await planned(entry);
    expect(plan.servers[0]?.fields).toEqual([{ field: "switchedOff", from: "true", to: "false" }]);
    expect(await applied(entry)).toEqual(["New"]);
    expect((await serverNamed("New")).switchedOffAt).toBeNull();
    const actions = await usher.app.db.auditEvent.findMany({ orderBy: { at: "asc" } });
    expect(actions.map(({ action }) => action)).toEqual([
      ...["server.create", "server.switch-off", "server.change", "server.switch-on"],
    ]);
  });

  it("refuses what another person changed since the plan", async () => {
    const id = await create(serverInput({ name: "A", url: "http://127.0.0.1:9/a" }));
    const plan = await planned(
      "version: 1\nservers:\n  - name: A\n    url: http://127.0.0.1:9/b\n",
    );
    const changed = { name: "A", url: "http://127.0.0.1:9/c", version: 1 };
    await updateServer(usher.app, id, serverInput(changed));
    await expect(applyPlan(context(), plan, () => {})).rejects.toThrow(/changed this server/);
    expect((await serverNamed("A")).url).toBe("http://127.0.0.1:9/c");
  });

  it("does not let an unset variable send a stored secret to another URL", async () => {
    await fill();
    const text = await exportConfig(usher.app.db);
    const moved = text.replaceAll("http://127.0.0.1:9/keys", "http://127.0.0.1:9/elsewhere");
    expect(await problemsOf(moved)).toMatch(
      /headers: Set KEYS_X_API_KEY, KEYS_X_REGION in the environment/,
    );
  });
});

describe("npm run config", () => {
  const run = (...args: string[]) =>
    new Promise<{ code: number; output: string }>((resolve) => {
      const env = {
        ...{ PATH: process.env.PATH, NODE_ENV: process.env.NODE_ENV },
        ...usher.env,
      };
      const child = [bundledFile("config"), ...args];
      execFile(process.execPath, child, { cwd: folder, env }, (error, stdout, stderr) =>
        resolve({ code: error ? Number(error.code) : 0, output: stdout + stderr }),
      );
    });
  let folder: string;
  beforeEach(async () => {
    folder = await temporaryFolder();
  });

  it("exports, plans and applies, and its exit code says whether something differs", async () => {
    await create(serverInput({ name: "A", url: "http://127.0.0.1:9/a" }));
    const file = path.join(folder, "usher.yaml");
    expect(await run("export", file)).toEqual({ code: 0, output: "" });
    expect((await run("plan", file)).code).toBe(0);
    await writeFile(file, (await readFile(file, "utf8")).replace("9/a", "9/b"));
    const plan = await run("plan", file);
    expect(plan.output).toContain("url: http://127.0.0.1:9/a → http://127.0.0.1:9/b");
    expect(plan.code).toBe(2);
    const unasked = await run("apply", file);
    expect(unasked).toMatchObject({ code: 1, output: expect.stringContaining("Add --yes") });
    expect((await serverNamed("A")).url).toBe("http://127.0.0.1:9/a");
    expect(await run("apply", file, "--yes")).toMatchObject({ code: 0 });
    expect((await serverNamed("A")).url).toBe("http://127.0.0.1:9/b");
    expect((await run("plan", file)).code).toBe(0);
  });

  it.each([
    ["no command", [], /^Usage: npm run config/],
    ["a missing file", ["plan", "none.yaml"], /There is no file none\.yaml/],
    ["two files", ["plan", "a.yaml", "b.yaml"], /^Usage: npm run config/],
  ])("answers %s with what to do", async (_, args, message) => {
    const { code, output } = await run(...args);
    expect(output).toMatch(message);
    expect(code).toBe(1);
  });
});
