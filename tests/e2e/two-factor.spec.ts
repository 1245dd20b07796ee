import { readFile } from "node:fs/promises";
import type { Page } from "@playwright/test";
import { accessibilityProblems } from "@/tests/e2e/axe";
import { expect, test } from "@/tests/e2e/fixtures";
import { signIn } from "@/tests/e2e/sign-in";
import { type Account, openEmptyUsher } from "@/tests/e2e/stage";
import { codeAt } from "@/tests/support/authenticator";

// A page fetched in advance must not open before two-factor authentication is set up.
test.use({ prefetch: true });

const codeField = (page: Page) => page.getByRole("textbox", { name: "Code", exact: true });
const section = (page: Page) => page.getByRole("region", { name: "Two-factor authentication" });
const expectAccessible = async (page: Page) =>
  expect(await accessibilityProblems(page)).toEqual([]);

/** In the dialog: it asks for the password first. */
async function enterOwnPassword(page: Page, { password }: Account): Promise<void> {
  const field = page.getByRole("dialog").getByRole("textbox", { name: "Your password" });
  await expect(field).toBeFocused();
  await expectAccessible(page);
  await field.fill(password);
  await page.keyboard.press("Enter");
}

/** Reads the key as text, types its code, and takes the recovery codes. */
async function setUp(page: Page): Promise<{ secret: string; recoveryCodes: string[] }> {
  await expect(page.getByRole("img", { name: "QR code for your authenticator app" })).toBeVisible();
  await expect(codeField(page)).toBeFocused();
  await expectAccessible(page);
  const key = page.getByRole("textbox", { name: "Or enter this key in the app" });
  const secret = (await key.inputValue()).replaceAll(" ", "");
  await page.keyboard.type(codeAt(secret, new Date()));
  await page.keyboard.press("Enter");
  await expect(page.getByText("Save these recovery codes now")).toBeVisible();
  await expectAccessible(page);
  const [download] = await Promise.all([
    page.waitForEvent("download"),
    page.getByRole("button", { name: "Download" }).click(),
  ]);
  expect(download.suggestedFilename()).toBe("usher-recovery-codes.txt");
  const saved = await readFile(await download.path(), "utf8");
  return { secret, recoveryCodes: saved.trim().split("\n") };
}

async function signOut(page: Page, name: string): Promise<void> {
  await page.getByRole("button", { name: new RegExp(name) }).click();
  await page.getByRole("menuitem", { name: "Sign out" }).click();
  await expect(page.getByRole("textbox", { name: "Email" })).toBeFocused();
}

async function enterPassword(page: Page, person: Account): Promise<void> {
  await signIn(page, person);
  await expect(codeField(page)).toBeFocused();
  await expect(page.getByRole("heading", { name: "Two-factor authentication" })).toBeVisible();
  await expect(page.getByText("Forgot your password?")).toHaveCount(0);
}

