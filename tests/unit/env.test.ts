import { randomBytes } from "node:crypto";
import { describe, expect, it } from "vitest";
import { readEnv } from "@/lib/env";
import { ConfigurationError } from "@/lib/errors";

const good = {
  DATABASE_URL: "postgresql://localhost/usher",
  PUBLIC_URL: "https://usher.example.com",
  SECRETS_ENCRYPTION_KEY: randomBytes(32).toString("base64"),
  NEXTAUTH_SECRET: randomBytes(32).toString("base64"),
};

function problemsOf(change: Record<string, string | undefined>): readonly string[] {
  try {
    readEnv({ ...good, ...change });
    return [];
  } catch (error) {
    if (error instanceof ConfigurationError) return error.problems;
    throw error;
  }
}

describe("readEnv", () => {
  it("takes a good configuration and fills in the defaults", () => {
    expect(readEnv(good)).toMatchObject({
      stdio: { mode: "off", unset: true, user: null, folder: null, readOnlyFolders: [] },
      publicUrl: "https://usher.example.com",
      selfHosted: true,
      allowHttpLoopback: false,
      allowedPrivateHosts: [],
      cronSecret: null,
      oidc: null,
      firstAdmin: null,
    });
  });

  it("names every missing variable at once", () => {
    const empty = Object.fromEntries(Object.keys(good).map((name) => [name, undefined]));
    const problems = problemsOf(empty).join("\n");
    for (const name of Object.keys(good)) expect(problems).toContain(name);
  });

  it.each([
    ["SECRETS_ENCRYPTION_KEY", ""],
    ["SECRETS_ENCRYPTION_KEY", randomBytes(16).toString("base64")],
    ["SECRETS_ENCRYPTION_KEY", "not base64 at all, but 44 characters long!!!"],
    ["SECRETS_ENCRYPTION_KEY", Buffer.alloc(32).toString("base64")],
    ["SECRETS_ENCRYPTION_KEYS_OLD", "short"],
    ["NEXTAUTH_SECRET", "short"],
    ["DATABASE_URL", "mysql://localhost"],
    ["PUBLIC_URL", "chat.acme.test"],
    ["PUBLIC_URL", "http://usher.example.com"],
    ["PUBLIC_URL", "https://usher.example.com/base"],
    ["PUBLIC_URL", "https://user:pass@usher.example.com"],
    ["CRON_SECRET", "short"],
    ["OIDC_ISSUER", "https://idp.example.com"],
    ["ADMIN_EMAIL", "ann@example.com"],
    ["ALLOW_HTTP_LOOPBACK", "1"],
    ["ALLOW_HTTP_LOOPBACK", "perhaps"],
    ["LOG_LEVEL", "loud"],
    ["STDIO_SERVERS", "on"],
    ["STDIO_USER", "nobody-here"],
    ["STDIO_FOLDER", "relative/folder"],
    ["STDIO_READ_ONLY_FOLDERS", "/opt/tools:relative"],
  ])("refuses a bad %s and does not repeat it (%s)", (name, value) => {
    const problems = problemsOf({ [name]: value });
    expect(problems.some((problem) => problem.includes(name))).toBe(true);
    if (value.length > 8) expect(problems.join("\n")).not.toContain(value);
  });

  it("allows http for the machine itself, and loopback servers only there", () => {
    expect(problemsOf({ PUBLIC_URL: "http://localhost:3000", ALLOW_HTTP_LOOPBACK: "1" })).toEqual(
      [],
    );
  });

  it("requires CRON_SECRET on Vercel", () => {
    expect(problemsOf({ VERCEL: "1" }).join()).toContain("CRON_SECRET");
  });
});
