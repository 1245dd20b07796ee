import path from "node:path";
import type { Page } from "@playwright/test";
import { startAuthorizationServer } from "@/demo/authorization-server";
import { startTeamHandbook } from "@/demo/practice-files";
import { accessibilityProblems } from "@/tests/e2e/axe";
import { closedAfterEach } from "@/tests/e2e/closed-after-each";
import { expect, test } from "@/tests/e2e/fixtures";
import { consent } from "@/tests/e2e/provider-page";
import { addServer, fill } from "@/tests/e2e/server-form";
import { openEmptyUsher, type Stage, type Usher } from "@/tests/e2e/stage";

// A page fetched in advance must not show how far the steps were then.
test.use({ prefetch: true });

const open = closedAfterEach();

const account = { email: "fay@usher.example", password: "the very first one" };

/** An installation with an admin and nothing else. */
async function openNew(stage: Stage, env: Record<string, string> = {}): Promise<Usher> {
  const { email, password } = account;
  const admin = { ADMIN_EMAIL: email, ADMIN_PASSWORD: password };
  return open(await openEmptyUsher(stage.cluster, { env: { ...admin, ...env } })).usher;
}

/** Waits until the page of the first steps is hydrated: it requests them then. */
async function signIn(page: Page): Promise<void> {
  const asked = page.waitForResponse((response) => response.url().endsWith("/api/get-started"));
  await page.getByRole("textbox", { name: "Email" }).fill(account.email);
  await page.getByRole("textbox", { name: "Password" }).fill(account.password);
  await page.getByRole("button", { name: "Sign in" }).click();
  await expect(page.getByRole("heading", { name: "Get started", level: 1 })).toBeVisible();
  await asked;
}

const entry = (page: Page) =>
  page.getByRole("navigation", { name: "Main" }).getByRole("link", { name: /^Get started/ });
const step = (page: Page, title: string) =>
  page.getByRole("main").getByRole("listitem").filter({ hasText: title });
const next = (page: Page) => page.getByRole("main").locator("[aria-current=step]");
const back = (page: Page) => page.getByRole("button", { name: "Show in the navigation" });

async function dismiss(page: Page): Promise<void> {
  await page.getByRole("button", { name: "Dismiss" }).press("Enter");
  await expect(back(page)).toBeVisible();
}

const action = (page: Page, name: string) => page.getByRole("main").getByRole("link", { name });

test("an admin goes from an empty installation through the four steps until their entry disappears", async ({
  people,
  stage,
}) => {
  test.slow();
  const provider = open(await startAuthorizationServer({ redirectUris: [], registration: true }));
  const dataDir = path.join(stage.folder, "first-steps");
  const handbook = open(await startTeamHandbook({ provider, dataDir }));
  stage.model.setModels(200, { data: [{ id: "small" }] });
  const usher = await openNew(stage, {
    OPENAI_COMPATIBLE_BASE_URL: stage.model.url,
    OPENAI_COMPATIBLE_API_KEY: "a key that nobody checks",
  });
  const page = await people.visit(null, { path: usher.url });
  await signIn(page);
  await expect(page).toHaveURL(`${usher.url}/get-started`);
  await expect(entry(page)).toHaveAccessibleName("Get started 0 of 4 done");
  await expect(next(page)).toContainText("A provider is connected. Offer one of its models.");
  expect(await accessibilityProblems(page)).toEqual([]);

  await action(page, "Offer a model").click();
  await page.getByRole("button", { name: "Offer a model" }).click();
  const offering = page.getByRole("dialog", { name: "Offer a model" });
  await offering.getByRole("button", { name: "small" }).click();
  await offering.getByRole("button", { name: "Offer model" }).click();
  // On the same page, without a click.
  await expect(entry(page)).toHaveAccessibleName("Get started 1 of 4 done");
  await entry(page).click();
  await expect(step(page, "Connect a language model")).toContainText("small is available.");

  await expect(next(page)).toContainText("Add an MCP server");
  await action(page, "Add a server").click();
  await page.getByRole("link", { name: "By hand" }).click();
  await fill(page, { "Server URL": handbook.url });
  await page.getByRole("button", { name: "Discover", exact: true }).click();
  await expect(page.getByText(/^OAuth 2.0 found at/).first()).toBeVisible();
  await fill(page, { Name: "Handbook" });
  await addServer(page, "Handbook");
  await entry(page).click();
  await expect(next(page)).toContainText("Handbook is added. Authorize it");
  await action(page, "Authorize").click();
  await page.getByRole("link", { name: "Authorize Handbook" }).click();
  await consent(page, "Ada Lovelace");
  await expect(page.getByRole("button", { name: "Add to an assistant" })).toBeVisible();
  await expect(entry(page)).toHaveAccessibleName("Get started 2 of 4 done");
  await entry(page).click();

  await expect(next(page)).toContainText("Choose which tools of Handbook it may call.");
  await action(page, "Add to an assistant").click();
  await page.getByRole("button", { name: "Add to an assistant" }).click();
  await page.getByRole("button", { name: "Add", exact: true }).click();
  await expect(page.getByRole("link", { name: "Try it in the chat" })).toBeVisible();
  await entry(page).click();

  await expect(next(page)).toContainText("Invite your team");
  await action(page, "Invite people").click();
  const inviting = page.getByRole("dialog", { name: "Invite a person" });
  await inviting.getByRole("textbox", { name: "Email" }).fill("grace@usher.example");
  await inviting.getByRole("button", { name: "Create link" }).click();
  await expect(page.getByRole("dialog", { name: "Share this link" })).toBeVisible();
  await page.getByRole("button", { name: "Done" }).click();
  await expect(entry(page)).toHaveCount(0);
  await page.goBack();
  await expect(page.getByText("Everything is set up")).toBeVisible();
  expect(await accessibilityProblems(page)).toEqual([]);
  await page.goto(usher.url);
  await expect(page).toHaveURL(`${usher.url}/mcp-servers`);
  await expect(entry(page)).toHaveCount(0);
});

