import type { Page } from "@playwright/test";
import { Chat } from "@/tests/e2e/chat";
import { expect, type People, test } from "@/tests/e2e/fixtures";
import { consent } from "@/tests/e2e/provider-page";
import type { Stage } from "@/tests/e2e/stage";

/** Set by `npm run pictures`, which renews the README's pictures. */
const picturesFolder = process.env.USHER_PICTURES;

test.skip(picturesFolder === undefined, "npm run pictures takes them.");

const schemes = ["light", "dark"] as const;

/** Sharp on the pages where a README is read. */
async function visit(people: People, stage: Stage, colorScheme: (typeof schemes)[number]) {
  // As most people see it.
  const admin = await people.api(stage.admin);
  const dismissed = await admin.put("/api/get-started", { data: { dismissed: true } });
  expect(dismissed.ok()).toBe(true);
  const viewport = { width: 1360, height: 760 };
  return people.visit(stage.admin, {
    ...{ path: "/mcp-servers", viewport, colorScheme, deviceScaleFactor: 1.5 },
  });
}

async function take(page: Page, name: string): Promise<void> {
  await page.waitForLoadState("networkidle");
  // A notice that is fading out belongs to an earlier action.
  await expect(page.locator("[data-sonner-toast]")).toHaveCount(0, { timeout: 30_000 });
  await page.evaluate(() => (document.activeElement as HTMLElement | null)?.blur());
  await page.screenshot({ path: `${picturesFolder}/${name}.png` });
}

for (const scheme of schemes) {
  test(`the README's pictures, ${scheme}`, async ({ people, stage }) => {
    test.slow();
    const page = await visit(people, stage, scheme);

    await page.goto("/mcp-servers/new");
    await expect(page.getByRole("link", { name: "Linear", exact: true })).toBeVisible();
    await take(page, `new-server-${scheme}`);

    await page.goto(`/mcp-servers/${stage.handbookId}`);
    await page.getByRole("link", { name: "Authorize Team Handbook" }).click();
    await consent(page, "Ada Lovelace");
    await expect(page.getByText("Connected", { exact: true }).first()).toBeVisible();
    await page.goto(`/mcp-servers/${stage.handbookId}`);
    await expect(page.getByText("Read a file").first()).toBeVisible();
    await take(page, `server-detail-${scheme}`);

    await page.goto("/mcp-servers");
    const chat = await Chat.beside(page);
    await chat.ask("Read todo.md from my Personal Files");
    await expect(chat.prompt("Personal Files")).toBeVisible();
    await chat.settled();
    await take(page, `chat-prompt-${scheme}`);
  });
}
