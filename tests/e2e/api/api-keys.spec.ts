import type { Page } from "@playwright/test";
import { expect, test } from "@/tests/e2e/fixtures";

const phone = { viewport: { width: 390, height: 844 }, hasTouch: true };

async function choose(page: Page, name: string, option: string): Promise<void> {
  await page.getByRole("combobox", { name }).click();
  await page.getByRole("option", { name: option, exact: true }).click();
}

/** @returns the key, which is shown once */
async function create(page: Page, name: string, grant: () => Promise<void>): Promise<string> {
  await page.getByRole("button", { name: "Create key" }).first().click();
  const dialog = page.getByRole("dialog");
  await expect(dialog.getByRole("textbox", { name: "Name" })).toBeFocused();
  await dialog.getByRole("textbox", { name: "Name" }).fill(name);
  await grant();
  await dialog.getByRole("button", { name: "Create key" }).click();
  await expect(dialog.getByText("It is shown only once")).toBeVisible();
  return dialog.getByRole("textbox", { name }).inputValue();
}

for (const [size, options] of [
  ["a desktop", {}],
  ["a phone", phone],
] as const) {
  test(`on ${size} a person creates a key, copies it, calls the API with it and revokes it`, async ({
    people,
    stage,
    browserName,
  }) => {
    test.slow();
    const ask = async (secret: string) =>
      fetch(`${stage.url}/api/connections`, { headers: { authorization: `Bearer ${secret}` } });
    const person = await people.join(`Kay Key ${size.split(" ")[1]}`);
    const page = await people.visit(person, { path: "/settings/api-keys", ...options });
    await expect(page.getByRole("heading", { name: "No API keys yet" })).toBeVisible();

    await page.getByRole("button", { name: "Create key" }).first().click();
    const dialog = page.getByRole("dialog");
    await dialog.getByRole("button", { name: "Create key" }).click();
    await expect(dialog.getByText("Enter a name")).toBeVisible();
    await expect(dialog.getByText("Choose what the key may be used for.")).toBeVisible();
    // Scopes beyond a member's role are not offered.
    await expect(dialog.getByRole("combobox", { name: "Access to People" })).toHaveCount(0);
    await expect(dialog.getByRole("radio")).toHaveCount(0);
    await page.keyboard.press("Escape");

    const secret = await create(page, "Nightly report", () =>
      choose(page, "Access to Connections", "Read"),
    );
    expect(secret).toMatch(/^ush_/);
    if (browserName === "chromium") {
      await page.context().grantPermissions(["clipboard-read", "clipboard-write"]);
      await page.getByRole("button", { name: "Copy the API key" }).click();
      await expect(page.getByText("Copied")).toBeAttached();
      expect(await page.evaluate(() => navigator.clipboard.readText())).toBe(secret);
    }
    await page.getByRole("button", { name: "Done" }).click();
    await expect(page.getByRole("dialog")).toHaveCount(0);
    const row = page.getByRole("listitem").filter({ hasText: "Nightly report" });
    await expect(row).toContainText("Connections: read");
    await expect(row).toContainText("Never used");
    expect((await ask(secret)).status).toBe(200);

    // It is recorded after the response.
    await expect(async () => {
      await page.reload();
      await expect(row).toContainText("Last used", { timeout: 3000 });
    }).toPass();
    expect(await page.content()).not.toContain(secret.slice(10));
    const wide = await page.evaluate(() => document.documentElement.scrollWidth > innerWidth);
    expect(wide).toBe(false);

    await row.getByRole("button", { name: "Revoke" }).click();
    await page.getByRole("alertdialog").getByRole("button", { name: "Revoke" }).click();
    await expect(page.getByRole("alertdialog")).toHaveCount(0);
    await expect(row).toHaveCount(0);
    expect((await ask(secret)).status).toBe(401);
  });
}

test("an admin creates a service's key, and sees and revokes other people's keys", async ({
  people,
  stage,
}) => {
  const member = await people.join("Otto Other");
  const others = await people.visit(member, { path: "/settings/api-keys" });
  await create(others, "Otto’s script", () => choose(others, "Access to Chat", "Read and write"));

  const page = await people.visit(stage.admin, { path: "/settings/api-keys" });
  const secret = await create(page, "Deploy", async () => {
    await choose(page, "Access to Chat", "Read");
    await page.getByRole("radio", { name: /A service/ }).click();
    // A service has no conversations.
    await expect(page.getByRole("combobox", { name: "Access to Chat" })).toHaveCount(0);
    await choose(page, "Role", "Admin");
    await choose(page, "Access to MCP servers", "Read");
    await choose(page, "Expires after", "Never");
  });
  const answer = await fetch(`${stage.url}/api/mcp-servers`, {
    headers: { authorization: `Bearer ${secret}` },
  });
  expect(answer.status).toBe(200);
  await page.getByRole("button", { name: "Done" }).click();
  const services = page.getByRole("region", { name: "Services" });
  await expect(services).toContainText("Does not expire");
  await expect(services).toContainText("MCP servers: read");
  await expect(services).not.toContainText("Chat");
  const theirs = page.getByRole("region", { name: "Other people’s keys" });
  await expect(theirs).toContainText(member.email);
  await theirs.getByRole("button", { name: /^Revoke Otto/ }).click();
  await page.getByRole("alertdialog").getByRole("button", { name: "Revoke" }).click();
  await expect(theirs).toHaveCount(0);
});

test("on a phone the tab of the current page is in view", async ({ people, stage }) => {
  const page = await people.visit(stage.admin, { path: "/settings/api-keys", ...phone });
  const tabs = page.getByRole("navigation", { name: "Settings" });
  await expect(tabs.getByRole("link", { name: "API keys" })).toBeInViewport({ ratio: 1 });
});
