import { describe, expect, it } from "vitest";
import { judgeNode } from "@/lib/doctor/checks/machine";
import { judgeProxyHeaders } from "@/lib/doctor/checks/proxy-headers";
import { judgePublicUrl } from "@/lib/doctor/checks/public-url";
import { judgeClocks } from "@/lib/doctor/checks/time";
import { echoToken, isEchoToken, sentClientAddress } from "@/lib/doctor/own-address";

const publicUrl = "https://usher.example.com";
const good = {
  host: "usher.example.com",
  forwardedProto: "https",
  forwardedHost: "usher.example.com",
  forwardedFor: `${sentClientAddress}, 203.0.113.9`,
};

describe("a proxy's handling of the headers", () => {
  it.each([
    ["appends the client's address", {}],
    ["sets it to one that it sees itself", { forwardedFor: "203.0.113.9" }],
    ["sends the host in X-Forwarded-Host alone", { host: "127.0.0.1:3000" }],
    ["is the second in a row", { forwardedFor: `${sentClientAddress}, 203.0.113.9, 10.0.0.4` }],
    ["names both schemes", { forwardedProto: "https, http" }],
  ])("is correct if it %s", (_, changed) => {
    expect(judgeProxyHeaders(publicUrl, { ...good, ...changed }, null).status).toBe("ok");
  });

  it.each([
    [
      "drops the host",
      { host: "usher:3000", forwardedHost: "usher:3000" },
      "arrive with Host usher:3000",
    ],
    ["drops the scheme", { forwardedProto: "http" }, "X-Forwarded-Proto http"],
    ["drops the client's address", { forwardedFor: "127.0.0.1" }, "came from 127.0.0.1"],
    ["drops it on IPv6", { forwardedFor: "::ffff:127.0.0.1" }, "came from ::ffff:127.0.0.1"],
    ["lets everybody name an address", { forwardedFor: sentClientAddress }, "unchanged"],
  ])("is reported if it %s", (_, changed, words) => {
    const { status, finding, fix } = judgeProxyHeaders(publicUrl, { ...good, ...changed }, null);
    expect({ status, finding }).toEqual({
      status: "warning",
      finding: expect.stringContaining(words),
    });
    expect(fix).toContain("nginx: proxy_set_header");
  });

  it("is correct if the page's own request has a person's address", () => {
    const seen = { ...good, forwardedFor: "127.0.0.1" };
    expect(judgeProxyHeaders(publicUrl, seen, "203.0.113.40").status).toBe("ok");
    expect(judgeProxyHeaders(publicUrl, seen, "127.0.0.1").status).toBe("warning");
  });

  it("is not checked if there is no proxy", () => {
    const seen = {
      host: "localhost:3000",
      forwardedProto: "http",
      forwardedHost: "localhost:3000",
      forwardedFor: sentClientAddress,
    };
    expect(judgeProxyHeaders("http://localhost:3000", seen, null)).toMatchObject({
      status: "ok",
      finding: expect.stringContaining("No proxy"),
    });
  });

  it("shows nothing of a header that a page or a terminal could take for a command", () => {
    const { finding } = judgeProxyHeaders(
      publicUrl,
      { ...good, host: "\u001b[31m\u202eevil" },
      null,
    );
    expect(finding).not.toMatch(/[^\x20-\x7e]/);
  });
});

describe("the public URL as seen from the server", () => {
  const expected = { publicUrl, installation: "own", instance: "this" };
  const answer = (installation: string | null, instance: string | null) => ({
    status: 200,
    said: { installation, instance },
  });

  it("is recognized as this process, or another replica", () => {
    expect(judgePublicUrl(answer("own", "this"), expected)).toMatchObject({ status: "ok" });
    expect(judgePublicUrl(answer("own", "that"), expected).finding).toContain("another of its");
    expect(judgePublicUrl(answer("own", "that"), { ...expected, instance: null }).status).toBe(
      "ok",
    );
  });

  it("is distinguished from another Usher, and from another program", () => {
    expect(judgePublicUrl(answer("other", "x"), expected)).toMatchObject({
      status: "failed",
      finding: `${publicUrl} leads to another installation of Usher.`,
    });
    expect(judgePublicUrl({ status: 200, said: null }, expected)).toMatchObject({
      status: "failed",
      finding: `${publicUrl} answered with status 200, but not as Usher.`,
    });
  });
});

