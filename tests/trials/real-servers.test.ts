import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { POST as testRoute } from "@/app/api/mcp-servers/[serverId]/test/route";
import { POST as createRoute } from "@/app/api/mcp-servers/route";
import type { ProviderFamily } from "@/lib/chat/model/tools/families";
import { sendableSchema } from "@/lib/chat/model/tools/offered-tools";
import { createToolbox } from "@/lib/chat/tool-calls/toolbox";
import type { TestStep } from "@/lib/contracts/servers/catalogue";
import { type Installation, startInstallation } from "@/tests/support/installation";
import { refusedBy } from "@/tests/support/provider-schema-rules";
import { serverInput } from "@/tests/support/server-input";
import type { Visitor } from "@/tests/support/visitor";
import { tell } from "./figures";
import { isFull } from "./sizes";

interface RealServer {
  package: string;
  version: string;
  /** The program's name in the package's `bin`, if it has more than one. */
  program?: string;
  args?: string[];
  /** Made up: no server here is asked to reach the real one. */
  environment?: string;
}

const servers: RealServer[] = [
  { package: "@modelcontextprotocol/server-everything", version: "2026.8.31" },
  { package: "@modelcontextprotocol/server-filesystem", version: "2026.8.31", args: ["."] },
  { package: "@modelcontextprotocol/server-memory", version: "2026.8.31" },
  { package: "@playwright/mcp", version: "0.0.83" },
  {
    ...{ package: "@notionhq/notion-mcp-server", version: "2.5.2" },
    environment: "NOTION_TOKEN=ntn_of_a_trial",
  },
  { package: "mongodb-mcp-server", version: "3.0.4" },
  {
    ...{ package: "@hubspot/mcp-server", version: "0.4.0" },
    environment: "PRIVATE_APP_ACCESS_TOKEN=pat-of-a-trial",
  },
  {
    ...{ package: "@ahdev/dokploy-mcp", version: "1.6.0" },
    environment: "DOKPLOY_URL=https://dokploy.example.com/api\nDOKPLOY_API_KEY=of-a-trial",
  },
  {
    ...{ package: "@postman/postman-mcp-server", version: "2.13.0" },
    environment: "POSTMAN_API_KEY=PMAK-of-a-trial",
  },
  {
    ...{ package: "hostinger-api-mcp", version: "1.63.2", program: "hostinger-api-mcp" },
    environment: "API_TOKEN=of-a-trial",
  },
  { package: "@softeria/ms-365-mcp-server", version: "0.155.0" },
  { package: "@cyanheads/git-mcp-server", version: "2.15.3" },
];

const families: ProviderFamily[] = ["openai", "anthropic", "gemini", "openai-compatible"];
const root = path.resolve(import.meta.dirname, "../..");
const folder = path.join(root, ".usher/real-servers");

let usher: Installation;
let admin: Visitor;

/** From the registry, at the first run and after a change to the list; no package's own scripts run. */
async function install(): Promise<void> {
  const dependencies = Object.fromEntries(servers.map((each) => [each.package, each.version]));
  const wanted = JSON.stringify({ private: true, dependencies });
  const file = path.join(folder, "package.json");
  const installed = path.join(folder, "node_modules/.package-lock.json");
  if (existsSync(installed) && (await readFile(file, "utf8").catch(() => "")) === wanted) return;
  await mkdir(folder, { recursive: true });
  await writeFile(file, wanted);
  const options = ["--ignore-scripts", "--no-audit", "--no-fund", "--no-save", "--no-package-lock"];
  await promisify(execFile)("npm", ["install", ...options], { cwd: folder });
}

async function programOf({ package: name, program }: RealServer): Promise<string> {
  const home = path.join(folder, "node_modules", name);
  const { bin } = JSON.parse(await readFile(path.join(home, "package.json"), "utf8"));
  const script = typeof bin === "string" ? bin : program ? bin[program] : Object.values(bin)[0];
  return path.join(home, script);
}

async function stepsOf(serverId: string): Promise<TestStep[]> {
  const url = `/api/mcp-servers/${serverId}/test`;
  const answer = await admin.visit(testRoute, { path: url, params: { serverId }, method: "POST" });
  const lines = (await answer.text()).trim().split("\n");
  return lines.map((line) => JSON.parse(line));
}

describe.skipIf(!isFull)("real third-party servers", () => {
  let tools = 0;

  beforeAll(async () => {
    await install();
    usher = await startInstallation({ env: { STDIO_SERVERS: "trusted" } });
    admin = await usher.join("ADMIN");
  });
  afterAll(async () => {
    tell(
      `${servers.length} servers from npm: all connect, and every tool is taken by all four families`,
      `${tools} tools, ${tools * families.length} schemas`,
    );
    await usher?.close();
  });

  it.each(servers)(
    "$package: connects, and every tool can be sent to every model",
    async (server) => {
      const json = serverInput({
        ...{ name: server.package, transport: "STDIO", command: process.execPath },
        args: [await programOf(server), ...(server.args ?? [])].join("\n"),
        environment: server.environment ?? "",
      });
      const created = await admin.visit(createRoute, { path: "/api/mcp-servers", json });
      expect(created.status, await created.clone().text()).toBe(201);
      const { id: serverId } = await created.json();
      const steps = await stepsOf(serverId);
      expect(steps.filter(({ state }) => state === "failed")).toEqual([]);

      const catalogue = await usher.app.db.toolCatalogue.findUniqueOrThrow({ where: { serverId } });
      const leftOut = (catalogue.leftOut ?? []) as { reason: string }[];
      // Usher starts no tasks, and says so for each tool that needs one.
      const unread = leftOut.filter(({ reason }) => !reason.includes("only as a task"));
      expect(unread).toEqual([]);
      const toolbox = createToolbox([
        {
          ...{ serverId, serverName: server.package, allTools: true, toolNames: [] },
          decisions: { toolsAcceptedAt: null, tools: [] },
          catalogue: catalogue.tools,
        },
      ]);
      expect(toolbox.tools.length).toBeGreaterThan(0);
      tools += toolbox.tools.length;
      for (const family of families) {
        for (const tool of toolbox.tools) {
          const sent = sendableSchema(tool.inputSchema, family);
          const wrong = sent.ok ? refusedBy(family, sent.schema) : [sent.reason];
          expect(wrong, `${tool.name} for ${family}`).toEqual([]);
        }
      }
    },
  );
});
