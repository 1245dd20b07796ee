import type { Page } from "@playwright/test";
import { Chat } from "@/tests/e2e/chat";
import { expect, test } from "@/tests/e2e/fixtures";
import { consent } from "@/tests/e2e/provider-page";

/** What a page must not say about access that has ended. */
const stillGoing = /Ended in|Expires in|renews automatically|Renews automatically/i;

async function authorizePersonal(page: Page, person: "Ada Lovelace" | "Grace Hopper") {
  await page.goto("/connections");
  await page.getByRole("link", { name: "Authorize Personal Files" }).click();
  await consent(page, person);
  await expect(page.getByText("Connected", { exact: true })).toBeVisible();
}

test("a grant revoked at the provider needs re-authorization on every page, and is counted that way", async ({
  people,
  stage,
}) => {
  await authorizePersonal(await people.visit(await people.join("Still There")), "Grace Hopper");
  const page = await people.visit(await people.join("Re Voked", "ADMIN"));
  await authorizePersonal(page, "Ada Lovelace");
  await page.goto(`/mcp-servers/${stage.personalId}`);
  await expect(page.getByText("2 connected", { exact: true })).toBeVisible();
  await expect(page.getByText(/^Expires in (59|60) minutes/)).toBeVisible();

  await stage.provider.revokeGrantsOf("ada");
  const chat = await Chat.beside(page);
  await chat.ask("Read todo.md from my Personal Files");
  await expect(chat.prompt("Personal Files")).toContainText("needs your account");

  const main = page.getByRole("main");
  const needs = main.getByText("Needs re-authorization", { exact: true });
  await page.goto(`/mcp-servers/${stage.personalId}`);
  await expect(
    main.getByText("1 connected, 1 needs re-authorization", { exact: true }),
  ).toBeVisible();
  const owners = main.getByRole("list", { name: "Who has connected an account" });
  await expect(owners.getByRole("listitem").filter({ hasText: "Re Voked" })).toContainText(
    "Needs re-authorization",
  );
  await expect(needs.first()).toBeVisible();
  await expect(main.getByText(/^Access has ended · /)).toBeVisible();
  await expect(main).not.toContainText(stillGoing);
  for (const path of ["/mcp-servers", "/connections"]) {
    await page.goto(path);
    await expect(needs).toBeVisible();
    await expect(main).not.toContainText(stillGoing);
  }
  await page.goto("/refreshes");
  const failure = main.getByRole("listitem").filter({ hasText: "Re Voked" });
  await expect(failure).toContainText("Needs re-authorization");
  await expect(failure).toContainText(/Ended (just now|\d+ minutes? ago)/);

  await page.goto("/connections");
  await page.getByRole("link", { name: "Authorize again Personal Files" }).click();
  await consent(page, "Ada Lovelace");
  await expect(main.getByText("Connected", { exact: true })).toBeVisible();
  await expect(needs).toHaveCount(0);
});

test("a provider outage leaves a connection retrying, and shows the next try", async ({
  people,
  stage,
}) => {
  const page = await people.visit(stage.admin, { path: `/mcp-servers/${stage.handbookId}` });
  await page.getByRole("link", { name: "Authorize Team Handbook" }).click();
  await consent(page, "Ada Lovelace");
  await expect(page.getByText("Connected", { exact: true }).first()).toBeVisible();
  stage.provider.failNextTokenRequests(Number.POSITIVE_INFINITY, { kind: "status", status: 503 });
  await stage.query(
    `UPDATE "StoredTokenSet" SET "expiresAt" = now() - interval '1 second', "obtainedAt" = now() - interval '1 hour',
       "nextRefreshAt" = now() - interval '1 second'
     WHERE "serverId" = $1`,
    [stage.handbookId],
  );
  // Not by a call: for three seconds, the process may still have the token that it had read for the tools.
  const swept = await page.request.get("/api/cron/refresh-tokens", {
    headers: { authorization: `Bearer ${stage.env.CRON_SECRET}` },
  });
  expect(await swept.json()).toMatchObject({ deferred: 1 });

  const main = page.getByRole("main");
  await page.goto(`/mcp-servers/${stage.handbookId}`);
  await expect(main.getByText("Retrying", { exact: true }).first()).toBeVisible();
  await expect(main.getByText(/^Next retry (in|is due|now)/).first()).toBeVisible();
  await expect(main.getByText(/^Last refresh failed · /)).toBeVisible();
  await expect(main).not.toContainText(/Expired|re-authorization|ago before/);
  await page.goto("/mcp-servers");
  await expect(main.getByText("Retrying", { exact: true })).toBeVisible();
});

