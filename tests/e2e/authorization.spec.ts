import type { Page } from "@playwright/test";
import { Chat } from "@/tests/e2e/chat";
import { expect, test } from "@/tests/e2e/fixtures";
import { consent, finished, openTab } from "@/tests/e2e/provider-page";
import type { Stage } from "@/tests/e2e/stage";

const read = "Read onboarding.md from the Team Handbook";
const contents = "why the build is called Gertrude";

/** From the detail page to the provider's and back. */
async function authorizeHandbook(page: Page, stage: Stage): Promise<void> {
  await page.goto(`/mcp-servers/${stage.handbookId}`);
  await page.getByRole("link", { name: /^Authorize (again )?Team Handbook/ }).click();
  await consent(page, "Ada Lovelace");
  await expect(page.getByText("Connected", { exact: true }).first()).toBeVisible();
}

/** Consents; the browser does not follow the provider's redirect. */
async function heldCallback(page: Page, person: "ada" | "grace"): Promise<string> {
  await expect(page.getByRole("heading", { name: /^Allow Usher/ })).toBeVisible();
  const { request } = page.context();
  const answer = { form: { person, decision: "allow" }, maxRedirects: 0 };
  let location = "";
  for (let answered = await request.post(page.url(), answer); ; ) {
    location = answered.headers().location ?? "";
    if (location === "" || location.includes("/oauth/callback?")) return location;
    answered = await request.get(location, { maxRedirects: 0 });
  }
}

function tokensOf(stage: Stage, serverId: string) {
  return stage.query('SELECT id FROM "StoredTokenSet" WHERE "serverId" = $1', [serverId]);
}

test.describe("a consent that is not given", () => {
  test("leaves the shared server unchanged, and the page says what happened", async ({
    people,
    stage,
  }) => {
    const page = await people.visit(stage.admin, { path: `/mcp-servers/${stage.handbookId}` });
    await page.getByRole("link", { name: "Authorize Team Handbook" }).click();
    await consent(page, "Ada Lovelace", "Deny");

    await expect(page.getByText(/access was denied/i)).toBeVisible();
    await expect(page.getByText("nothing was connected")).toBeVisible();
    await expect(page.getByText("Not connected").first()).toBeVisible();
    expect(await tokensOf(stage, stage.handbookId)).toEqual([]);
    await page.getByRole("link", { name: "Authorize again", exact: true }).click();
    await consent(page, "Ada Lovelace");
    await expect(page.getByText("Connected", { exact: true }).first()).toBeVisible();
  });

  test("lets the person try again from the chat, and the call still runs", async ({
    people,
    stage,
  }) => {
    const page = await people.visit(await people.join("Deny Mee"), { path: "/chat" });
    const chat = Chat.onPage(page);
    await chat.ask("Read todo.md from my Personal Files");
    const prompt = chat.prompt("Personal Files");
    const tab = await openTab(prompt.getByRole("link", { name: "Authorize" }));
    await consent(tab, "Grace Hopper", "Deny");
    await expect(tab.getByRole("heading", { name: "Access was denied" })).toBeVisible();
    await expect(prompt).toContainText("Personal Files was not connected");

    const again = await openTab(prompt.getByRole("link", { name: "Authorize again" }));
    await consent(again, "Grace Hopper");
    await expect(chat.answer).toContainText("Cut forty nanoseconds of wire");
    expect(stage.personal.toolCalls).toEqual(["read_file"]);
  });

  test("leaves nothing half-saved, nor does a provider that cannot say what is wrong", async ({
    people,
    stage,
  }) => {
    const page = await people.visit(stage.admin, { path: `/mcp-servers/${stage.handbookId}` });
    const authorize = page.getByRole("link", { name: /^Authorize (again )?Team Handbook/ });
    const failed = page.getByText(/the provider rejected the authorization/i);
    stage.provider.failNextTokenRequests(1, { kind: "html" });
    await authorize.click();
    await consent(page, "Ada Lovelace");
    await expect(failed).toBeVisible();
    await expect(page.getByText("Not connected").first()).toBeVisible();

    await page.goto(`/mcp-servers/${stage.handbookId}`);
    await authorize.click();
    const callback = new URL(await heldCallback(page, "ada"));
    callback.searchParams.delete("code");
    callback.searchParams.set("error", "server_error");
    callback.searchParams.set("error_description", "<b>Call 0900-SCAM</b>");
    await page.goto(callback.href);
    await expect(failed).toBeVisible();
    // Quoted as the provider's own text, and as nothing but text.
    const words = page.getByText("It said: server_error: “<b>Call 0900-SCAM</b>”");
    await expect(words.first()).toBeVisible();
    expect(await tokensOf(stage, stage.handbookId)).toEqual([]);
  });
});

