import type { Page } from "@playwright/test";
import { test as base, expect } from "@/tests/e2e/fixtures";
import { freePort } from "@/tests/e2e/next-server";
import { signIn } from "@/tests/e2e/sign-in";
import { openEmptyUsher, type Usher } from "@/tests/e2e/stage";
import { type IdentityProvider, startIdentityProvider } from "@/tests/support/identity-provider";

const admin = { email: "admin@usher.example", password: "correct horse battery" };

const test = base.extend<object, { sso: { usher: Usher; provider: IdentityProvider } }>({
  sso: [
    async ({ stage }, use) => {
      const port = await freePort();
      const provider = await startIdentityProvider({
        redirectUri: `http://localhost:${port}/api/auth/callback/oidc`,
        signingAlgorithm: "PS256",
        claimsFromUserinfo: true,
      });
      const env = {
        ...provider.env,
        ADMIN_EMAIL: admin.email,
        ADMIN_PASSWORD: admin.password,
      };
      const { usher, close } = await openEmptyUsher(stage.cluster, { port, env });
      await use({ usher, provider });
      await close();
      await provider.close();
    },
    { scope: "worker", timeout: 120_000 },
  ],
});

const continueWith = (page: Page) =>
  page.getByRole("button", { name: "Continue with Acme ID" }).click();

test("a person signs in with the identity provider, and lands where they were going", async ({
  people,
  sso,
}) => {
  const { usher, provider } = sso;
  provider.people.set("olga", {
    email: "olga@example.com",
    email_verified: true,
    name: "Olga Oidc",
  });
  provider.next({ login: "olga" });
  const page = await people.visit(null, { path: `${usher.url}/connections` });
  await continueWith(page);
  await expect(page).toHaveURL(`${usher.url}/connections`);
  await page.goto(`${usher.url}/settings/account`);
  await expect(page.getByText("Linked to olga@example.com")).toBeVisible();
  await expect(page.getByRole("listitem").filter({ hasText: "This session" })).toContainText(
    "Single sign-on",
  );
  await expect(page.getByRole("heading", { name: "Password" })).toHaveCount(0);
});

test("the page says what went wrong: cancelled, unreachable, not verified, refused", async ({
  people,
  sso,
}) => {
  const { usher, provider } = sso;
  const page = await people.visit(null, { path: `${usher.url}/connections` });
  provider.next("cancel");
  await continueWith(page);
  await expect(page.getByText("Sign-in was cancelled at Acme ID")).toBeVisible();

  provider.people.set("eve", { email: admin.email, name: "Eve" });
  provider.next({ login: "eve" });
  await continueWith(page);
  await expect(page.getByText("Acme ID has not confirmed your email address")).toBeVisible();

  provider.intercept("/token", (_, response) => void response.writeHead(503).end());
  await continueWith(page);
  await expect(page.getByText("Acme ID cannot be reached")).toBeVisible();

  provider.intercept("/token", (_, response) => {
    response.writeHead(400, { "content-type": "application/json" });
    response.end(JSON.stringify({ error: "invalid_grant" }));
  });
  await continueWith(page);
  await expect(page.getByText("Acme ID and Usher do not agree on the sign-in")).toBeVisible();
  provider.intercept("/token", null);

  // Another person sits down at the provider.
  await page.context().clearCookies({ domain: new URL(provider.issuer).hostname });
  provider.people.set("olga-2", { email: "olga2@example.com", email_verified: true });
  provider.next({ login: "olga-2" });
  await continueWith(page);
  await expect(page).toHaveURL(`${usher.url}/connections`);
});

test("an admin with a password links the account in its settings, then signs in with it", async ({
  people,
  sso,
}) => {
  const { usher, provider } = sso;
  provider.people.set("ann", { email: admin.email, email_verified: true, name: "Ann" });
  provider.next({ login: "ann" });
  const page = await people.visit(null, { path: `${usher.url}/settings/account` });
  await continueWith(page);
  await expect(page.getByText("Sign in with your password first.")).toBeVisible();
  await signIn(page, admin);
  await page.getByRole("button", { name: "Link Acme ID" }).click();
  await expect(page.getByText("You can now sign in with Acme ID")).toBeVisible();
  await expect(page).toHaveURL(`${usher.url}/settings/account`);
  await expect(page.getByText(`Linked to ${admin.email}`)).toBeVisible();

  const elsewhere = await people.visit(null, { path: `${usher.url}/people` });
  await continueWith(elsewhere);
  await expect(elsewhere.getByRole("heading", { name: "People" })).toBeVisible();

  await page.getByRole("button", { name: "Unlink" }).click();
  await page.getByRole("alertdialog").getByRole("button", { name: "Unlink" }).click();
  await expect(page.getByText("Not linked")).toBeVisible();
});
