import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import type { Page } from "@playwright/test";
import { type AuthorizationServer, startAuthorizationServer } from "@/demo/authorization-server";
import { type IdentityProvider, startIdentityProvider } from "@/demo/identity-provider";
import type { PracticeMcpServer } from "@/demo/mcp-server";
import { startPersonalFiles } from "@/demo/practice-files";
import { accessibilityProblems } from "@/tests/e2e/axe";
import { Chat } from "@/tests/e2e/chat";
import { test as base, expect } from "@/tests/e2e/fixtures";
import { freePort } from "@/tests/e2e/next-server";
import { consent, finished, openTab } from "@/tests/e2e/provider-page";
import { addServer, choose, expectError, field, fill } from "@/tests/e2e/server-form";
import { signIn } from "@/tests/e2e/sign-in";
import { openEmptyUsher, type Usher } from "@/tests/e2e/stage";

const admin = { email: "admin@usher.example", password: "correct horse battery" };
const question = "Read todo.md from my Work Files";
const gracesFile = "Cut forty nanoseconds of wire";

interface Organization {
  usher: Usher;
  idp: IdentityProvider;
  provider: AuthorizationServer;
  files: PracticeMcpServer;
}

const test = base.extend<object, { organization: Organization }>({
  organization: [
    async ({ stage }, use) => {
      const dataDir = await mkdtemp(path.join(tmpdir(), "organization-"));
      const port = await freePort();
      const origin = `http://localhost:${port}`;
      const idp = await startIdentityProvider({
        redirectUris: [`${origin}/api/auth/callback/oidc`],
      });
      const provider = await startAuthorizationServer({
        redirectUris: [`${origin}/oauth/callback`],
        identityProvider: idp,
      });
      const files = await startPersonalFiles({ provider, dataDir });
      const { issuer, clientId } = provider;
      idp.connect({ issuer, clientId, resources: () => [files.url] });
      const { usher, close } = await openEmptyUsher(stage.cluster, {
        port,
        env: {
          ...idp.env,
          OIDC_KEEP_TOKENS: "1",
          OIDC_TRUST_EMAIL: "1",
          ADMIN_EMAIL: admin.email,
          ADMIN_PASSWORD: admin.password,
        },
      });
      await use({ usher, idp, provider, files });
      await close();
      for (const one of [files, provider, idp]) await one.close();
      await rm(dataDir, { recursive: true, force: true });
    },
    { scope: "worker", timeout: 120_000 },
  ],
});

/** At the practice identity provider. */
async function signInAs(page: Page, person: string): Promise<void> {
  await expect(page.getByRole("heading", { name: /^Sign in to/ })).toBeVisible();
  await page.getByText(person, { exact: true }).click();
  await page.getByRole("button", { name: "Sign in" }).click();
}

