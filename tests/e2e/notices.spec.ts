import type { RevokeInput } from "@/lib/contracts/connections/connection";
import { accessibilityProblems } from "@/tests/e2e/axe";
import { Chat } from "@/tests/e2e/chat";
import { expect, test } from "@/tests/e2e/fixtures";
import { connectedServer } from "@/tests/e2e/operations/served-accounts";
import { consent } from "@/tests/e2e/provider-page";

// A page fetched in advance must not show the notices of then.
test.use({ prefetch: true });

test("an admin sees what needs attention, goes there, and the notice closes once the cause is fixed", async ({
  people,
  stage,
}) => {
  await stage.query(
    `WITH server AS (
      INSERT INTO "McpServer" (id, name, transport, url, authentication, "updatedAt")
      VALUES ('notice-server', 'Notice Wiki', 'STREAMABLE_HTTP', 'https://wiki.example.com/mcp', 'OAUTH', now())
      RETURNING id)
    INSERT INTO "OAuthClient" (id, "serverId", "clientId", "authorizationEndpoint", "tokenEndpoint", "updatedAt")
    SELECT 'notice-client', id, 'usher', 'https://id.example.com/authorize', 'https://id.example.com/token', now()
    FROM server`,
    [],
  );
  const page = await people.visit(stage.admin, { path: "/assistants" });
  await page
    .getByRole("navigation", { name: "Main" })
    .getByRole("link", { name: /^Notices/ })
    .click();
  await expect(page.getByRole("heading", { name: "Notices", level: 1 })).toBeVisible();
  const notice = page.getByRole("listitem").filter({ hasText: "Notice Wiki needs authorization" });
  await expect(notice).toBeVisible();
  expect(await accessibilityProblems(page)).toEqual([]);
  await notice.getByRole("link", { name: "Authorize Notice Wiki" }).click();
  await expect(page).toHaveURL(/\/mcp-servers\/notice-server/);

  await stage.query(`UPDATE "McpServer" SET "switchedOffAt" = now() WHERE id = $1`, [
    "notice-server",
  ]);
  await page.goto("/notices");
  await expect(page.getByRole("heading", { name: "Notices", level: 1 })).toBeVisible();
  await expect(page.getByText("Notice Wiki needs authorization")).toHaveCount(0);
});

test("a member with nothing to do sees that nothing needs attention", async ({ people }) => {
  const page = await people.visit(await people.join("Nell Notice"), { path: "/notices" });
  await expect(page.getByRole("heading", { name: "You’re all caught up" })).toBeVisible();
});

test("a member asks an admin for the shared account, and the answer continues once it is connected", async ({
  people,
  stage,
}) => {
  const admin = await people.api(stage.admin);
  const serverId = await connectedServer(stage, admin, "Ask Handbook");
  await people.assistant("Asker", { serverId });
  const revoke: RevokeInput = { what: "server" };
  expect((await admin.post(`/oauth/revoke/${serverId}`, { data: revoke })).ok()).toBe(true);

  const nell = await people.visit(await people.join("Nell Asks"), { path: "/chat" });
  const chat = Chat.onPage(nell);
  await chat.chooseAssistant("Asker");
  await chat.ask("Read onboarding.md");
  await chat.root.getByRole("button", { name: "Ask an admin" }).click();
  await expect(chat.root.getByText("The admins were asked.")).toBeVisible();
  await expect(chat.root.getByRole("button", { name: "Ask an admin" })).toHaveCount(0);
  expect(await accessibilityProblems(nell)).toEqual([]);

  const page = await people.visit(stage.admin, { path: "/notices" });
  const notice = page.getByRole("listitem").filter({ hasText: "Ask Handbook needs authorization" });
  await expect(notice).toContainText("Nell Asks waits for it in the chat.");
  await notice.getByRole("link", { name: "Authorize Ask Handbook" }).click();
  await expect(page.getByRole("heading", { name: "Ask Handbook", level: 1 })).toBeVisible();
  await page.getByRole("link", { name: "Authorize Ask Handbook" }).click();
  await consent(page, "Ada Lovelace");
  await expect(page.getByText("Connected", { exact: true }).first()).toBeVisible();
  await expect(chat.answer).toContainText("why the build is called Gertrude", { timeout: 20_000 });
});
