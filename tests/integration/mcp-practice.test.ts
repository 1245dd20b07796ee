import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { type AuthorizationServer, startAuthorizationServer } from "@/demo/authorization-server";
import type { PracticeMcpServer } from "@/demo/mcp-server";
import { startPersonalFiles } from "@/demo/practice-files";
import type { McpConnections } from "@/lib/mcp/connections";
import type { McpTarget } from "@/lib/mcp/target";
import { fixtureConnections, httpTarget, scriptedBearer } from "@/tests/support/mcp-fixture";
import { ProviderClient } from "@/tests/support/provider-client";

const redirectUri = "http://127.0.0.1:9/oauth/callback";
const people = ["ada", "grace"] as const;
type Person = (typeof people)[number];

let dataDir: string;
let provider: AuthorizationServer;
let client: ProviderClient;

beforeAll(async () => {
  dataDir = await mkdtemp(path.join(tmpdir(), "usher-practice-"));
  provider = await startAuthorizationServer({ redirectUris: [redirectUri] });
  client = new ProviderClient(provider, { redirectUri });
});
afterAll(async () => {
  await provider.close();
  await rm(dataDir, { recursive: true, force: true });
});

describe.each(["2025-11-25", "2026-07-28"] as const)(
  "a server behind a provider, in %s",
  (protocol) => {
    let server: PracticeMcpServer;
    let mcp: McpConnections;
    const bearers = {} as Record<Person, ReturnType<typeof scriptedBearer>>;

    beforeEach(async () => {
      server = await startPersonalFiles({ provider, dataDir, protocol });
      mcp = fixtureConnections();
      for (const person of people) bearers[person] = await grantOf(person);
    });
    afterEach(async () => {
      await mcp.close();
      await server.close();
    });

    /** A consent at the provider, whose refresh tokens rotate. */
    async function grantOf(person: Person) {
      let tokens = await client.authorize({ person });
      return scriptedBearer({
        tokens: [tokens.access_token],
        onReplace: async () => {
          tokens = { ...tokens, ...(await client.refresh(tokens.refresh_token)) };
          return tokens.access_token;
        },
      });
    }
    const target = (person: Person): McpTarget =>
      httpTarget(server.url, { ownerKey: person, bearer: bearers[person] });
    const whoami = (person: Person) => mcp.callTool(target(person), { name: "whoami", input: {} });

    test("recognizes each person, over separate connections", async () => {
      const answers = await Promise.all([whoami("ada"), whoami("grace"), whoami("ada")]);

      expect(answers.map(({ content }) => content[0])).toEqual([
        { type: "text", text: expect.stringContaining("(ada)") },
        { type: "text", text: expect.stringContaining("(grace)") },
        { type: "text", text: expect.stringContaining("(ada)") },
      ]);
      expect(server.initializeCount).toBe(protocol === "2025-11-25" ? 2 : 0);
    });

    test("refuses a token that was revoked at the provider; the call runs with a refreshed one", async () => {
      await whoami("ada");
      provider.dropAccessTokensOf("ada");
      server.forgetRequests();

      await expect(whoami("ada")).resolves.toMatchObject({ isError: false });

      expect(bearers.ada.replaced).toHaveLength(1);
      expect(server.requests.map(({ status }) => status)).toEqual([401, 200]);
      expect(server.toolCalls).toEqual(["whoami"]);
    });

    test("loses its sessions in a restart without anyone noticing", async () => {
      await whoami("ada");
      await server.endSessions();
      server.forgetRequests();

      await expect(whoami("ada")).resolves.toMatchObject({ isError: false });

      expect(server.toolCalls).toEqual(["whoami"]);
    });
  },
);