test("a flow that took too long is reported, and connects nothing", async ({ people, stage }) => {
  const page = await people.visit(stage.admin, { path: `/mcp-servers/${stage.handbookId}` });
  await page.getByRole("link", { name: "Authorize Team Handbook" }).click();
  await expect(page.getByRole("heading", { name: /^Allow Usher/ })).toBeVisible();
  await stage.query(`UPDATE "AuthorizationRequest" SET "expiresAt" = now() - interval '1 second'`);
  await consent(page, "Ada Lovelace");

  await expect(page.getByText(/the authorization took too long/i)).toBeVisible();
  await expect(page.getByText("Not connected").first()).toBeVisible();
  expect(await tokensOf(stage, stage.handbookId)).toEqual([]);
  expect(stage.provider.tokenRequests).toEqual({});
});

test("a callback works once, for the person and the browser that started the flow", async ({
  people,
  stage,
}) => {
  const own = await people.join("Own Flow");
  const page = await people.visit(own, { path: "/connections" });
  await page.getByRole("link", { name: "Authorize Personal Files" }).click();
  const callback = await heldCallback(page, "grace");

  const other = await people.visit(await people.join("Some Body"), { path: "/connections" });
  const refused = await other.goto(callback);
  expect(refused?.status()).toBe(403);
  await expect(other.getByRole("heading")).toHaveText("Somebody else started this authorization");
  await expect(other.getByText("neither your account nor theirs was connected")).toBeVisible();

  const elsewhere = await people.visit(own, { path: "/connections" });
  expect((await elsewhere.goto(callback))?.status()).toBe(403);
  await expect(elsewhere.getByRole("heading")).toHaveText(
    "This authorization was started in another browser",
  );

  const nobody = await people.visit(null);
  await nobody.goto(callback);
  await expect(nobody.getByRole("heading", { name: "Sign in to Usher" })).toBeVisible();
  expect(stage.provider.tokenRequests).toEqual({});

  await page.goto(callback);
  await expect(page.getByText("Connected", { exact: true })).toBeVisible();
  expect(stage.provider.tokenRequests).toEqual({ authorization_code: 1 });

  // A browser may ask again after a lost response: it is told the same, and nothing is sent.
  await page.goto(callback);
  await expect(page).toHaveURL(/\/connections/);
  await expect(page.getByText("Connected", { exact: true })).toBeVisible();
  expect((await other.goto(callback))?.status()).toBe(403);
  expect(stage.provider.tokenRequests).toEqual({ authorization_code: 1 });
});

test("after a revocation that reaches the provider, the page says so, and the next call asks again", async ({
  people,
  stage,
}) => {
  const grants = stage.provider.countGrantsOf("ada");
  const page = await people.visit(stage.admin);
  await authorizeHandbook(page, stage);
  const chat = await Chat.beside(page);
  await chat.ask(read);
  await expect(chat.answer).toContainText(contents);
  expect(stage.provider.countGrantsOf("ada")).toBe(grants + 1);

  await page.getByRole("button", { name: "More actions" }).click();
  await page.getByRole("menuitem", { name: "Revoke access…" }).click();
  const dialog = page.getByRole("alertdialog", { name: "Revoke access to Team Handbook?" });
  await expect(dialog).toContainText("The provider is also asked to revoke them.");
  await dialog.getByRole("button", { name: "Revoke" }).click();
  await expect(page.getByText("Not connected").first()).toBeVisible();
  expect(await tokensOf(stage, stage.handbookId)).toEqual([]);
  expect(stage.provider.countGrantsOf("ada")).toBe(grants);

  await chat.ask("List the Team Handbook");
  const prompt = chat.prompt("Team Handbook");
  await expect(prompt).toContainText("needs the team’s account");
  const tab = await openTab(prompt.getByRole("link", { name: "Authorize" }));
  await consent(tab, "Ada Lovelace");
  await finished(tab);
  await expect(chat.answer).toContainText("benefits/learning-budget.md");
  expect(stage.handbook.toolCalls).toEqual(["read_file", "list_files"]);
});

test("a person disconnects their own account and no one else's", async ({ people, stage }) => {
  const grants = () => [stage.provider.countGrantsOf("grace"), stage.provider.countGrantsOf("ada")];
  const [grace = 0, ada = 0] = grants();
  const pages: Page[] = [];
  for (const name of ["Dis Connect", "Stays Here"]) {
    const page = await people.visit(await people.join(name), { path: "/connections" });
    await page.getByRole("link", { name: "Authorize Personal Files" }).click();
    await consent(page, name === "Dis Connect" ? "Grace Hopper" : "Ada Lovelace");
    await expect(page.getByRole("button", { name: "Disconnect Personal Files" })).toBeVisible();
    pages.push(page);
  }
  const [page, other] = pages as [Page, Page];
  await page.getByRole("button", { name: "Disconnect Personal Files" }).click();
  await page.getByRole("alertdialog").getByRole("button", { name: "Disconnect" }).click();

  await expect(page.getByRole("link", { name: "Authorize Personal Files" })).toBeVisible();
  await other.reload();
  await expect(other.getByRole("button", { name: "Disconnect Personal Files" })).toBeVisible();
  expect(grants()).toEqual([grace, ada + 1]);
});