test("an admin dismisses the steps by keyboard, finds them in Settings, and restores them", async ({
  people,
  stage,
}) => {
  const usher = await openNew(stage);
  const page = await people.visit(null, { path: usher.url });
  await signIn(page);
  await expect(next(page)).toContainText("Connect a language model");

  await dismiss(page);
  await expect(back(page)).toBeFocused();
  await expect(entry(page)).toHaveCount(0);
  await expect(page.getByRole("status")).toContainText(
    "These steps are hidden from your navigation.",
  );
  expect(await accessibilityProblems(page)).toEqual([]);

  await page.goto(usher.url);
  await expect(page).toHaveURL(`${usher.url}/mcp-servers`);
  await expect(entry(page)).toHaveCount(0);
  await page.goto(`${usher.url}/settings`);
  await action(page, "Get started").click();
  await back(page).press("Enter");
  await expect(entry(page)).toHaveAccessibleName("Get started 0 of 4 done");
  await expect(page.getByRole("button", { name: "Dismiss" })).toBeFocused();
  await page.reload();
  await expect(entry(page)).toBeVisible();
});

test("a step done in another tab counts on the next page", async ({ people, stage }) => {
  const usher = await openNew(stage);
  const page = await people.visit(null, { path: usher.url });
  await signIn(page);
  await expect(entry(page)).toHaveAccessibleName("Get started 0 of 4 done");
  const invited = await page.request.post(`${usher.url}/api/people/invitations`, {
    headers: { origin: usher.url },
    data: { email: "grace@usher.example", role: "MEMBER" },
  });
  expect(invited.status()).toBe(201);
  await page.getByRole("link", { name: "Audit" }).click();
  await expect(page.getByRole("heading", { name: "Audit", level: 1 })).toBeVisible();
  await expect(entry(page)).toHaveAccessibleName("Get started 1 of 4 done");
});

test("steps that cannot be loaded say so, and can be loaded again", async ({ people, stage }) => {
  const usher = await openNew(stage);
  const page = await people.visit(null, { path: usher.url });
  await signIn(page);
  // Without the entry, no page has loaded the steps already.
  await dismiss(page);
  await expect(entry(page)).toHaveCount(0);
  await page.route("**/api/get-started", (route) => route.abort());
  // A click before hydration loads the document, which includes the steps: they are then loaded once more.
  await expect(async () => {
    await page.goto(`${usher.url}/settings`);
    await action(page, "Get started").click();
    await expect(page.getByText("The steps could not be loaded")).toBeVisible({ timeout: 10_000 });
  }).toPass();
  expect(await accessibilityProblems(page)).toEqual([]);
  await page.unroute("**/api/get-started");
  await page.getByRole("button", { name: "Try again" }).click();
  await expect(step(page, "Invite your team")).toBeVisible();
});