test("a server's tools appear after Authorize without a reload", async ({ people, stage }) => {
  await stage.query('DELETE FROM "ToolCatalogue" WHERE "serverId" = $1', [stage.handbookId]);
  const page = await people.visit(stage.admin, { path: `/mcp-servers/${stage.handbookId}` });
  await expect(page.getByText("The tools have not been loaded yet")).toBeVisible();
  await page.getByRole("link", { name: "Authorize Team Handbook" }).click();
  stage.handbook.setLatency(5_000);
  await consent(page, "Ada Lovelace");

  await expect(page.getByText("Loading the tools…")).toBeVisible();
  stage.handbook.setLatency(0);
  await expect(page.getByText("read_file").first()).toBeVisible();
  await expect(page.getByText("Loading the tools…")).toHaveCount(0);
  await expect(page.getByText(/^Loaded just now/)).toBeVisible();
});

test("an aged list of tools is read again when the server's page opens", async ({
  people,
  stage,
}) => {
  const page = await people.visit(stage.admin, { path: `/mcp-servers/${stage.handbookId}` });
  await page.getByRole("link", { name: "Authorize Team Handbook" }).click();
  await consent(page, "Ada Lovelace");
  await expect(page.getByText(/^Loaded (just now|\d)/)).toBeVisible();
  await stage.query(
    `UPDATE "ToolCatalogue" SET "fetchedAt" = now() - interval '2 hours', "ttlMs" = 60000 WHERE "serverId" = $1`,
    [stage.handbookId],
  );
  await page.reload();
  await expect(page.getByText(/^Loaded just now/)).toBeVisible();
  await expect(page.getByText(/out of date/i)).toHaveCount(0);

  await stage.query(
    `UPDATE "ToolCatalogue" SET "fetchedAt" = now() - interval '2 hours', "ttlMs" = 60000 WHERE "serverId" = $1`,
    [stage.handbookId],
  );
  stage.handbook.rejectTokensOnce(Number.POSITIVE_INFINITY);
  await page.reload();
  await expect(page.getByText(/^The tools could not be loaded · /)).toBeVisible();
  await expect(page.getByText(/^Loaded 2 hours ago/)).toBeVisible();
  await expect(page.getByText("read_file").first()).toBeVisible();
});

test("dates and times are English in every browser, in its own time zone, and hydrate without a mismatch", async ({
  people,
  stage,
}) => {
  const setting = { locale: "de-DE", timezoneId: "Asia/Tokyo" };
  const page = await people.visit(stage.admin, { ...setting, path: "/people" });
  const problems: string[] = [];
  page.on("console", (message) => {
    if (/hydrat|did not match|#418|#425/i.test(message.text())) problems.push(message.text());
  });
  const time = page.getByRole("main").locator("time").first();
  await expect(time).toHaveText(/ago|just now|yesterday|last/);
  await expect(time).toHaveAttribute(
    "title",
    /^[A-Z][a-z]+day, [A-Z][a-z]+ \d+, \d{4} at \d\d:\d\d:\d\d GMT\+9$/,
  );
  await page.goto(`/mcp-servers/${stage.handbookId}`);
  await page.getByRole("link", { name: /^Authorize (again )?Team Handbook/ }).click();
  await consent(page, "Ada Lovelace");
  const expiry = page.getByText(/^Expires in/).first();
  await expect(expiry).toHaveText(/· [A-Z][a-z]{2} \d{1,2}, \d{4}, \d\d:\d\d$/);
  for (const path of ["/people", "/audit", "/refreshes", "/connections"]) {
    await page.goto(path);
    await expect(page.getByRole("heading", { level: 1 })).toBeVisible();
  }
  expect(problems).toEqual([]);
});
