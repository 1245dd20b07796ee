import { expect, type Locator, type Page } from "@playwright/test";

export type Person = "Ada Lovelace" | "Grace Hopper";

/** Answers the practice provider's question in the tab that shows it. */
export async function consent(
  page: Page,
  as: Person,
  decision: "Allow" | "Deny" = "Allow",
): Promise<void> {
  await expect(page.getByRole("heading", { name: /^Allow Usher to use/ })).toBeVisible();
  const person = page.getByRole("radio", { name: as });
  if (!(await person.isChecked())) await page.getByText(as, { exact: true }).click();
  await page.getByRole("button", { name: decision }).click();
}

/** Follows a link that opens a tab. */
export async function openTab(link: Locator): Promise<Page> {
  const [tab] = await Promise.all([link.page().context().waitForEvent("page"), link.click()]);
  return tab;
}

/** The tab has reported that it is done, or has closed itself. */
export async function finished(tab: Page): Promise<void> {
  const closed = tab.isClosed() || tab.waitForEvent("close").then(() => true);
  const said = tab
    .getByText("You can close this tab. Your chat continues automatically.")
    .waitFor()
    .then(() => true)
    // A tab that closes in the meantime ends the wait.
    .catch(() => closed);
  await Promise.race([closed, said]);
}
