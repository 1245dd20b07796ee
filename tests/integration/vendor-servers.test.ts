import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { GET as entryRoute } from "@/app/api/catalogue/[vendorServerId]/route";
import { GET as tilesRoute } from "@/app/api/catalogue/route";
import { POST as createRoute } from "@/app/api/mcp-servers/route";
import { installApp } from "@/lib/app/current";
import { callTool } from "@/lib/calls/call-tool";
import { vendorServers } from "@/lib/catalogue/catalogue";
import { driftOf } from "@/lib/catalogue/drift";
import type { VendorServer, VendorServerTile } from "@/lib/contracts/catalogue/vendor-server";
import { needsDiscovery, vendorServerInput } from "@/lib/contracts/catalogue/vendor-server-input";
import { vendorServerUrl } from "@/lib/contracts/catalogue/vendor-server-url";
import type { DiscoveredSettings } from "@/lib/contracts/servers/discovery";
import { discoverQuietly } from "@/lib/discovery/discover";
import { Clock } from "@/tests/support/clock";
import { type Installation, publicUrl, startInstallation } from "@/tests/support/installation";
import { authorizeUnasked, discoverUrl } from "@/tests/support/paste-url";
import {
  startVendorProvider,
  type VendorProvider,
  type VendorProviderOptions,
} from "@/tests/support/vendor-provider";
import type { Visitor } from "@/tests/support/visitor";

const clientMetadataUrl = "https://usher.example/oauth/client-metadata";
const redirectUri = `${publicUrl}/oauth/callback`;
const twoHours = 2 * 60 * 60_000;

let usher: Installation;
let clock: Clock;
let admin: Visitor;
let provider: VendorProvider;

beforeAll(async () => {
  clock = new Clock();
  usher = await startInstallation({ now: clock.now });
  installApp({ ...usher.app, discovery: { ...usher.app.discovery, clientMetadataUrl } });
  admin = await usher.join("ADMIN");
});
afterAll(() => usher.close());
afterEach(async () => {
  await usher.settle();
  await provider.close();
});

async function start(server: VendorServer, options: Partial<VendorProviderOptions> = {}) {
  provider = await startVendorProvider(server, { redirectUri, clientMetadataUrl, ...options });
}

/** What Discover finds, if the entry leaves something to it. */
async function discovered(): Promise<DiscoveredSettings | null> {
  if (!needsDiscovery(provider.entry)) return null;
  const url = vendorServerUrl(provider.entry, provider.urlParts);
  if (!url.ok) throw new Error(JSON.stringify(url.problems));
  const { result } = await discoverUrl(admin, url.url);
  if (result.outcome !== "oauth") throw new Error(JSON.stringify(result));
  return result.settings;
}

/** From a chosen tile to a saved server, as the short form does. */
async function add(change: Partial<VendorServer> = {}): Promise<string> {
  const entry = { ...provider.entry, ...change };
  const byHand = entry.registration === "PRE_REGISTERED";
  const answers = {
    ...{ name: `${entry.name} ${crypto.randomUUID()}`, urlParts: provider.urlParts },
    clientId: byHand ? provider.clientId : "",
    clientSecret: byHand ? provider.clientSecret : "",
    ...{ key: provider.key, tokenSharing: "SHARED" as const },
  };
  const made = vendorServerInput(entry, answers, await discovered());
  if (!made.ok) throw new Error(JSON.stringify(made.missing));
  const json = made.input;
  const response = await admin.visit(createRoute, { path: "/api/mcp-servers", json });
  const saved = (await response.json()) as { id: string };
  expect(response.status, JSON.stringify(saved)).toBe(201);
  return saved.id;
}

/** What `npm run catalogue:check -- --live` would report about it. */
async function drift(): Promise<string[]> {
  const url = vendorServerUrl(provider.entry, provider.urlParts);
  if (!url.ok) throw new Error(JSON.stringify(url.problems));
  const entry = { ...provider.entry, authorizationHosts: [] };
  return driftOf(entry, await discoverQuietly(url.url, usher.app.discovery));
}

async function call(serverId: string): Promise<string> {
  await usher.settle();
  const { user } = admin;
  const signal = new AbortController().signal;
  const asked = { serverId, toolName: "ping", input: {}, user, signal };
  const { content } = await callTool(usher.app, asked);
  return content.map((part) => (part.type === "text" ? part.text : "")).join("");
}

describe("from a vendor's tile to a tool's answer", () => {
  it.each(vendorServers().map((server) => [server.id, server] as const))(
    "%s",
    async (id, server) => {
      await start(server);
      const tiles = await admin.visit(tilesRoute, { path: "/api/catalogue" });
      const { servers } = (await tiles.json()) as { servers: VendorServerTile[] };
      expect(servers.map((tile) => tile.id)).toContain(id);
      const chosen = await admin.visit(entryRoute, {
        ...{ path: `/api/catalogue/${id}`, params: { vendorServerId: id } },
      });
      expect(await chosen.json()).toEqual(server);

      const serverId = await add();
      const usesOAuth = server.registration !== "KEY" && server.registration !== "NONE";
      if (usesOAuth) {
        expect(await authorizeUnasked(admin, serverId)).toContain("authorized=1");
      }
      expect(await call(serverId)).toBe("pong");
      if (usesOAuth) {
        clock.advance(twoHours);
        expect(await call(serverId)).toBe("pong");
      }
      expect(provider.refusals).toEqual([]);
      expect(await drift()).toEqual([]);
      expect(provider.toolCalls()).toBe(usesOAuth ? 2 : 1);
    },
  );
});

describe("a vendor that accepts only approved clients", () => {
  const closed = vendorServers().filter(
    ({ approvedClientsOnly, registration }) => approvedClientsOnly && registration === "DYNAMIC",
  );
  it.each(closed.map((server) => [server.id, server] as const))(
    "%s refuses to register Usher, and the person who authorizes is told",
    async (_, server) => {
      await start(server, { approved: false });
      const serverId = await add();
      expect(await authorizeUnasked(admin, serverId)).toContain("error=registration_failed");
    },
  );
});

describe("the simulated vendors", () => {
  const named = (id: string) => {
    const server = vendorServers().find((each) => each.id === id);
    if (!server) throw new Error(`no entry ${id}`);
    return server;
  };

  it.each<[string, Partial<VendorServer["quirks"]>, string]>([
    ["asana", { resource: "https://mcp.example.com/other" }, "the resource is"],
    ["microsoft-365", { resourceIndicator: true }, "the resource is"],
    [
      "gmail",
      { extraAuthorizationParameters: { prompt: "consent" } },
      "access_type is not offline",
    ],
    ["slack", { scopesByComma: false }, "the scope is"],
  ])("refuse the consent if %s lacks %j", async (id, quirks, why) => {
    const server = named(id);
    await start(server);
    const serverId = await add({ quirks: { ...provider.entry.quirks, ...quirks } });
    await expect(authorizeUnasked(admin, serverId)).rejects.toThrow("sent nobody back");
    expect(provider.refusals).toEqual([expect.stringContaining(why)]);
  });

  it("reject a key in another header", async () => {
    const server = named("google-maps");
    await start(server);
    const header = server.header && { ...server.header, name: "X-Other-Key" };
    const serverId = await add({ header });
    await expect(call(serverId)).rejects.toThrow();
    expect(provider.toolCalls()).toBe(0);
  });
});
