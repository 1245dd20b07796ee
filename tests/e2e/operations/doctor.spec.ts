import { execFile } from "node:child_process";
import { createServer, request } from "node:http";
import type { AddressInfo } from "node:net";
import type { DoctorCheckId, DoctorResult } from "@/lib/contracts/doctor";
import { expect, test } from "@/tests/e2e/fixtures";
import { layoutShifts, watchLayoutShiftsOfLoads } from "@/tests/e2e/layout-shifts";
import type { Stage } from "@/tests/e2e/stage";
import { bundledFile } from "@/tests/support/bundled-file";

type Results = Record<DoctorCheckId, DoctorResult>;

/** What `npm run doctor` runs, which compiles the doctor each time. */
const asNpmRunsIt = ["node_modules/tsx/dist/cli.mjs", "scripts/doctor.ts"];

/** `npm run doctor` in a terminal of the server. */
async function doctor(
  env: Readonly<Record<string, string>>,
  program: string[] = [bundledFile("doctor")],
): Promise<{ code: number; results: Results }> {
  const { code, output } = await new Promise<{ code: number; output: string }>((resolve) => {
    execFile(
      process.execPath,
      [...program, "--json"],
      { env: { PATH: process.env.PATH, HOME: process.env.HOME, NODE_ENV: "production", ...env } },
      (error, stdout, stderr) =>
        resolve({ code: Number(error?.code ?? 0), output: stdout || stderr }),
    );
  });
  const lines = output.trim().split("\n");
  const results = lines.map((line) => JSON.parse(line) as DoctorResult);
  return { code, results: Object.fromEntries(results.map((each) => [each.id, each])) as Results };
}

