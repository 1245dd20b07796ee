import { expect, test } from "@/tests/e2e/fixtures";
import { newServer } from "@/tests/e2e/operations/served-accounts";

test("a server is switched off, shows that on its page and in the list, and is switched on again", async ({
  people,
  stage,
}) => {
  const id = await newServer(stage, await people.api(stage.admin), "Switched handbook");
  const page = await people.visit(stage.admin, { path: `/mcp-servers/${id}` });
  await page.getByRole("button", { name: "More actions" }).click();
  await page.getByRole("menuitem", { name: "Switch off…" }).click();
  const dialog = page.getByRole("alertdialog", { name: "Switch Switched handbook off?" });
  await expect(dialog.getByText("Its accounts stay connected")).toBeVisible();
  await dialog.getByRole("button", { name: "Switch off" }).click();
  await expect(page.getByText("This server is switched off")).toBeVisible();

  await page.getByRole("link", { name: "MCP Servers" }).first().click();
  const row = page.getByRole("row").filter({ hasText: "Switched handbook" });
  await expect(row.getByText("Off", { exact: true })).toBeVisible();
  await row.getByRole("link").click();
  await page.getByRole("button", { name: "Switch on" }).click();
  await expect(page.getByText("This server is switched off")).toHaveCount(0);
});

test("a duplicate opens under its own name", async ({ people, stage }) => {
  const id = await newServer(stage, await people.api(stage.admin), "First handbook");
  const page = await people.visit(stage.admin, { path: `/mcp-servers/${id}` });
  await page.getByRole("button", { name: "More actions" }).click();
  await page.getByRole("menuitem", { name: "Duplicate" }).click();
  await expect(page.getByRole("heading", { level: 1, name: "First handbook copy" })).toBeVisible();
  await expect(page.getByText("No assistant uses this server yet.")).toBeVisible();
});
