import { readFileSync } from "node:fs";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { GET as cronRoute } from "@/app/api/cron/refresh-tokens/route";
import { GET as serverRoute } from "@/app/api/mcp-servers/[serverId]/route";
import { GET as metricsRoute } from "@/app/api/metrics/route";
import type { AuthorizationServer } from "@/demo/authorization-server";
import { callTool } from "@/lib/calls/call-tool";
import { counters, gauges, histograms } from "@/lib/telemetry/instruments";
import { startPrometheus } from "@/lib/telemetry/prometheus";
import { Clock } from "@/tests/support/clock";
import { type Installation, startInstallation, startProvider } from "@/tests/support/installation";
import type { Visitor } from "@/tests/support/visitor";
import { type Account, connect } from "@/tests/trials/accounts";

const token = "metrics-token-for-tests";
const hour = 60 * 60_000;

let provider: AuthorizationServer;
let usher: Installation;
let clock: Clock;
let admin: Visitor;
let account: Account;

beforeAll(async () => {
  provider = await startProvider({ accessTokenLifetime: hour / 1000 });
});
afterAll(() => provider.close());

async function start(env: Record<string, string>): Promise<void> {
  clock = new Clock();
  usher = await startInstallation({ now: clock.now, env });
  admin = await usher.join("ADMIN");
}
beforeEach(() => start({ METRICS_TOKEN: token }));
afterEach(() => usher.close());

const scrape = (headers: Record<string, string> = { authorization: `Bearer ${token}` }) =>
  admin.visit(metricsRoute, { path: "/api/metrics", headers });

async function values(): Promise<Record<string, number>> {
  const text = await (await scrape()).text();
  const lines = text.split("\n").filter((line) => line !== "" && !line.startsWith("#"));
  return Object.fromEntries(
    lines.map((line) => [
      line.slice(0, line.lastIndexOf(" ")),
      Number(line.slice(line.lastIndexOf(" ") + 1)),
    ]),
  );
}

describe("the metrics", () => {
  it("are shown to the bearer of the token alone", async () => {
    for (const authorization of ["", "Bearer ", `Bearer ${token}x`, `Basic ${token}`, token]) {
      const response = await scrape({ authorization });
      expect(response.status, authorization).toBe(401);
      expect(response.headers.get("www-authenticate")).toBe("Bearer");
      expect(await response.text()).not.toContain("usher_");
    }
    // An admin's session is not a token.
    expect((await scrape({})).status).toBe(401);
    const response = await scrape();
    expect(response.status).toBe(200);
    expect(response.headers.get("content-type")).toContain("text/plain");
  });

  it("have no route without METRICS_TOKEN, and nothing is counted", async () => {
    await usher.close();
    await start({});
    expect(usher.app.telemetry.on).toBeNull();
    expect((await scrape()).status).toBe(404);
  });

  it("cover refreshes, sweeps, consents, calls, requests and the current state", async () => {
    account = await connect(usher, admin, provider);
    clock.advance(hour - 5 * 60_000);
    const headers = { authorization: `Bearer ${usher.env.CRON_SECRET}` };
    const sweep = await admin.visit(cronRoute, { path: "/api/cron/refresh-tokens", headers });
    expect(await sweep.json()).toMatchObject({ refreshed: 1 });
    const { serverId } = account.owner;
    await callTool(usher.app, {
      ...{ serverId, toolName: "nothing", input: {} },
      ...{ user: admin.actor, signal: AbortSignal.timeout(10_000) },
    }).catch(() => {});
    const params = { serverId };
    await admin.visit(serverRoute, { path: `/api/mcp-servers/${serverId}?secret=x`, params });

    const now = await values();
    const host = new URL(provider.issuer).host;
    expect(now).toMatchObject({
      [`usher_refreshes_total{outcome="refreshed",host="${host}",trigger="sweep"}`]: 1,
      [`usher_refresh_duration_seconds_count{host="${host}"}`]: 1,
      'usher_sweep_duration_seconds_count{trigger="cron"}': 1,
      usher_sweep_lag_seconds_count: 1,
      usher_consent_duration_seconds_count: 1,
      'usher_http_requests_total{method="GET",route="/api/mcp-servers/[serverId]",status="200"}': 1,
      usher_ready: 1,
      usher_database_away: 0,
      usher_refreshes_due: 0,
      'usher_provider_gates{state="open"}': 1,
      'usher_provider_gates{state="closed"}': 0,
      usher_turns_running: 0,
    });
    expect(now['usher_database_connections{state="idle"}']).toBeGreaterThan(0);
    expect(Object.keys(now).join("\n")).toMatch(/usher_tool_calls_total\{outcome="unreachable"/);
    expect(Object.keys(now).join("\n")).toContain("nodejs_eventloop_lag_p99_seconds");
  });

  it("hold no id, no address, no person and no secret", async () => {
    account = await connect(usher, admin, provider);
    const { serverId } = account.owner;
    const params = { serverId };
    await admin.visit(serverRoute, { path: `/api/mcp-servers/${serverId}`, params });
    const text = await (await scrape()).text();
    for (const secret of [serverId, admin.user.id, admin.user.email, account.resource, token]) {
      expect(text).not.toContain(secret);
    }
  });

  it("limit the values of a label that a client can make up", async () => {
    const telemetry = await startPrometheus(usher.app);
    for (let n = 0; n < 500; n++) {
      const host = `host-${n}.example.com`;
      telemetry.count("usher_refreshes_total", { outcome: "refreshed", host, trigger: "call" });
    }
    const { text } = await telemetry.exposition();
    expect(text.match(/^usher_refreshes_total\{/gm)).toHaveLength(101);
    expect(text).toContain('host="other",trigger="call"} 400');
  });
});

describe("what deploy/ looks at", () => {
  const names: readonly string[] = [counters, gauges, histograms].flatMap((of) => Object.keys(of));
  it.each(["deploy/grafana/usher.json", "deploy/prometheus/alerts.yml"])(
    "%s names metrics that exist",
    async (file) => {
      const text = await (await scrape()).text();
      const exposed = new Set([...text.matchAll(/^# TYPE (\S+) /gm)].map(([, name]) => name));
      const named = readFileSync(file, "utf8").match(/\b(usher|nodejs|process)_[a-z0-9_]+/g) ?? [];
      expect(named.length).toBeGreaterThan(5);
      for (const name of new Set(named)) {
        const base = name.replace(/_(bucket|sum|count)$/, "");
        expect(exposed.has(name) || exposed.has(base), name).toBe(true);
      }
      for (const name of names) {
        if (file.endsWith("json")) expect(named.join(" "), name).toContain(name);
      }
    },
  );
});