/** In front of Usher, with its own treatment of headers. */
async function startProxy(stage: Stage, change: (headers: Record<string, string>) => void) {
  const behind = new URL(stage.url);
  const server = createServer((incoming, outgoing) => {
    const headers = { ...incoming.headers } as Record<string, string>;
    change(headers);
    const { method = "GET", url: path = "/" } = incoming;
    const onward = request(
      { host: "127.0.0.1", port: behind.port, method, path, headers },
      (answer) => {
        outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
        answer.pipe(outgoing);
      },
    );
    onward.on("error", () => outgoing.writeHead(502).end());
    incoming.pipe(onward);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://localhost:${port}`,
    close: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}

test.describe("npm run doctor", () => {
  test("reports a healthy installation as healthy", async ({ stage }) => {
    const { code, results } = await doctor(stage.env, asNpmRunsIt);
    const failed = Object.values(results).filter(({ status }) => status === "failed");
    expect(failed).toEqual([]);
    expect(code).toBe(0);
    expect(results["public-url"]).toMatchObject({ status: "ok", fix: null });
    expect(results.callback.status).toBe("ok");
    expect(results["proxy-headers"].finding).toContain("No proxy is in front");
  });

  test("finds a PUBLIC_URL that leads elsewhere", async ({ stage }) => {
    const other = createServer((_, response) => response.end("<h1>It works!</h1>"));
    await new Promise<void>((resolve) => other.listen(0, "127.0.0.1", resolve));
    const { port } = other.address() as AddressInfo;
    try {
      const PUBLIC_URL = `http://localhost:${port}`;
      const { code, results } = await doctor({ ...stage.env, PUBLIC_URL });
      expect(code).toBe(1);
      expect(results["public-url"]).toMatchObject({
        status: "failed",
        finding: `${PUBLIC_URL} answered with status 200, but not as Usher.`,
        fix: expect.stringContaining("Set PUBLIC_URL"),
      });
      expect(results.callback.status).toBe("failed");
    } finally {
      other.close();
    }
  });

  test("finds a PUBLIC_URL of another installation", async ({ stage }) => {
    const NEXTAUTH_SECRET = "the secret of another installation, by mistake";
    const { results } = await doctor({ ...stage.env, NEXTAUTH_SECRET });
    expect(results["public-url"]).toMatchObject({
      status: "failed",
      finding: expect.stringContaining("another installation"),
    });
  });

  test("finds a proxy that strips headers", async ({ stage }) => {
    const proxy = await startProxy(stage, (headers) => {
      headers.host = new URL(stage.url).host.replace("localhost", "usher.internal");
      for (const name of Object.keys(headers)) {
        if (name.startsWith("x-forwarded-")) delete headers[name];
      }
    });
    try {
      const { results } = await doctor({ ...stage.env, PUBLIC_URL: proxy.url });
      expect(results["public-url"].status).toBe("ok");
      expect(results["proxy-headers"]).toMatchObject({
        status: "warning",
        finding: expect.stringMatching(
          /arrive with Host usher\.internal:\d+.*as if they came from/,
        ),
        fix: expect.stringMatching(/Host \$host.*X-Forwarded-For/),
      });
    } finally {
      proxy.close();
    }
  });

  test("finds a proxy that demands its own sign-in on the callback", async ({ stage }) => {
    const behind = await startProxy(stage, () => {});
    const gate = createServer((incoming, outgoing) => {
      if (incoming.url?.startsWith("/oauth/")) {
        outgoing.writeHead(302, { location: "https://login.corp.example/start" }).end();
        return;
      }
      const onward = request(
        `${behind.url}${incoming.url}`,
        { headers: incoming.headers },
        (answer) => {
          outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
          answer.pipe(outgoing);
        },
      );
      onward.end();
    });
    await new Promise<void>((resolve) => gate.listen(0, "127.0.0.1", resolve));
    try {
      const PUBLIC_URL = `http://localhost:${(gate.address() as AddressInfo).port}`;
      const { code, results } = await doctor({ ...stage.env, PUBLIC_URL });
      expect(code).toBe(1);
      expect(results.callback).toMatchObject({
        status: "failed",
        finding: expect.stringContaining("/oauth/callback answered with status 302"),
      });
    } finally {
      gate.closeAllConnections();
      gate.close();
      behind.close();
    }
  });

  test("checks the database even without a valid configuration", async ({ stage }) => {
    const { SECRETS_ENCRYPTION_KEY: _, ...env } = stage.env;
    const { code, results } = await doctor({ ...env, AI_MODEL: "gpt-5" });
    expect(code).toBe(1);
    expect(results.configuration).toMatchObject({
      status: "failed",
      finding: expect.stringMatching(/SECRETS_ENCRYPTION_KEY.*AI_MODEL/),
    });
    // A busy machine is slow, which is a warning.
    expect(results.database.finding).toContain(" answers in ");
    expect(results.migrations.status).toBe("ok");
    expect(results["public-url"].status).toBe("skipped");
  });

  test.describe("when something is not running", () => {
    test("without the server, checks what it can and says what it could not check", async ({
      stage,
    }) => {
      await stage.stop();
      try {
        const { code, results } = await doctor(stage.env);
        expect(code).toBe(1);
        expect(results["public-url"]).toMatchObject({
          status: "failed",
          fix: expect.stringContaining("Start Usher"),
        });
        expect(results.callback.status).toBe("skipped");
        // A busy machine is slow, which is a warning.
        expect(results.database.finding).toContain(" answers in ");
        expect(results.keys.status).toBe("ok");
      } finally {
        await stage.start();
      }
    });

    for (const [what, change, words] of [
      ["nothing listens", (url: URL) => (url.port = "9"), "Nothing listens at its address"],
      ["the name is wrong", (url: URL) => (url.pathname = "/gone"), "no database of this name"],
      ["the host is unknown", (url: URL) => (url.hostname = "db.invalid"), "not known"],
    ] as const) {
      test(`without the database, as ${what}`, async ({ stage }) => {
        const url = new URL(stage.env.DATABASE_URL ?? "");
        change(url);
        const { code, results } = await doctor({ ...stage.env, DATABASE_URL: url.href });
        expect(code).toBe(1);
        expect(results.database).toMatchObject({
          status: "failed",
          finding: expect.stringContaining(words),
        });
        expect(results.keys.status).toBe("skipped");
        expect(results["public-url"].status).toBe("ok");
      });
    }
  });
});

test.describe("Settings > Doctor", () => {
  test("counts the results as they arrive, shows them together, and checks again", async ({
    people,
    stage,
  }) => {
    const page = await people.visit(stage.admin, { path: "/settings/doctor" });
    const row = (title: string) => page.getByRole("listitem").filter({ hasText: title });
    await expect(row("Migrations")).toContainText("OK");
    await expect(row("Public URL from your browser")).toContainText("You opened Usher at its");
    await expect(row("Public URL from the server")).toContainText("leads to this");
    await expect(page.getByText(/\d+ OK, \d+ skipped/)).toBeVisible();
    await page.getByRole("button", { name: "Check again" }).click();
    await expect(page.getByText(/\d+ OK, \d+ skipped/)).toBeVisible();
  });

  test("keeps its layout on a phone, however long the outcome is", async ({ people, stage }) => {
    const page = await people.visit(stage.admin, {
      ...{ path: "/settings/doctor", viewport: { width: 390, height: 844 } },
    });
    await page.route("**/api/doctor", async (route) => {
      const answer = await route.fetch();
      const mixed = ["failed", "warning", "failed", "warning"];
      const body = (await answer.text()).replaceAll(
        '"status":"ok"',
        () => `"status":"${mixed.pop() ?? "ok"}"`,
      );
      await route.fulfill({ response: answer, body });
    });
    await watchLayoutShiftsOfLoads(page);
    await page.reload();
    await expect(page.getByText(/2 failed, \d+ warnings, \d+ OK, \d+ skipped/)).toBeVisible();
    await page.evaluate(() => new Promise((done) => requestAnimationFrame(done)));
    const { total, moved } = await layoutShifts(page);
    expect(total, moved.join("\n")).toBeLessThan(0.01);
  });
});
