import { afterEach, beforeEach, expect, it } from "vitest";
import { createApp } from "@/lib/app";
import { chatContext } from "@/lib/app/chat-context";
import { resolveModel } from "@/lib/chat/model/model";
import { explainModelFailure } from "@/lib/chat/model/model-failure";
import { readEnv } from "@/lib/env";
import { createServer } from "@/lib/servers/save";
import { accessToken } from "@/lib/tokens/access-token";
import { authorize } from "@/tests/support/authorize";
import { Clock } from "@/tests/support/clock";
import { type Installation, startInstallation, startProvider } from "@/tests/support/installation";
import {
  type OutboundProxy,
  type ProxyBehaviour,
  startOutboundProxy,
} from "@/tests/support/outbound-proxy";
import { discoverUrl } from "@/tests/support/paste-url";
import { oauthServerInput } from "@/tests/support/server-input";
import type { Visitor } from "@/tests/support/visitor";

let proxy: OutboundProxy;
let usher: Installation;
let clock: Clock;
let admin: Visitor;

beforeEach(async () => {
  clock = new Clock();
  proxy = await startOutboundProxy();
  const env = {
    OUTBOUND_PROXY_URL: proxy.origin.replace("://", "://usher:s3cret-of-proxy@"),
    OUTBOUND_NO_PROXY: "direct.example.test",
    OPENAI_API_KEY: "a-key",
  };
  usher = await startInstallation({ now: clock.now, env });
  admin = await usher.join("ADMIN");
});
afterEach(async () => {
  await usher.close();
  await proxy.close();
});

it("a server is discovered through the proxy, and an exception is not", async () => {
  proxy.behaviour = { kind: "refuses", status: 502 };
  const { result, lines } = await discoverUrl(admin, "https://mcp.example.test/mcp");
  expect(result).toMatchObject({ outcome: "failed" });
  expect(proxy.asked).toContain("mcp.example.test:443");
  expect(JSON.stringify({ result, lines })).toMatch(
    /The outbound proxy 127\.0\.0\.1:\d+ could not/,
  );
  expect(JSON.stringify({ result, lines })).not.toContain("s3cret-of-proxy");
  const before = proxy.asked.length;
  await discoverUrl(admin, "https://direct.example.test/mcp");
  expect(proxy.asked).toHaveLength(before);
});

it.each<[string, ProxyBehaviour | "down", RegExp]>([
  ["down", "down", /could not be reached, so as\.example\.test was not asked/],
  ["refusing with 407", { kind: "refuses", status: 407 }, /another user and password/],
  ["refusing with 502", { kind: "refuses", status: 502 }, /could not connect to as\.example\.test/],
])(
  "a proxy that is %s ends no grant and is not mistaken for the provider",
  async (_, kind, told) => {
    const provider = await startProvider();
    try {
      const serverId = await createServer(usher.app, oauthServerInput(provider));
      await authorize(admin, serverId);
      await usher.settle();
      const tokenEndpoint = "https://as.example.test/token";
      await usher.app.db.oAuthClient.updateMany({ data: { tokenEndpoint } });
      await usher.app.db.storedTokenSet.updateMany({ data: { tokenEndpoint } });
      usher.app.forget(serverId);
      if (kind === "down") await proxy.close();
      else proxy.behaviour = kind;
      for (let times = 0; times < 7; times++) {
        clock.advance(3_600_000 * 2);
        await expect(
          accessToken(usher.app, { serverId, ownerKey: "shared" }),
        ).rejects.toMatchObject({
          code: "try_later",
          userMessage: expect.stringMatching(told),
        });
      }
      const row = await usher.app.db.storedTokenSet.findFirstOrThrow();
      expect(row.refreshTokenSealed).not.toBeNull();
      expect(row).toMatchObject({ rejectedAt: null, failsAlone: false });
      expect(row.lastRefreshError).toMatch(told);
      expect(row.lastRefreshError).not.toContain("s3cret-of-proxy");
      const client = await usher.app.db.oAuthClient.findFirstOrThrow();
      expect(client.clientRefusedAt).toBeNull();
    } finally {
      await provider.close();
    }
  },
);

it("a model is called through it, and its failure is reported as the proxy's", async () => {
  proxy.behaviour = { kind: "refuses", status: 502 };
  const { modelEnv, modelFetch } = chatContext(usher.app);
  const { model } = resolveModel("openai/gpt-x", modelEnv, { fetch: modelFetch });
  const prompt = [{ role: "user" as const, content: [{ type: "text" as const, text: "Hi" }] }];
  const failed = await Promise.resolve(model.doGenerate({ prompt } as never)).then(
    () => null,
    (error: unknown) => error,
  );
  expect(proxy.asked).toEqual(["api.openai.com:443"]);
  const told = explainModelFailure(failed, { name: "gpt-x", keyName: null, tools: 0 });
  expect(told.message).toMatch(/outbound proxy .* could not connect to api\.openai\.com \(502\)/);
});

it("the identity provider is called through it", async () => {
  const env = {
    ...usher.env,
    OIDC_ISSUER: "https://id.example.test",
    OIDC_CLIENT_ID: "usher",
    OIDC_CLIENT_SECRET: "a secret",
  };
  proxy.behaviour = { kind: "refuses", status: 502 };
  const app = createApp(readEnv(env), clock.now);
  const flow = app.oidc?.begin({ returnTo: "/", link: null });
  await expect(flow).rejects.toMatchObject({ reason: "OidcUnreachable" });
  expect(proxy.asked).toEqual(["id.example.test:443"]);
  await app.db.$disconnect();
});
