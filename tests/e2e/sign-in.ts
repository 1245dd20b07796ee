import type { Page } from "@playwright/test";
import type { Account } from "@/tests/e2e/stage";

/** On the sign-in page. */
export async function signIn(page: Page, { email, password }: Account): Promise<void> {
  await page.getByRole("textbox", { name: "Email" }).fill(email);
  await page.getByRole("textbox", { name: "Password" }).fill(password);
  await page.getByRole("button", { name: "Sign in" }).click();
}
