import type { Page } from "@playwright/test";
import { expect, test } from "@/tests/e2e/fixtures";
import { signIn } from "@/tests/e2e/sign-in";

const fresh = "an entirely new phrase";
const setPassword = (page: Page) => page.getByRole("button", { name: "Set password and sign in" });
const newPassword = (page: Page) => page.getByRole("textbox", { name: "New password" });

/** Creates a link on People, as an admin does. */
async function createLink(page: Page, person: string, email: string): Promise<string> {
  await page.getByRole("button", { name: `Actions for ${person}` }).click();
  await page.getByRole("menuitem", { name: "Create reset link…" }).click();
  const dialog = page.getByRole("dialog");
  await expect(dialog).toContainText("Any earlier reset link stops working.");
  await dialog.getByRole("button", { name: "Create link" }).click();
  const field = dialog.getByRole("textbox", { name: `Link for ${email}` });
  await expect(field).toBeFocused();
  await expect(dialog).toContainText("24 hours");
  await expect(dialog.getByRole("button", { name: "Copy the reset link" })).toBeVisible();
  const link = await field.inputValue();
  await dialog.getByRole("button", { name: "Done" }).click();
  await expect(page.getByRole("button", { name: `Actions for ${person}` })).toBeFocused();
  return link;
}

test("a person who forgot their password sets a new one by an admin's link, and is signed in", async ({
  people,
  stage,
}) => {
  const account = await people.join("Fiona Forgetful");
  const before = await people.visit(account, { path: "/connections" });
  const locked = await people.visit(null, { path: "/sign-in" });
  await locked.getByText("Forgot your password?").click();
  await expect(locked.getByText("Ask an admin for a reset link.")).toBeVisible();
  await expect(locked.getByText("npm run admin:reset")).toBeVisible();

  const admin = await people.visit(stage.admin, { path: "/people" });
  const first = await createLink(admin, "Fiona Forgetful", account.email);
  const link = await createLink(admin, "Fiona Forgetful", account.email);

  await locked.goto(first);
  await expect(locked.getByRole("heading", { name: "no longer works" })).toBeVisible();
  await expect(locked.getByText("Otherwise, ask an admin for a new link.")).toBeVisible();

  // A scanner that opens every link in a mail uses nothing up.
  const seen = await locked.goto(link);
  expect(seen?.headers()["cache-control"]).toContain("no-store");
  await expect(locked.locator("meta[name=referrer]")).toHaveAttribute("content", "no-referrer");
  await locked.reload();
  await expect(locked.getByText(account.email)).toBeVisible();
  await expect(newPassword(locked)).toBeFocused();
  await locked.keyboard.type("short");
  await locked.keyboard.press("Enter");
  await expect(locked.getByText("Use at least 12 characters.").first()).toBeVisible();
  await expect(newPassword(locked)).toHaveValue("short");
  await expect(newPassword(locked)).toBeFocused();
  await newPassword(locked).fill(fresh);
  await setPassword(locked).click();
  await expect(locked).toHaveURL(/\/chat$/);
  await expect(locked.getByRole("textbox", { name: "Message" })).toBeVisible();

  await before.reload();
  await expect(before.getByRole("heading", { name: "Sign in to Usher" })).toBeVisible();
  await signIn(before, account);
  await expect(before.getByText("Incorrect email or password.")).toBeVisible();
  await signIn(before, { ...account, password: fresh });
  await expect(before).toHaveURL(/\/connections/);

  const again = await people.visit(null, { path: link });
  await expect(again.getByRole("heading", { name: "no longer works" })).toBeVisible();
  await expect(again.getByText("It was used already")).toBeVisible();
  const { pathname } = new URL(link);
  expect(stage.output.join("\n")).not.toContain(pathname.split("/").at(-1));
});

test("a link opened in another person's session says so, and changes the session", async ({
  people,
  stage,
}) => {
  const account = await people.join("Oda Other");
  const before = stage.output.length;
  const page = await people.visit(await people.join("Ned Neighbour"), {
    path: await people.resetLink(account),
  });
  await expect(page.getByText(/You are signed in as ned\.neighbour/)).toBeVisible();
  await newPassword(page).fill(fresh);
  await setPassword(page).click();
  await expect(page.getByRole("button", { name: /Oda Other/ })).toBeVisible();
  expect(stage.output.slice(before).join("\n")).not.toContain("request failed");
});

test("a link that expires while its page is open says what to do, and keeps the typed text", async ({
  people,
}) => {
  const account = await people.join("Lena Late");
  const page = await people.visit(null, { path: await people.resetLink(account) });
  await newPassword(page).fill(fresh);
  await people.resetLink(account);
  await setPassword(page).click();
  await expect(page.getByText("Ask an admin for a new link.")).toBeVisible();
  await expect(newPassword(page)).toHaveValue(fresh);
  await expect(page).toHaveURL(/\/reset-password\//);
});