describe("clocks", () => {
  const minutes = (count: number) => count * 60_000;
  const hosts = (...ahead: (number | null)[]) =>
    ahead.map((aheadMs, n) => ({ host: `p${n}.example`, aheadMs }));

  it.each([
    ["agree to the second", hosts(900, -700), 0, "ok"],
    ["differ at one of several providers", hosts(0, minutes(10), 0), 0, "warning"],
    ["differ at the only provider, not at the database", hosts(minutes(-10)), 0, "warning"],
    ["differ at the only provider and the database", hosts(minutes(10)), minutes(10), "failed"],
    ["differ at all providers alike", hosts(minutes(10), minutes(10)), 0, "failed"],
    ["differ at all providers, each differently", hosts(minutes(10), minutes(-10)), 0, "warning"],
    ["are unknown", hosts(null, null), 0, "skipped"],
  ] as const)("that %s", (_, told, databaseAheadMs, status) => {
    expect(judgeClocks(told, databaseAheadMs).status).toBe(status);
  });

  it("name the wrong clock, and by how much it differs", () => {
    expect(judgeClocks(hosts(0, minutes(10)), 0).finding).toBe(
      "p1.example is 10 minutes ahead of this machine.",
    );
    expect(judgeClocks(hosts(minutes(10), minutes(10)), minutes(10)).finding).toBe(
      "This machine's clock is 10 minutes behind those of p0.example and p1.example.",
    );
  });
});

describe("the version of Node", () => {
  const range = "^20.19.0 || ^22.12.0 || ^24.0.0";
  it.each([
    ["20.19.0", "ok"],
    ["20.20.1", "ok"],
    ["22.12.4", "ok"],
    ["24.3.0", "ok"],
    ["20.18.9", "failed"],
    ["22.11.9", "failed"],
    ["18.20.0", "failed"],
    ["23.1.0", "failed"],
    ["26.0.0", "warning"],
  ])("%s is %s", (version, status) => {
    expect(judgeNode(version, range, new Date("2026-03-01T12:00:00Z")).status).toBe(status);
  });

  it("gets a warning once it has no more security fixes, not on its last day", () => {
    const on = (time: string) => judgeNode("20.19.0", range, new Date(time));
    expect(on("2026-04-30T23:59:59Z").status).toBe("ok");
    expect(on("2026-05-01T00:00:00Z")).toMatchObject({
      status: "warning",
      finding: "Node.js 20 has had no security fixes since 2026-04-30.",
      fix: "Install Node.js 24. Usher still runs with 20.19.0.",
    });
  });
});

describe("the token of the doctor's own request", () => {
  const env = { nextAuthSecret: "a secret of the installation, 32 long" };
  const now = new Date("2026-03-01T12:00:00Z");
  const later = (ms: number) => new Date(now.getTime() + ms);

  it("works for a minute, for this installation", () => {
    const header = echoToken(env, now);
    expect(isEchoToken(env, header, later(59_000))).toBe(true);
    expect(isEchoToken(env, header, later(61_000))).toBe(false);
    expect(isEchoToken({ nextAuthSecret: "another" }, header, now)).toBe(false);
  });

  it("is rejected if forged, extended or truncated", () => {
    const token = echoToken(env, now);
    const [until = "", mac = ""] = token.split(".");
    const forged = [
      `${Number(until) + 1}.${mac}`,
      `${until}.${mac.slice(1)}`,
      `${until}.`,
      `.${mac}`,
      "",
      `Bearer ${token}`,
      null,
    ];
    for (const each of forged) expect(isEchoToken(env, each, now)).toBe(false);
  });
});
