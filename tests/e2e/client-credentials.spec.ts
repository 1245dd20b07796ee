import { accessibilityProblems } from "@/tests/e2e/axe";
import { expect, test } from "@/tests/e2e/fixtures";
import { addServer, choose, expectError, field, fill } from "@/tests/e2e/server-form";

test("an admin connects a server as the client itself, and no one signs in at the provider", async ({
  people,
  stage,
}) => {
  const { provider, handbook } = stage;
  const page = await people.visit(stage.admin, { path: "/mcp-servers/new?by=hand" });
  await expect(field(page, "Server URL")).toBeFocused();
  await fill(page, { "Server URL": handbook.url, Name: "Handbook of a machine" });
  await choose(page, "OAuth 2.0");
  await choose(page, "Client credentials");
  await expect(field(page, "Authorization URL")).toBeHidden();
  await expect(page.getByRole("group", { name: "Token Sharing" })).toBeHidden();
  await page.getByRole("button", { name: "Add server" }).click();
  await expectError(field(page, "Client ID"), "Enter the client ID.");

  await fill(page, {
    "Client ID": provider.serviceClientId,
    "Client secret": provider.clientSecret,
    "Token URL": provider.tokenEndpoint,
    Scopes: "files:read files:write",
  });
  expect(await accessibilityProblems(page)).toEqual([]);
  await addServer(page, "Handbook of a machine");

  await expect(page.getByText("Nobody has to sign in.")).toBeVisible();
  await page.getByRole("link", { name: "Authorize Handbook of a machine" }).first().click();
  await expect(page.getByText("Connected", { exact: true }).first()).toBeVisible();
  await expect(page.getByText("The client’s own")).toBeVisible();
  expect(provider.requests.some(({ path }) => path === "/authorize")).toBe(false);
  expect(provider.tokenRequests.client_credentials).toBe(1);
});

test("the form of a client that signs shows the URL of Usher's keys instead of a secret", async ({
  people,
  stage,
}) => {
  const page = await people.visit(stage.admin, { path: "/mcp-servers/new?by=hand" });
  await expect(field(page, "Server URL")).toBeFocused();
  await choose(page, "OAuth 2.0");
  await page.getByText("Advanced", { exact: true }).click();
  await page.getByRole("combobox", { name: "Client authentication" }).click();
  await page.getByRole("option", { name: /Signed JWT/ }).click();
  await expect(field(page, "Client secret")).toBeHidden();
  const url = await page.getByRole("textbox", { name: "JWKS URL" }).inputValue();
  const response = await page.request.get(new URL(url).pathname);
  expect((await response.json()).keys.map(({ alg }: { alg: string }) => alg)).toEqual([
    ...["ES256", "RS256"],
  ]);
});