test("a token that expires between two messages is refreshed without asking anyone", async ({
  people,
  stage,
}) => {
  stage.provider.setAccessTokenLifetime(2);
  const page = await people.visit(stage.admin);
  await authorizeHandbook(page, stage);
  const chat = await Chat.beside(page);
  await chat.ask(read);
  await expect(chat.answer).toContainText(contents);
  await chat.settled();

  await expect
    .poll(() =>
      stage.query('SELECT 1 FROM "StoredTokenSet" WHERE "serverId" = $1 AND "expiresAt" > now()', [
        stage.handbookId,
      ]),
    )
    .toEqual([]);
  const before = stage.provider.tokenRequests.refresh_token ?? 0;
  await chat.ask("List the Team Handbook");
  await expect(chat.answer).toContainText("benefits/learning-budget.md");
  await expect(chat.prompt("Team Handbook")).toHaveCount(0);
  expect(stage.provider.tokenRequests.refresh_token).toBeGreaterThan(before);
  expect(stage.provider.tokenRequests.authorization_code).toBe(1);
});

test("a single 401 from the MCP server is fixed by a refresh without asking anyone", async ({
  people,
  stage,
}) => {
  const page = await people.visit(stage.admin);
  await authorizeHandbook(page, stage);
  const chat = await Chat.beside(page);
  stage.handbook.rejectTokensOnce(1);
  await chat.ask(read);

  await expect(chat.answer).toContainText(contents);
  await expect(chat.prompt("Team Handbook")).toHaveCount(0);
  expect(stage.provider.tokenRequests).toEqual({ authorization_code: 1, refresh_token: 1 });
});

test.describe("a grant that was revoked at the provider", () => {
  test("shows on the shared server's page, and a member is told that an admin must authorize", async ({
    people,
    stage,
  }) => {
    const page = await people.visit(stage.admin);
    await authorizeHandbook(page, stage);
    await stage.provider.revokeGrantsOf("ada");

    const member = await people.visit(await people.join("Ask Admin"), { path: "/chat" });
    const chat = Chat.onPage(member);
    await chat.ask(read);
    const prompt = chat.prompt("Team Handbook");
    await expect(prompt).toContainText("needs the team’s account");
    await expect(prompt).toContainText(/admin/i);
    await expect(prompt.getByRole("link", { name: /^Authorize/ })).toHaveCount(0);

    await page.goto(`/mcp-servers/${stage.handbookId}`);
    await expect(page.getByText("Access has ended").first()).toBeVisible();
    await expect(page.getByText("Needs re-authorization", { exact: true }).first()).toBeVisible();
    await page.getByRole("link", { name: "Authorize again Team Handbook" }).click();
    await consent(page, "Ada Lovelace");
    await expect(page.getByText("Connected", { exact: true }).first()).toBeVisible();
    await expect(page.getByText("Access has ended")).toHaveCount(0);

    await expect(chat.answer).toContainText(contents);
  });

  test("makes the chat ask its owner again once the token has expired, and shows on Connections", async ({
    people,
    stage,
  }) => {
    stage.provider.setAccessTokenLifetime(2);
    const account = await people.join("Taken Back");
    const page = await people.visit(account, { path: "/connections" });
    await page.getByRole("link", { name: "Authorize Personal Files" }).click();
    await consent(page, "Grace Hopper");
    await expect(page.getByText("Connected", { exact: true })).toBeVisible();
    await stage.provider.revokeGrantsOf("grace");
    await expect
      .poll(() =>
        stage.query(
          `SELECT 1 FROM "StoredTokenSet" t JOIN "User" u ON u.id = t."userId"
           WHERE u.email = $1 AND t."expiresAt" > now()`,
          [account.email],
        ),
      )
      .toEqual([]);

    stage.provider.setAccessTokenLifetime(3_600);
    const chat = await Chat.beside(page);
    await chat.ask("Read todo.md from my Personal Files");
    const prompt = chat.prompt("Personal Files");
    await expect(prompt).toContainText("needs your account");
    await page.reload();
    await expect(page.getByText("Access has ended")).toBeVisible();
    const tab = await openTab(prompt.getByRole("link", { name: "Authorize" }));
    await consent(tab, "Grace Hopper");
    await expect(chat.answer).toContainText("Cut forty nanoseconds of wire");
    await expect(page.getByText("Access has ended")).toHaveCount(0);
  });
});
