import { readFile } from "node:fs/promises";
import type { Page } from "@playwright/test";
import { accessibilityProblems } from "@/tests/e2e/axe";
import { expect, test } from "@/tests/e2e/fixtures";
import { signIn } from "@/tests/e2e/sign-in";

// A page fetched in advance with earlier rights must not open after they change.
test.use({ prefetch: true });

async function chooseAction(page: Page, name: string, action: RegExp | string): Promise<void> {
  await page.getByRole("button", { name: `Actions for ${name}` }).click();
  await page.getByRole("menuitem", { name: action }).click();
}

async function changeRole(page: Page, name: string, to: "Admin" | "Member"): Promise<void> {
  await page.getByRole("button", { name: `Role of ${name}:` }).click();
  await page.getByRole("menuitemradio", { name: new RegExp(`^${to}`) }).click();
}

test("an invited person joins by the link, chats, and sees no admin page", async ({
  people,
  stage,
}) => {
  const email = `ivy.${Date.now()}@usher.example`;
  const page = await people.visit(stage.admin, { path: "/people" });
  await page.getByRole("button", { name: "Invite" }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByRole("textbox", { name: "Email" }).fill("no address");
  await dialog.getByRole("button", { name: "Create link" }).click();
  await expect(dialog.getByText("Enter an email address, such as ada@example.com.")).toBeVisible();
  await dialog.getByRole("textbox", { name: "Email" }).fill(email);
  await dialog.getByRole("button", { name: "Create link" }).click();
  const link = await dialog.getByRole("textbox", { name: `Link for ${email}` }).inputValue();
  await dialog.getByRole("button", { name: "Done" }).click();
  await expect(page.getByRole("table", { name: "Open invitations" })).toContainText(email);

  const invited = await people.visit(null, { path: link });
  await expect(invited.getByRole("textbox", { name: "Email" })).toHaveValue(email);
  await invited.getByRole("textbox", { name: "Your name" }).fill("Ivy Vited");
  await invited.getByRole("textbox", { name: "Password" }).fill("short");
  await invited.getByRole("button", { name: "Join" }).click();
  await expect(invited.getByText("Use at least 12 characters.").first()).toBeVisible();
  await invited.getByRole("textbox", { name: "Password" }).fill("ivy grows slowly");
  await invited.getByRole("button", { name: "Join" }).click();
  await expect(invited).toHaveURL(/\/chat$/);
  await expect(invited.getByRole("textbox", { name: "Message" })).toBeVisible();
  await expect(invited.getByRole("link", { name: "MCP Servers" })).toHaveCount(0);

  for (const path of [
    "/mcp-servers",
    "/mcp-servers/new",
    `/mcp-servers/${stage.handbookId}`,
    `/mcp-servers/${stage.handbookId}/edit`,
    "/assistants/new",
    "/people",
    "/settings",
  ]) {
    await invited.goto(path);
    await expect(invited.getByText("You don’t have access to this page"), path).toBeVisible();
  }
  for (const path of ["mcp-servers", "people", "settings", "assistants/form-context"]) {
    expect((await invited.request.get(`/api/${path}`)).status(), path).toBe(403);
  }
  const again = await people.visit(null, { path: link });
  await expect(
    again.getByRole("heading", { name: "This invitation no longer works" }),
  ).toBeVisible();
});

test("several people are invited from a pasted list, with a result for each", async ({
  people,
  stage,
}) => {
  const page = await people.visit(stage.admin, { path: "/people" });
  await page.getByRole("button", { name: "Invite", exact: true }).click();
  await page.getByRole("button", { name: "Invite several" }).click();
  const dialog = page.getByRole("dialog", { name: "Invite several people" });
  const list = dialog.getByRole("textbox", { name: "Email addresses" });
  await expect(list).toBeFocused();
  await list.fill(
    `pat@several.example\nsam@several.example, auditor\n${stage.admin.email}\nnobody`,
  );
  await dialog.getByRole("button", { name: "Create links" }).click();
  const links = page.getByRole("dialog", { name: "Share these links" });
  await expect(links.getByRole("row", { name: /pat@several/ })).toContainText(
    "Invited as a member",
  );
  await expect(links.getByRole("row", { name: /sam@several/ })).toContainText(
    "Invited as an auditor",
  );
  await expect(links.getByRole("row", { name: stage.admin.email })).toContainText("Already here");
  await expect(links.getByRole("row", { name: "nobody" })).toContainText("No email address");
  const download = page.waitForEvent("download");
  await links.getByRole("button", { name: "Download CSV" }).click();
  const file = await readFile(await (await download).path(), "utf8");
  expect(file.split("\r\n")).toHaveLength(4);
  expect(file).toMatch(/"pat@several.example","MEMBER","http.*\/invite\//);
  expect(await accessibilityProblems(page)).toEqual([]);
  await links.getByRole("button", { name: "Done" }).click();
  await expect(page.getByRole("cell", { name: "pat@several.example", exact: true })).toBeVisible();
});

test("a role change takes effect with the next request", async ({ people, stage }) => {
  const account = await people.join("Rosa Role");
  const member = await people.visit(account, { path: "/connections" });
  const page = await people.visit(stage.admin, { path: "/people" });
  await changeRole(page, "Rosa Role", "Admin");
  await page.getByRole("alertdialog").getByRole("button", { name: "Make admin" }).click();
  await expect(page.getByRole("button", { name: "Role of Rosa Role: Admin" })).toBeVisible();
  await member.goto("/mcp-servers");
  await expect(member.getByRole("link", { name: "Team Handbook" })).toBeVisible();

  await changeRole(page, "Rosa Role", "Member");
  await page.getByRole("alertdialog").getByRole("button", { name: "Make member" }).click();
  await expect(page.getByRole("button", { name: "Role of Rosa Role: Member" })).toBeVisible();
  await member.goto("/mcp-servers");
  await expect(member.getByText("You don’t have access to this page")).toBeVisible();
});

test("a disabled person is signed out at the next request and cannot sign in until enabled", async ({
  people,
  stage,
}) => {
  const account = await people.join("Dora Disabled");
  const dora = await people.visit(account, { path: "/connections" });
  const page = await people.visit(stage.admin, { path: "/people" });
  const row = page.getByRole("row", { name: /Dora Disabled/ });
  await chooseAction(page, "Dora Disabled", "Disable…");
  await page.getByRole("alertdialog").getByRole("button", { name: "Disable" }).click();
  await expect(row.getByText("Disabled", { exact: true })).toBeVisible();

  await dora.reload();
  await expect(dora.getByRole("heading", { name: "Sign in to Usher" })).toBeVisible();
  await signIn(dora, account);
  await expect(dora.getByText(/Incorrect email or password|account is disabled/)).toBeVisible();

  await chooseAction(page, "Dora Disabled", "Create reset link…");
  const refusal = page.getByRole("dialog");
  await expect(refusal).toContainText("Enable the account first, then create the link.");
  await expect(refusal.getByRole("button", { name: "Create link" })).toHaveCount(0);
  await page.keyboard.press("Escape");
  await expect(page.getByRole("button", { name: "Actions for Dora Disabled" })).toBeFocused();

  await chooseAction(page, "Dora Disabled", "Enable…");
  await page.getByRole("alertdialog").getByRole("button", { name: "Enable" }).click();
  await expect(row.getByText("Active", { exact: true })).toBeVisible();
  await signIn(dora, account);
  await expect(dora.getByRole("heading", { name: "Connections" })).toBeVisible();
});

test("no one can be disabled before the dialog says what ends", async ({ people, stage }) => {
  await people.join("Wade Waiting");
  const page = await people.visit(stage.admin, { path: "/people" });
  let answer = () => {};
  const held = new Promise<void>((resolve) => {
    answer = resolve;
  });
  await page.route(/\/api\/people\/[\w-]+$/, async (route) => {
    await held;
    await route.continue();
  });
  await chooseAction(page, "Wade Waiting", "Disable…");
  const dialog = page.getByRole("alertdialog");
  await expect(dialog.getByRole("status")).toHaveText("Loading");
  await expect(dialog.getByRole("button", { name: "Disable" })).toBeDisabled();
  answer();
  await expect(dialog).toContainText("Not signed in anywhere.");
  await expect(dialog.getByRole("button", { name: "Disable" })).toBeEnabled();
});

test("a person's page says what ends before it disables them, and afterwards that it has ended", async ({
  people,
  stage,
}) => {
  await people.visit(await people.join("Pia Page"), { path: "/connections" });
  const page = await people.visit(stage.admin, { path: "/people" });
  await page.getByRole("link", { name: "Pia Page" }).click();
  await expect(page.getByRole("heading", { name: "Pia Page", level: 1 })).toBeVisible();
  await expect(page.getByRole("table", { name: /^Sessions/ })).toBeVisible();
  await page.getByRole("button", { name: "Actions for Pia Page" }).click();
  await page.getByRole("menuitem", { name: "Disable…" }).click();
  const dialog = page.getByRole("alertdialog", { name: "Disable Pia Page?" });
  await expect(dialog).toContainText("Ended immediately: 1 session.");
  await expect(dialog).toContainText("No connected accounts to revoke.");
  await dialog.getByRole("button", { name: "Disable" }).click();
  await expect(page.getByText("Disabled", { exact: true })).toBeVisible();
  await expect(page.getByText("Not signed in anywhere.")).toBeVisible();
  await page.getByRole("button", { name: "Actions for Pia Page" }).click();
  await expect(page.getByRole("menuitem", { name: "Enable…" })).toBeVisible();
});

test("deleting a person requires typing their address, and removes them from the list", async ({
  people,
  stage,
}) => {
  const account = await people.join("Gus Gone");
  const page = await people.visit(stage.admin, { path: "/people" });
  await chooseAction(page, "Gus Gone", "Delete…");
  const dialog = page.getByRole("alertdialog", { name: "Delete Gus Gone?" });
  await expect(dialog).toContainText("They leave all groups.");
  await dialog.getByRole("checkbox", { name: "Erase their name from the audit" }).check();
  await expect(dialog.getByRole("button", { name: "Delete" })).toBeDisabled();
  await dialog.getByRole("textbox").fill(account.email);
  await dialog.getByRole("button", { name: "Delete" }).click();
  await expect(page.getByText("The person was deleted")).toBeVisible();
  await expect(page.getByRole("link", { name: "Gus Gone" })).toHaveCount(0);
  const traces = await stage.query(`SELECT 1 FROM "AuditEvent" WHERE details::text LIKE $1`, [
    `%${account.email}%`,
  ]);
  expect(traces).toEqual([]);
});

test("the last admin cannot give up the role", async ({ people, stage }) => {
  await stage.query(`UPDATE "User" SET role = 'MEMBER' WHERE role = 'ADMIN' AND email <> $1`, [
    stage.admin.email,
  ]);
  const page = await people.visit(stage.admin, { path: "/people" });
  await changeRole(page, "admin", "Member");
  const dialog = page.getByRole("alertdialog", { name: "Give up your admin role?" });
  await dialog.getByRole("button", { name: "Make member" }).click();
  await expect(dialog).toContainText("This is the last admin. Make somebody else an admin first.");
  await dialog.getByRole("button", { name: "Cancel" }).click();
  await page.reload();
  await expect(page.getByRole("button", { name: "Role of admin: Admin" })).toBeVisible();
});

test("after many wrong passwords even the right one has to wait, and the page says how long", async ({
  people,
}) => {
  const account = await people.join("Luca Limited");
  const page = await people.visit(null, { path: "/sign-in" });
  await signIn(page, { ...account, password: "wrong every time" });
  await expect(page.getByText("Incorrect email or password.")).toBeVisible();
  for (let attempt = 2; attempt <= 10; attempt += 1) {
    const refused = page.waitForResponse("**/api/auth/callback/credentials*");
    await page.getByRole("button", { name: "Sign in" }).click();
    expect((await refused).status()).toBe(401);
    await expect(page.getByRole("button", { name: "Sign in" })).toBeEnabled();
  }
  await signIn(page, account);
  await expect(page.getByText(/Too many attempts\. Wait 15 minutes/)).toBeVisible();
  await expect(page).toHaveURL(/\/sign-in/);
});

test("a changed password ends every other session, and only the new one works", async ({
  people,
}) => {
  const account = await people.join("Petra Password");
  const page = await people.visit(account, { path: "/settings/account" });
  const elsewhere = await people.visit(null, { path: "/sign-in?callbackUrl=/connections" });
  await signIn(elsewhere, account);
  await expect(elsewhere.getByRole("heading", { name: "Connections" })).toBeVisible();
  await page.getByRole("textbox", { name: "Current password" }).fill("not this one");
  const fresh = "an entirely new phrase";
  await page.getByRole("textbox", { name: "New password", exact: true }).fill(fresh);
  await page.getByRole("textbox", { name: "Confirm new password" }).fill(fresh);
  const change = page.getByRole("button", { name: "Change password" });
  await change.click();
  await expect(page.getByText("That is not your current password.").first()).toBeVisible();
  await page.getByRole("textbox", { name: "Current password" }).fill(account.password);
  await change.click();

  await expect(page.getByText("Password changed")).toBeVisible();
  await page.reload();
  await expect(page.getByText("This session")).toBeVisible();
  await elsewhere.reload();
  await expect(elsewhere.getByRole("heading", { name: "Sign in to Usher" })).toBeVisible();
  await signIn(elsewhere, account);
  await expect(elsewhere.getByText("Incorrect email or password.")).toBeVisible();
  await signIn(elsewhere, { ...account, password: fresh });
  await expect(elsewhere).toHaveURL(/\/connections/);
});
