import type { BrowserContext, Page } from "@playwright/test";
import { expect, test } from "@/tests/e2e/fixtures";
import { signIn } from "@/tests/e2e/sign-in";
import type { Account } from "@/tests/e2e/stage";

// A page fetched in advance must not open after the session has ended.
test.use({ prefetch: true });

const account = (page: Page) => page.getByRole("region", { name: "Sessions" });

async function signedIn(page: Page, person: Account): Promise<Page> {
  await signIn(page, person);
  // The list is visible once the page reacts to clicks.
  await expect(page.getByText("This session")).toBeVisible();
  return page;
}

/** What a thief of this browser's cookies gets. */
const stolen = async (context: BrowserContext) =>
  (await context.cookies()).map(({ name, value }) => `${name}=${value}`).join("; ");

test("signing out ends the session at once, also for anyone with a copy of its cookie", async ({
  people,
  stage,
}) => {
  const person = await people.join("Sara Signout");
  const path = "/sign-in?callbackUrl=/settings/account";
  const page = await signedIn(await people.visit(null, { path }), person);
  const cookie = await stolen(page.context());
  const ask = () => fetch(`${stage.url}/api/connections`, { headers: { cookie } });
  expect((await ask()).status).toBe(200);

  await page.getByRole("button", { name: /Sara Signout/ }).click();
  await page.getByRole("menuitem", { name: "Sign out" }).click();
  await expect(page.getByRole("heading", { name: "Sign in to Usher" })).toBeVisible();
  expect((await ask()).status).toBe(401);
  const renewed = await fetch(`${stage.url}/api/auth/session`, { headers: { cookie } });
  expect(renewed.headers.getSetCookie().join()).not.toContain("session-token=ey");
});

test("a person sees where they are signed in, ends one session, and then all of them", async ({
  people,
}) => {
  const person = await people.join("Lia List");
  const path = "/sign-in?callbackUrl=/settings/account";
  const page = await signedIn(await people.visit(null, { path }), person);
  const phone = await people.visit(null, {
    path,
    userAgent:
      "Mozilla/5.0 (iPhone; CPU iPhone OS 17_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.0 Mobile/15E148 Safari/604.1",
  });
  await signedIn(phone, person);
  await page.reload();
  await expect(account(page).getByRole("listitem")).toHaveCount(2);
  await expect(account(page).getByRole("listitem").first()).toContainText("This session");
  const onPhone = account(page).getByRole("listitem").filter({ hasText: "Safari on iPhone" });
  await expect(onPhone).toContainText("Last seen");

  await onPhone.getByRole("button", { name: /^End/ }).click();
  await page.getByRole("alertdialog").getByRole("button", { name: "End session" }).click();
  // While the dialog is open, the page behind it is hidden from role queries, so no row counts.
  await expect(page.getByRole("alertdialog")).toHaveCount(0);
  await expect(onPhone).toHaveCount(0);
  await phone.reload();
  await expect(phone.getByRole("heading", { name: "Sign in to Usher" })).toBeVisible();

  await signedIn(phone, person);
  await account(page).getByRole("button", { name: "Sign out everywhere" }).click();
  const confirm = page
    .getByRole("alertdialog")
    .getByRole("button", { name: "Sign out everywhere" });
  await confirm.click();
  await expect(page.getByText("You are signed out everywhere")).toBeVisible();
  await phone.reload();
  await expect(phone.getByRole("heading", { name: "Sign in to Usher" })).toBeVisible();
});

test("strangers who fail to sign in with a person's address do not lock them out of a known browser", async ({
  people,
  stage,
}) => {
  const person = await people.join("Dora Device");
  const path = "/sign-in?callbackUrl=/settings/account";
  const page = await signedIn(await people.visit(null, { path }), person);
  const device = (await page.context().cookies(`${stage.url}/api/auth/csrf`)).find(({ name }) =>
    name.startsWith("usher.device"),
  );
  expect(device).toMatchObject({ httpOnly: true, sameSite: "Lax" });
  await page.getByRole("button", { name: /Dora Device/ }).click();
  await page.getByRole("menuitem", { name: "Sign out" }).click();

  // Even from the same network, as everything on this machine is.
  const stranger = await people.visit(null, { path: "/sign-in" });
  await signIn(stranger, { ...person, password: "guessed" });
  for (let tries = 2; tries <= 11; tries += 1) {
    const answer = stranger.waitForResponse("**/api/auth/callback/credentials*");
    await stranger.getByRole("button", { name: "Sign in" }).click();
    await answer;
    await expect(stranger.getByRole("button", { name: "Sign in" })).toBeEnabled();
  }
  await expect(stranger.getByText(/Too many attempts/)).toBeVisible();
  await page.goto(path);
  await signedIn(page, person);
});
