import type { Page } from "@playwright/test";
import { expect, test } from "@/tests/e2e/fixtures";
import { signIn } from "@/tests/e2e/sign-in";

/** Scripts arrive only once the returned function is called, as on a slow network. */
async function holdScripts(page: Page): Promise<() => void> {
  let release = () => {};
  const released = new Promise<void>((resolve) => {
    release = resolve;
  });
  await page.route(/\/_next\/static\/.*\.js/, async (route) => {
    await released;
    await route.continue();
  });
  return release;
}

test("a section opened before the page is hydrated stays open and follows its clicks", async ({
  people,
  stage,
}) => {
  const page = await people.visit(stage.admin);
  const release = await holdScripts(page);
  await page.goto("/settings/api", { waitUntil: "commit" });
  const section = page.locator("details").first();
  const title = section.locator("summary");
  await title.click();
  await expect(section).toHaveAttribute("open");
  release();
  // A panel that opens shows that the page is hydrated.
  await expect(async () => {
    await page.keyboard.press("Control+j");
    await expect(page.locator("#chat-panel")).toBeVisible({ timeout: 1000 });
  }).toPass();
  await expect(section).toHaveAttribute("open");
  await title.click();
  await expect(section).not.toHaveAttribute("open");
});

test("a sign-in submitted before the page is hydrated goes through", async ({ people, stage }) => {
  const page = await people.visit(null, { path: "/sign-in" });
  const release = await holdScripts(page);
  await page.goto("/sign-in?callbackUrl=/settings/account", { waitUntil: "commit" });
  await signIn(page, stage.admin);
  await expect(page.getByRole("textbox", { name: "Email" })).toHaveValue(stage.admin.email);
  release();
  await expect(page.getByRole("heading", { name: "Appearance" })).toBeVisible();
});
