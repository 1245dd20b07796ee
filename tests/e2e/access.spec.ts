import type { Page } from "@playwright/test";
import { accessibilityProblems } from "@/tests/e2e/axe";
import { expect, test } from "@/tests/e2e/fixtures";
import type { Account, Stage } from "@/tests/e2e/stage";

// A page fetched in advance with earlier rights must not open after they change.
test.use({ prefetch: true });

const clear = (stage: Stage) =>
  stage.query(`DELETE FROM "Group" WHERE "name" IN ('Finance', 'Accounting')`);

test.beforeEach(({ stage }) => clear(stage));
test.afterEach(({ stage }) => clear(stage));

const members = (page: Page) => page.getByRole("list", { name: "Members" });
const groupRow = (page: Page, name: string) =>
  page.getByRole("table", { name: "Groups" }).getByRole("row").filter({ hasText: name });

async function addPerson(page: Page, { email }: Account): Promise<void> {
  await page.getByRole("searchbox", { name: "Add a person" }).fill(email);
  await page.getByRole("button", { name: email }).click();
  await expect(members(page)).toContainText(email);
}

/** Starts from the list of groups: its content shows that the page is hydrated. */
async function addGroup(page: Page, name: string, person: Account): Promise<void> {
  await page.goto("/people/groups");
  await page.getByRole("link", { name: "New group" }).click();
  await page.getByRole("textbox", { name: "Name" }).fill(name);
  await addPerson(page, person);
  await page.getByRole("button", { name: "Add group" }).click();
  await expect(groupRow(page, name).getByRole("cell").nth(1)).toHaveText(/1$/);
}

test("an admin creates a group, changes its members, and deletes it", async ({ people, stage }) => {
  const fay = await people.join("Fay Finance");
  const max = await people.join("Max Money");
  const page = await people.visit(stage.admin, { path: "/people/groups" });
  await page.getByRole("link", { name: "New group" }).click();
  await page.getByRole("button", { name: "Add group" }).click();
  await expect(page.getByRole("textbox", { name: "Name" })).toHaveAttribute("aria-invalid", "true");
  await page.getByRole("textbox", { name: "Name" }).fill("Draft");
  const leaving = page.getByRole("alertdialog", { name: "Leave without saving?" });
  await page.getByRole("link", { name: "Cancel" }).click();
  await leaving.getByRole("button", { name: "Stay" }).click();
  await expect(page.getByRole("textbox", { name: "Name" })).toHaveValue("Draft");
  await page.getByRole("link", { name: "Cancel" }).click();
  await leaving.getByRole("button", { name: "Leave" }).click();
  await expect(page).toHaveURL(/\/people\/groups$/);
  await addGroup(page, "Finance", fay);

  await page.getByRole("link", { name: "Finance", exact: true }).click();
  await expect(members(page)).toContainText("Fay Finance");
  await addPerson(page, max);
  await page.getByRole("button", { name: "Remove Fay Finance" }).click();
  await page.getByRole("button", { name: "Save group" }).click();
  await expect(page.getByText("Group saved")).toBeVisible();
  expect(await accessibilityProblems(page)).toEqual([]);
  await page.reload();
  await expect(members(page)).toContainText("Max Money");
  await expect(members(page)).not.toContainText("Fay Finance");

  await page.getByRole("button", { name: "Delete" }).click();
  await page.getByRole("alertdialog").getByRole("button", { name: "Delete group" }).click();
  await expect(page).toHaveURL(/\/people\/groups$/);
  await expect(groupRow(page, "Finance")).toHaveCount(0);
});

test("only members of a group see an assistant that is for that group", async ({
  people,
  stage,
}) => {
  const inside = await people.join("Ina Inside");
  const outside = await people.join("Olaf Outside");
  await people.assistant("Ledger", { serverId: stage.handbookId });
  const page = await people.visit(stage.admin, { path: "/people/groups" });
  await addGroup(page, "Accounting", inside);

  await page.goto("/assistants");
  await page.getByRole("link", { name: "Ledger" }).click();
  await page.getByRole("link", { name: "Access" }).click();
  await page.getByRole("radio", { name: "Chosen people and groups" }).check();
  await expect(page.getByText("Nobody is chosen, so only admins have access.")).toBeVisible();
  await page.getByRole("checkbox", { name: "Accounting" }).check();
  expect(await accessibilityProblems(page)).toEqual([]);
  await page.getByRole("button", { name: "Save access" }).click();
  await expect(page.getByText("Access saved")).toBeVisible();

  const hers = await people.visit(inside, { path: "/assistants" });
  await expect(hers.getByText("Ledger", { exact: true })).toBeVisible();
  const his = await people.visit(outside, { path: "/assistants" });
  await expect(his.getByText("Guide", { exact: true })).toBeVisible();
  await expect(his.getByText("Ledger", { exact: true })).toHaveCount(0);
});