test("a person turns on two-factor authentication, and signs in with a code and with a recovery code", async ({
  people,
  stage,
}) => {
  test.slow();
  const person = await people.join("Sven Second");
  const path = "/sign-in?callbackUrl=/settings/account";
  const page = await people.visit(null, { path });
  await signIn(page, person);
  await section(page).getByRole("button", { name: "Set up" }).click();
  await enterOwnPassword(page, person);
  const { secret, recoveryCodes } = await setUp(page);
  expect(recoveryCodes).toHaveLength(10);
  await page.getByRole("button", { name: "I have saved them" }).click();
  await expect(section(page).getByText("10 recovery codes left")).toBeVisible();

  await signOut(page, "Sven Second");
  await page.goto(path);
  await enterPassword(page, person);
  await expectAccessible(page);
  await page.keyboard.type("000000");
  await page.keyboard.press("Enter");
  await expect(page.getByText("That code is incorrect or has already been used.")).toBeVisible();
  // Typing replaces the selection. The code of the next half minute: the current one confirmed the app.
  await page.keyboard.type(codeAt(secret, new Date(), 1));
  await page.keyboard.press("Enter");
  await expect(page).toHaveURL(/\/settings\/account$/);
  await expect(section(page).getByText("10 recovery codes left")).toBeVisible();

  await signOut(page, "Sven Second");
  await page.goto(path);
  await enterPassword(page, person);
  await page.getByRole("button", { name: "Back" }).click();
  await expect(page.getByRole("textbox", { name: "Email" })).toBeFocused();
  await enterPassword(page, person);
  await page.getByRole("button", { name: "Use a recovery code" }).click();
  await expect(page.getByRole("textbox", { name: "Recovery code" })).toBeFocused();
  await page.keyboard.type(recoveryCodes[0] ?? "");
  await page.keyboard.press("Enter");
  await expect(section(page).getByText("9 recovery codes left")).toBeVisible();

  await section(page).getByRole("button", { name: "Turn off" }).click();
  const dialog = page.getByRole("dialog");
  await expect(dialog.getByRole("textbox", { name: "Your password" })).toBeFocused();
  await page.keyboard.type("not the password");
  await page.keyboard.press("Enter");
  await expect(dialog.getByText("That is not your password.")).toBeVisible();
  await expectAccessible(page);
  await dialog.getByRole("textbox", { name: "Your password" }).fill(person.password);
  await dialog.getByRole("button", { name: "Turn off" }).click();
  await expect(section(page).getByRole("button", { name: "Set up" })).toBeVisible();
  expect(stage.output.join("\n")).not.toContain(secret);
});

test("an admin resets two-factor authentication for a person who lost everything", async ({
  people,
  stage,
}) => {
  const person = await people.join("Lotta Lost");
  const page = await people.visit(person, { path: "/settings/account" });
  await section(page).getByRole("button", { name: "Set up" }).click();
  await enterOwnPassword(page, person);
  await setUp(page);
  const [row] = await stage.query<{ id: string }>('SELECT "id" FROM "User" WHERE "email" = $1', [
    person.email,
  ]);
  const admin = await people.visit(stage.admin, { path: `/people/${row?.id}` });
  await expect(admin.getByText("2FA", { exact: true })).toBeVisible();
  await admin.getByRole("button", { name: "Actions for Lotta Lost" }).click();
  await admin.getByRole("menuitem", { name: "Reset two-factor authentication…" }).click();
  await admin
    .getByRole("alertdialog")
    .getByRole("button", { name: "Reset two-factor authentication" })
    .click();
  await expect(admin.getByRole("alertdialog")).toHaveCount(0);
  await expect(admin.getByText("2FA", { exact: true })).toHaveCount(0);
  await page.goto("/settings/account");
  await signIn(page, person);
  await expect(section(page).getByRole("button", { name: "Set up" })).toBeVisible();
});

test("where two-factor authentication is required, nothing else opens until it is set up", async ({
  people,
  stage,
}) => {
  test.slow();
  const admin = { email: "ada@usher.example", password: "the password of Ada Admin" };
  const { usher, close } = await openEmptyUsher(stage.cluster, {
    env: { REQUIRE_TWO_FACTOR: "1", ADMIN_EMAIL: admin.email, ADMIN_PASSWORD: admin.password },
  });
  try {
    const page = await people.visit(null, { path: `${usher.url}/sign-in?callbackUrl=/people` });
    await signIn(page, admin);
    await expect(
      page.getByRole("heading", { name: "Set up two-factor authentication" }),
    ).toBeVisible();
    const refused = await page.request.get(`${usher.url}/api/people`);
    expect((await refused.json()).error.code).toBe("two_factor_required");
    await page.goto(`${usher.url}/people`);
    await expect(page).toHaveURL(/\/two-factor\?callbackUrl=%2Fpeople$/);
    await setUp(page);
    await page.getByRole("button", { name: "I have saved them" }).click();
    await expect(page).toHaveURL(/\/people$/);
    await expect(page.getByRole("heading", { name: "People" })).toBeVisible();
    // Before its server stops: the page may still be loading parts of itself.
    await page.context().close();
  } finally {
    await close();
  }
});