test("an admin sets up access through the organization, and people use it without being asked", async ({
  people,
  organization,
}) => {
  const { usher, idp, provider, files } = organization;
  const page = await people.visit(null, { path: `${usher.url}/mcp-servers/new?by=hand` });
  await signIn(page, admin);

  await test.step("the form asks for what an exchange needs", async () => {
    await expect(field(page, "Server URL")).toBeFocused();
    await fill(page, { "Server URL": files.url, Name: "Work Files" });
    await choose(page, "OAuth 2.0");
    await choose(page, "Organization");
    await expect(field(page, "Authorization URL")).toBeHidden();
    await page.getByRole("button", { name: "Add server" }).click();
    const issuer = page.getByRole("textbox", { name: "Issuer" });
    await expectError(issuer, "Enter the issuer");
    await issuer.fill(provider.issuer);
    await fill(page, {
      "Client ID": provider.clientId,
      "Client secret": provider.clientSecret,
      "Token URL": provider.tokenEndpoint,
      Scopes: "files:read files:write",
    });
    await page.getByText("Let people connect their own account").click();
    await expect(field(page, "Authorization URL")).toBeVisible();
    await fill(page, { "Authorization URL": provider.authorizationEndpoint });
    expect(await accessibilityProblems(page)).toEqual([]);
  });
  const serverId = await addServer(page, "Work Files");

  await test.step("a test says what is missing", async () => {
    await page.getByRole("button", { name: "Test with your account" }).click();
    await expect(page.getByText("Your sign-in gives you no access")).toBeVisible();
    await expect(page.getByText(/Practice ID/).first()).toBeVisible();
    expect(await accessibilityProblems(page)).toEqual([]);
  });
  await test.step("signing in there once lets the test show both requests", async () => {
    idp.assign("ada", provider.issuer);
    await page.goto(`${usher.url}/settings/account`);
    await page.getByRole("button", { name: "Link Practice ID" }).click();
    await signInAs(page, "Ada Lovelace");
    await expect(page.getByText("Linked to ada@practice.example")).toBeVisible();
    await page.goto(`${usher.url}/mcp-servers/${serverId}`);
    await page.getByRole("button", { name: "Test with your account" }).click();
    await expect(page.getByText("Your sign-in gives you access")).toBeVisible();
    const requests = page.getByRole("list", { name: "Requests" });
    await expect(requests).toContainText("RFC 8693 §2.1");
    await expect(requests).toContainText("RFC 7523 §2.1");
    expect(await accessibilityProblems(page)).toEqual([]);
    await expect(page.getByText("Read a file").first()).toBeVisible();
  });
  const made = await page.evaluate(
    (body) => fetch("/api/assistants", { method: "POST", ...body }).then(({ status }) => status),
    {
      headers: { "content-type": "application/json" },
      body: JSON.stringify({
        ...{ name: "Guide", description: "", instructions: "", model: "" },
        servers: [{ serverId, allTools: true, toolNames: [] }],
      }),
    },
  );
  expect(made).toBe(201);

  const member = await people.visit(null, { path: `${usher.url}/connections` });
  await member.getByRole("button", { name: "Continue with Practice ID" }).click();
  await signInAs(member, "Grace Hopper");

  await test.step("a member sees that nothing has to be done", async () => {
    await expect(member.getByText("Connects on first use")).toBeVisible();
    await expect(member.getByRole("link", { name: /Authorize/ })).toHaveCount(0);
  });

  const chat = Chat.onPage(member);
  await test.step("a call of theirs is refused where they are not assigned, and offers their own account", async () => {
    await member.goto(`${usher.url}/chat`);
    await chat.ask(question);
    const prompt = chat.prompt("Work Files");
    await expect(prompt).toContainText("needs access from your organization");
    expect(await accessibilityProblems(member)).toEqual([]);
    await prompt.getByRole("button", { name: "Try again" }).click();
    await expect(prompt).toContainText("Still refused.");
    const tab = await openTab(prompt.getByRole("link", { name: "Use your own account" }));
    await consent(tab, "Grace Hopper");
    await finished(tab);
    await expect(chat.answer).toContainText(gracesFile);
    await expect(chat.toolCall("Read a file")).not.toContainText("organization");
  });

  await test.step("their own account ends when they disconnect it, and the organization's serves them", async () => {
    idp.assign("grace", provider.issuer);
    await member.goto(`${usher.url}/connections`);
    await member.getByRole("button", { name: "Disconnect Work Files" }).click();
    await member.getByRole("alertdialog").getByRole("button", { name: "Disconnect" }).click();
    await expect(member.getByText("Connects on first use")).toBeVisible();
    await member.goto(`${usher.url}/chat`);
    await chat.root.getByRole("button", { name: "New conversation" }).click();
    await chat.ask(question);
    await expect(chat.answer).toContainText(gracesFile);
    await expect(chat.toolCall("Read a file")).toContainText("managed by your organization");
    await expect(chat.prompt("Work Files")).toHaveCount(0);
  });
});
