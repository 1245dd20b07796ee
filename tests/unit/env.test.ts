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
  it("accepts a valid configuration and fills in the defaults", () => {
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
    ["DATABASE_URL", "postgresql://usher:secret@db.example.com:5432"],
    ["DATABASE_URL", "postgresql://usher:secret@db.example.com/"],
    ["DATABASE_URL", "postgres://db.example.com?sslmode=require"],
    ["DATABASE_URL", "postgresql://usher:sec#ret@db.example.com/usher"],
    ["DATABASE_URL", "postgresql://usher:sec/ret@db.example.com/usher"],
    ["DATABASE_URL", "postgresql://usher:100%@db.example.com/usher"],
    ["DATABASE_URL", "postgresql://db.example.com:port/usher"],
    ["DATABASE_URL", "postgresql://usher:2024/secret@db.example.com/usher"],
    ["DATABASE_URL", "postgresql://usher:2024#secret@db.example.com/usher"],
    ["DATABASE_URL", "postgresql://one.example.com,two.example.com/usher"],
    ["DATABASE_URL", "postgresql://db.example.com/usher?sslmode=on"],
    ["DATABASE_URL", "postgresql://db.example.com/usher?sslrootcert=system"],
    ["DATABASE_URL", "postgresql://db.example.com/usher?sslrootcert=/nowhere/ca.pem"],
    ["DIRECT_DATABASE_URL", "postgresql://db.example.com/usher?sslkey=/"],
    ["PUBLIC_URL", "usher.example.com:8443"],
    ["PUBLIC_URL", "https://*.example.com"],
    ["PUBLIC_URL", "https://:secret@usher.example.com"],
    ["CRON_SECRET", "a secret of two\nlines and more"],
    ["METRICS_TOKEN", "ein schlüssel mit umlaut"],
    ["SECRETS_ENCRYPTION_KEYS_OLD", randomBytes(16).toString("hex")],
    ["DATABASE_URL", "postgresql://db.example.com/usher?schema=usher"],
    ["DIRECT_DATABASE_URL", "postgresql://db.example.com"],
    ["DIRECT_DATABASE_URL", "mysql://db.example.com/usher"],
    ["OTEL_EXPORTER_OTLP_ENDPOINT", "otlp.example.com:4318"],
    ["OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "otlp.example.com"],
    ["EMAIL_FROM", "usher@example.com"],
    ["SMTP_URL", "mail.corp.example:587"],
    ["PUBLIC_URL", "chat.acme.test"],
    ["PUBLIC_URL", "http://usher.example.com"],
    ["PUBLIC_URL", "https://usher.example.com/base"],
    ["PUBLIC_URL", "https://user:pass@usher.example.com"],
    ["CRON_SECRET", "short"],
    ["OIDC_ISSUER", "https://idp.example.com"],
    ["OIDC_KEEP_TOKENS", "1"],
    ["OIDC_KEEP_TOKENS", "yes"],
    ["OIDC_SCOPE", "api://usher/access"],
    ["ADMIN_EMAIL", "ann@example.com"],
    ["ALLOW_HTTP_LOOPBACK", "1"],
    ["ALLOW_HTTP_LOOPBACK", "perhaps"],
    ["LOG_LEVEL", "loud"],
    ["STDIO_SERVERS", "on"],
    ["STDIO_USER", "nobody-here"],
    ["STDIO_FOLDER", "relative/folder"],
    ["STDIO_FOLDER", "/opt/one:/opt/two"],
    ["STDIO_READ_ONLY_FOLDERS", "/opt/tools, /opt/more"],
    ["CONVERSATION_RETENTION_DAYS", "0"],
    ["AUDIT_RETENTION_DAYS", "29"],
    ["AUDIT_RETENTION_DAYS", "a year"],
    ["FLOW_RETENTION_DAYS", "1.5"],
    ["STDIO_READ_ONLY_FOLDERS", "/opt/tools:relative"],
    ["OUTBOUND_PROXY_URL", "proxy.corp.test:3128"],
    ["OUTBOUND_PROXY_URL", "socks5://proxy.example.com:1080"],
    ["OUTBOUND_PROXY_URL", "http://usher:secret@proxy.example.com/path"],
    ["OUTBOUND_PROXY_URL", "http://usher:se%cret@proxy.example.com"],
    ["OUTBOUND_NO_PROXY", "https://mcp.example.com"],
    ["OUTBOUND_PROXY_URL", "http://usher:12/secret@proxy.example.com:3128"],
    ["OUTBOUND_PROXY_URL", "http://corp\\usher:secret@proxy.example.com:3128"],
    ["OUTBOUND_NO_PROXY", "10.0.0.0/99"],
    ["OUTBOUND_NO_PROXY", "10.0.0.1-10.0.0.9"],
    ["OUTBOUND_NO_PROXY", "mcp.example.com:99999"],
    ["OPENAI_COMPATIBLE_BASE_URL", "models.example.com/v1"],
    ["OPENAI_COMPATIBLE_BASE_URL", "https://user:secret@models.example.com/v1"],
    ["OPENAI_COMPATIBLE_BASE_URL", "https://models.example.com/v1?api-version=1"],
    ["OPENAI_API_KEY", "Bearer sk-0123456789"],
    ["OPENAI_API_KEY", "sk-0123456789\n0123456789"],
    ["OPENAI_API_KEY", "sk-ant-api03-0123456789"],
    ["ANTHROPIC_API_KEY", "sk-proj-0123456789"],
    ["OPENAI_COMPATIBLE_API_KEY", "a key\nand another"],
  ])("rejects an invalid %s and does not repeat it (%s)", (name, value) => {
    const problems = problemsOf({ [name]: value });
    expect(problems.some((problem) => problem.includes(name))).toBe(true);
    if (value.length > 8) expect(problems.join("\n")).not.toContain(value);
  });

  it.each([
    "postgres://db.example.com/usher",
    "postgresql://usher:se%23cret@db.example.com:6432/usher?sslmode=verify-full",
    "postgresql:///usher?host=/var/run/postgresql",
    "postgresql://%2Fvar%2Frun%2Fpostgresql/usher",
    "postgresql://[::1]:5432/usher",
    "postgresql://db.example.com/usher?schema=public&connection_limit=1&pgbouncer=true",
  ])("accepts DATABASE_URL=%s", (url) => {
    expect(problemsOf({ DATABASE_URL: url, DIRECT_DATABASE_URL: url })).toEqual([]);
  });

  it("accepts any text in one line as the key of a server that may not check it", () => {
    const url = { OPENAI_COMPATIBLE_BASE_URL: "http://localhost:11434/v1" };
    expect(problemsOf({ ...url, OPENAI_COMPATIBLE_API_KEY: "not needed" })).toEqual([]);
  });

  it("says that DATABASE_URL names no database", () => {
    expect(problemsOf({ DATABASE_URL: "postgresql://usher:secret@db.example.com:5432" })).toEqual([
      "DATABASE_URL names no database. Write it as postgresql://user:password@host:5432/database.",
    ]);
  });

  it.each([`"`, "'", "`"])("says that a value is within %s, and nothing else", (quote) => {
    const quoted = Object.fromEntries(
      Object.entries(good).map(([name, value]) => [name, quote + value + quote]),
    );
    expect(problemsOf(quoted).toSorted()).toEqual(
      Object.keys(good)
        .toSorted()
        .map((name) => expect.stringMatching(`^${name} is in quotation marks`)),
    );
  });

  // moby/moby#46773, firecrawl/firecrawl#531, mtrnix/metronix-memory#458, supabase and Vercel templates
  it.each([
    ["PUBLIC_URL", "“https://usher.example.com”", "quotation marks"],
    ["PUBLIC_URL", 'https://usher.example.com"', "quotation mark at one end"],
    ["SHUTDOWN_SECONDS", "30  # a comment", "has a comment"],
    ["AI_MODEL", "# optional", "has a comment"],
    ["DATABASE_URL", "postgresql://db.example.com/usher # ours", "has a comment"],
    ["DATABASE_URL", "postgresql://usher:[YOUR-PASSWORD]@db.example.com/usher", "an example"],
    ["DATABASE_URL", `postgresql://usher:${"$"}{DB_PASSWORD}@db.example.com/usher`, "an example"],
    ["PUBLIC_URL", "https://<your-domain>", "an example"],
    ["NEXTAUTH_SECRET", "<the output of openssl rand -base64 32>", "an example"],
    ["CRON_SECRET", "$(openssl rand -base64 32)", "an example"],
    ["METRICS_TOKEN", "change-me-change-me", "an example"],
    ["OPENAI_API_KEY", "your-api-key-here", "an example"],
    ["OPENAI_API_KEY", "sk-...", "an example"],
    ["OPENAI_API_KEY", "sk-0123456789\u200b", "an invisible character"],
  ])("says what is left in %s=%s, and nothing else", (name, value, words) => {
    const problems = problemsOf({ [name]: value });
    expect(problems).toEqual([expect.stringContaining(words)]);
    expect(problems.join()).not.toContain(value);
  });

  it("leaves alone what people may mean in passwords and names", () => {
    const names = { SMTP_URL: "smtps://smtp.example.com", EMAIL_FROM: "Team #1 <u@a.example>" };
    const password = "correct horse # battery <staple>...";
    const admin = { ADMIN_EMAIL: "ada@example.com", ADMIN_PASSWORD: password };
    expect(problemsOf({ ...names, ...admin, NEXTAUTH_SECRET: `${password}'` })).toEqual([]);
    expect(readEnv({ ...good, ...admin }).firstAdmin?.password).toBe(password);
  });

  it("leaves quotation marks alone that are part of a value", () => {
    const sender = {
      SMTP_URL: "smtps://smtp.example.com",
      EMAIL_FROM: '"Usher, at work" <u@a.example>',
    };
    expect(problemsOf({ ...sender, OIDC_NAME: 'The "other" provider' })).toEqual([]);
  });

  it("reads values as other programs write them", () => {
    const read = readEnv({
      ...good,
      ...{ REQUIRE_TWO_FACTOR: "True", EMBEDDED_DATABASE: "FALSE", LOG_LEVEL: "WARN" },
      ...{
        OIDC_TRUST_EMAIL: "yes",
        OIDC_KEEP_TOKENS: "Off",
        VERCEL: "0",
        STDIO_SERVERS: "Trusted",
      },
      ...{
        AI_MODEL: "Built-In",
        ALLOWED_PRIVATE_HOSTS: "mcp.corp.example.; *.Corp.example\nb.test",
      },
      ...{ OTEL_SDK_DISABLED: "TRUE", OTEL_EXPORTER_OTLP_ENDPOINT: "http://127.0.0.1:4318" },
      OIDC_ISSUER: "https://id.example.com/realms/acme/.well-known/openid-configuration",
      ...{ OIDC_CLIENT_ID: "c", OIDC_CLIENT_SECRET: "s" },
      OIDC_JOIN_DOMAINS: "@Example.com @example.org",
    });
    expect(read).toMatchObject({
      ...{ requireTwoFactor: true, embeddedDatabase: false, logLevel: "warn", selfHosted: true },
      ...{ stdio: { mode: "trusted" }, model: { aiModel: "built-in" } },
      allowedPrivateHosts: ["mcp.corp.example", "*.corp.example", "b.test"],
      openTelemetry: { traces: false, metrics: false },
      oidc: {
        ...{ trustEmail: true, keepTokens: false },
        issuer: "https://id.example.com/realms/acme",
        joinDomains: ["example.com", "example.org"],
      },
    });
  });

  it.each([
    "http://localhost:11434/v1",
    "http://localhost:11434/v1/",
    "http://localhost:11434/v1/chat/completions",
    "http://localhost:11434/v1/responses/",
    "http://localhost:11434/v1/models",
  ])("reads the base URL of a model API from %s", (url) => {
    const { model } = readEnv({ ...good, OPENAI_COMPATIBLE_BASE_URL: url });
    expect(model.openaiCompatibleBaseUrl).toBe("http://localhost:11434/v1");
  });

  it.each([
    "idp:8080",
    "ftp://id.example.com",
    "https://id.example.com?tenant=a",
    "https://ada:pw@id.test",
  ])("rejects OIDC_ISSUER=%s", (issuer) => {
    const client = { OIDC_CLIENT_ID: "c", OIDC_CLIENT_SECRET: "s" };
    expect(problemsOf({ OIDC_ISSUER: issuer, ...client })).toEqual([
      expect.stringMatching(/^OIDC_ISSUER must be the issuer's full address/),
    ]);
  });

  it.each([
    ["api://usher/access", true],
    ["api://usher/access offline_access", true],
    ["a  b", true],
    ['a "quoted"', false],
    ["back\\slash", false],
    ["naïve", false],
    ["tab\tbed", false],
  ])("accepts OIDC_SCOPE=%s: %s", (scope, isTaken) => {
    const provider = { OIDC_ISSUER: "https://id.example.com", OIDC_CLIENT_ID: "c" };
    const problems = problemsOf({ ...provider, OIDC_CLIENT_SECRET: "s", OIDC_SCOPE: scope });
    expect(problems).toEqual(isTaken ? [] : [expect.stringMatching(/^OIDC_SCOPE must be scopes/)]);
  });

  it("allows http for the machine itself, and loopback servers only there", () => {
    expect(problemsOf({ PUBLIC_URL: "http://localhost:3000", ALLOW_HTTP_LOOPBACK: "1" })).toEqual(
      [],
    );
  });

  it("reads an outbound proxy only from its own variables", () => {
    const ambient = { HTTPS_PROXY: "http://other.example:1", HTTP_PROXY: "http://other.example:1" };
    expect(readEnv({ ...good, ...ambient }).outboundProxy).toBeNull();
    const read = readEnv({
      ...good,
      OUTBOUND_PROXY_URL: "http://us%40er:p%3Ass@proxy.example.com:3128",
      OUTBOUND_NO_PROXY: "Corp.example, *.local.example,10.0.0.0/8  [2001:db8::1]:8443",
    });
    expect(read.outboundProxy).toEqual({
      origin: "http://proxy.example.com:3128",
      authorization: `Basic ${Buffer.from("us@er:p:ss").toString("base64")}`,
      exceptions: ["corp.example", "*.local.example", "10.0.0.0/8", "[2001:db8::1]:8443"],
    });
    expect(read.setVariables).toContain("OUTBOUND_PROXY_URL");
  });

  it.each([
    ["gpt-5", {}, "Write it as"],
    ["azure/gpt-5", {}, "Write it as"],
    ["openai/", { OPENAI_API_KEY: "sk-1" }, "Write it as"],
    ["anthropic/claude-x", {}, "ANTHROPIC_API_KEY"],
    ["openai/gpt-x", { ANTHROPIC_API_KEY: "sk-1" }, "OPENAI_API_KEY"],
    ["openai-compatible/llama", {}, "OPENAI_COMPATIBLE_BASE_URL"],
    ["gateway/gpt-x", { AI_GATEWAY_API_KEY: "k" }, "creator"],
    ["gateway/openai/gpt-x", {}, "AI_GATEWAY_API_KEY"],
  ])("says what AI_MODEL=%s requires", (model, keys, words) => {
    const [problem, ...others] = problemsOf({ AI_MODEL: model, ...keys });
    expect(others).toEqual([]);
    expect(problem).toMatch(/^AI_MODEL cannot be used: /);
    expect(problem).toContain(words);
  });

  it.each([
    ["built-in", {}],
    ["anthropic/claude-x", { ANTHROPIC_API_KEY: "sk-1" }],
    ["openai-compatible/org/llama", { OPENAI_COMPATIBLE_BASE_URL: "http://localhost:11434/v1" }],
    ["gateway/openai/gpt-x", { VERCEL: "1", CRON_SECRET: "sixteen characters" }],
  ])("accepts AI_MODEL=%s with its key", (model, keys) => {
    expect(problemsOf({ AI_MODEL: model, ...keys })).toEqual([]);
  });

  it.each(["https://mcp.internal", "mcp.internal/x", "mcp.internal:8080", "10.0", "*", "mcp.*.x"])(
    "rejects ALLOWED_PRIVATE_HOSTS=%s, which no host equals",
    (hosts) => {
      const [problem] = problemsOf({ ALLOWED_PRIVATE_HOSTS: `10.0.0.7, ${hosts}` });
      expect(problem).toMatch(/^ALLOWED_PRIVATE_HOSTS must be host names.* Entry 2 is neither\.$/);
    },
  );

  it("reads hosts by name, by pattern and by address", () => {
    const hosts = "MCP.internal, *.corp.example.com, 10.0.0.7, [fd00::1], fd00::2,";
    expect(readEnv({ ...good, ALLOWED_PRIVATE_HOSTS: hosts }).allowedPrivateHosts).toEqual([
      "mcp.internal",
      "*.corp.example.com",
      "10.0.0.7",
      "[fd00::1]",
      "fd00::2",
    ]);
  });

  it.each(["notanemail", "ann@", "@example.com", "ann example.com"])(
    "rejects ADMIN_EMAIL=%s",
    (email) => {
      const problems = problemsOf({ ADMIN_EMAIL: email, ADMIN_PASSWORD: "a long enough phrase" });
      expect(problems).toEqual(["ADMIN_EMAIL must be an email address such as ada@example.com."]);
    },
  );

  it.each([
    ["ADMIN_EMAIL", "ada@example.com", "ADMIN_PASSWORD is missing"],
    ["ADMIN_PASSWORD", "a long enough phrase", "ADMIN_EMAIL is missing"],
    ["OIDC_ISSUER", "https://id.example.com", "Missing: OIDC_CLIENT_ID, OIDC_CLIENT_SECRET."],
    ["OTEL_EXPORTER_OTLP_TRACES_PROTOCOL", "grpc", "OTEL_EXPORTER_OTLP_TRACES_PROTOCOL must be"],
  ])("says what is missing next to %s", (name, value, words) => {
    const exporter = { OTEL_EXPORTER_OTLP_ENDPOINT: "http://127.0.0.1:4318" };
    expect(problemsOf({ [name]: value, ...exporter })).toEqual([expect.stringContaining(words)]);
  });

  it.each(["1", "true", "sometimes"])(
    "refuses to start with REQUIRE_SECOND_STEP=%s, which would no longer protect anything",
    (value) => {
      expect(problemsOf({ REQUIRE_SECOND_STEP: value })).toEqual([
        "REQUIRE_SECOND_STEP is now REQUIRE_TWO_FACTOR. Rename it.",
      ]);
    },
  );

  it.each([
    [{ REQUIRE_SECOND_STEP: "0" }, false],
    [{ REQUIRE_SECOND_STEP: "1", REQUIRE_TWO_FACTOR: "1" }, true],
    [{ REQUIRE_SECOND_STEP: "1", REQUIRE_TWO_FACTOR: "0" }, false],
  ])("starts with %j: REQUIRE_TWO_FACTOR decides", (variables, required) => {
    expect(readEnv({ ...good, ...variables }).requireTwoFactor).toBe(required);
  });

  it("names variables that look misspelt, without refusing to start for them", () => {
    const misspelt = {
      ...{ PUBLIC_ULR: "https://secret.example.com", SMTP_HOST: "smtp.example.com" },
      ...{
        SECRETS_ENCRYPTION_KEY_OLD: "a",
        HTTP_PROXY: "http://p:1",
        NEXTAUTH_URL: "x",
        HOSTNAME: "",
      },
    };
    const sentences = [
      "PUBLIC_ULR is not a variable of Usher. Did you mean PUBLIC_URL?",
      "SMTP_HOST is not a variable of Usher. See docs/configuration.md.",
      "SECRETS_ENCRYPTION_KEY_OLD is not a variable of Usher. Did you mean SECRETS_ENCRYPTION_KEYS_OLD?",
    ];
    expect(readEnv({ ...good, ...misspelt }).misspelt).toEqual(sentences);
    expect(problemsOf({ ...misspelt, PUBLIC_URL: undefined }).slice(1)).toEqual(sentences);
  });

  it("requires CRON_SECRET on Vercel", () => {
    expect(problemsOf({ VERCEL: "1" }).join()).toContain("CRON_SECRET");
  });
});
