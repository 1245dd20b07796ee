import path from "node:path";
import type { Locator, Page } from "@playwright/test";
import { startAuthorizationServer } from "@/demo/authorization-server";
import { startPersonalFiles } from "@/demo/practice-files";
import { Chat } from "@/tests/e2e/chat";
import { closedAfterEach } from "@/tests/e2e/closed-after-each";
import { expect, type People, test } from "@/tests/e2e/fixtures";
import { consent } from "@/tests/e2e/provider-page";
import { addServer, choose, field, fill } from "@/tests/e2e/server-form";
import { startGuardedMcpServer } from "@/tests/support/guarded-mcp-server";
import { startEverythingServer, startPlainMcpServer } from "@/tests/support/mcp-servers";
import { startSdkAuthorizationServer } from "@/tests/support/sdk-authorization-server";

const newServer = { path: "/mcp-servers/new?by=hand" };

const open = closedAfterEach();

/** Pastes a URL and waits for the discovery's outcome. */
async function discover(page: Page, url: string, ends: string | RegExp): Promise<void> {
  await fill(page, { "Server URL": url });
  await page.getByRole("button", { name: "Discover", exact: true }).click();
  await expect(page.getByText(ends).first()).toBeVisible();
}

async function openChecklist(page: Page): Promise<void> {
  await page.getByText("Checklist", { exact: true }).click();
}

/** As from the clipboard, into the focused element. */
async function paste(page: Page, text: string): Promise<void> {
  await page.evaluate((pasted) => {
    const clipboardData = new DataTransfer();
    clipboardData.setData("text/plain", pasted);
    const event = new ClipboardEvent("paste", { clipboardData, bubbles: true, cancelable: true });
    document.activeElement?.dispatchEvent(event);
  }, text);
}

/** A line of the open checklist, by the step's name. */
function step(page: Page, name: string): Locator {
  return page.getByRole("listitem").filter({ has: page.getByRole("heading", { name }) });
}

/** Each story ends once a tool has answered. */
async function ask(
  page: Page,
  people: People,
  server: { id: string; name: string },
  question: string,
  answer: string | RegExp,
): Promise<void> {
  await expect(page.getByText("Connected", { exact: true }).first()).toBeVisible();
  await people.assistant(`Guide to ${server.name}`, { serverId: server.id });
  await page.goto("/chat");
  const chat = Chat.onPage(page);
  await chat.chooseAssistant(`Guide to ${server.name}`);
  await chat.ask(question);
  await expect(chat.answer).toContainText(answer);
}

test("a URL leads to a tool's answer where oidc-provider registers clients: only a name is typed in addition", async ({
  people,
  stage,
}) => {
  const provider = open(await startAuthorizationServer({ redirectUris: [], registration: true }));
  const dataDir = path.join(stage.folder, "pasted");
  const files = open(await startPersonalFiles({ provider, dataDir }));
  const page = await people.visit(stage.admin, newServer);
  await discover(page, files.url, /^OAuth 2.0 found at .* Usher registers itself/);
  await openChecklist(page);
  for (const name of ["MCP server", "Protected resource metadata", "PKCE (S256)", "Revocation"]) {
    await expect(step(page, name)).toContainText("Done");
  }
  await expect(step(page, "Registration")).toContainText("Usher registers when");
  await expect(
    step(page, "Authorization server metadata").getByRole("link", { name: /^RFC 8414/ }),
  ).toHaveAttribute("href", /rfc8414#section-3/);
  await expect(page.getByRole("radio", { name: "OAuth 2.0" })).toBeChecked();
  await expect(page.getByRole("radio", { name: "Dynamic registration" })).toBeChecked();
  await expect(field(page, "Token URL")).toHaveValue(provider.tokenEndpoint);
  await expect(field(page, "Client ID")).toHaveCount(0);

  await fill(page, { Name: "Pasted Files" });
  const id = await addServer(page, "Pasted Files");
  await expect(page.getByText("Not registered yet")).toBeVisible();
  await page.getByRole("link", { name: "Authorize Pasted Files" }).click();
  await consent(page, "Ada Lovelace");
  await page.locator("summary").filter({ hasText: "Registered by Usher" }).click();
  await expect(page.getByText("Somebody authorized for the first time.")).toBeVisible();
  await ask(page, people, { id, name: "Pasted Files" }, "List the Pasted Files", "todo.md");
});

test("a URL leads to a tool's answer where oidc-provider registers no clients: client ID and secret are typed in", async ({
  people,
  stage,
}) => {
  const page = await people.visit(stage.admin, newServer);
  await discover(page, stage.handbook.url, /Create an OAuth app there, and enter its client ID/);
  await openChecklist(page);
  await expect(step(page, "Registration")).toContainText("Note");
  await expect(page.getByRole("radio", { name: "Pre-registered" })).toBeChecked();
  await expect(field(page, "Authorization URL")).toHaveValue(stage.provider.authorizationEndpoint);
  await fill(page, {
    Name: "Pasted Handbook",
    "Client ID": stage.provider.clientId,
    "Client secret": stage.provider.clientSecret,
  });
  const id = await addServer(page, "Pasted Handbook");
  await page.getByRole("link", { name: "Authorize Pasted Handbook" }).click();
  await consent(page, "Ada Lovelace");
  const question = "Read onboarding.md from the Pasted Handbook";
  await ask(page, people, { id, name: "Pasted Handbook" }, question, "Gertrude");
});

test("a URL leads to a tool's answer behind the SDK's own auth router, and a forgotten client is reported on the page", async ({
  people,
  stage,
}) => {
  const provider = open(await startSdkAuthorizationServer());
  const server = open(await startGuardedMcpServer(provider, { challengedScope: "files:read" }));
  const page = await people.visit(stage.admin, newServer);
  await discover(page, server.url, /^OAuth 2.0 found at/);
  await expect(field(page, "Scopes")).toHaveValue("files:read");
  await fill(page, { Name: "Routed" });
  const id = await addServer(page, "Routed");
  await page.getByRole("link", { name: "Authorize Routed" }).click();
  await ask(page, people, { id, name: "Routed" }, "Read with Routed", "Did read.");

  provider.forgetClients();
  await stage.query(
    `UPDATE "OAuthClient" SET "registeredAt" = now() - interval '1 hour' WHERE "serverId" = $1`,
    [id],
  );
  await page.goto(`/mcp-servers/${id}`);
  await page
    .getByRole("link", { name: /Authorize/ })
    .first()
    .click();
  await expect(
    page.getByText("The provider no longer recognized the previous client."),
  ).toBeVisible();
  expect(provider.clients.size).toBe(1);
});

test("a URL leads to a tool's answer from server-everything behind a bearer guard", async ({
  people,
  stage,
}) => {
  const provider = open(await startSdkAuthorizationServer());
  const everything = open(await startEverythingServer("streamableHttp"));
  const server = open(await startGuardedMcpServer(provider, { upstreamUrl: everything.url }));
  const page = await people.visit(stage.admin, newServer);
  await discover(page, server.url, /^OAuth 2.0 found at/);
  await fill(page, { Name: "Everything" });
  const id = await addServer(page, "Everything");
  await page.getByRole("link", { name: "Authorize Everything" }).click();
  await ask(page, people, { id, name: "Everything" }, 'Echo "all of it"', "Echo: all of it");
});

test("a pasted URL is looked up at once, as https where it has no scheme, and the outcome is in view with the server's name", async ({
  people,
  stage,
}) => {
  const provider = open(await startSdkAuthorizationServer());
  const server = open(await startGuardedMcpServer(provider, { resourceName: "Team Wiki" }));
  const page = await people.visit(stage.admin, newServer);
  const url = field(page, "Server URL");
  await expect(url).toBeFocused();
  for (const viewport of [
    { width: 1440, height: 900 },
    { width: 390, height: 844 },
  ]) {
    await page.setViewportSize(viewport);
    await page.goto("/mcp-servers/new?by=hand");
    await expect(url).toBeFocused();
    await paste(page, server.url);
    await expect(
      page.getByText(/Usher registers itself: nothing to enter/).first(),
    ).toBeInViewport();
    await expect(page.getByRole("button", { name: "Add Team Wiki", exact: true })).toBeInViewport();
    await expect(field(page, "Name")).toHaveValue("Team Wiki");
  }
  await fill(page, { Name: "Our wiki" });
  await url.selectText();
  await paste(page, "mcp.usher.invalid/mcp");
  await expect(url).toHaveValue("https://mcp.usher.invalid/mcp");
  await expect(page.getByText("No settings found").first()).toBeVisible();
  await expect(step(page, "MCP server")).toContainText("Failed");
  await url.fill(server.url);
  await url.press("Enter");
  await expect(page.getByText(/Usher registers itself: nothing to enter/).first()).toBeVisible();
  await expect(field(page, "Name")).toHaveValue("Our wiki");
  await page.getByRole("button", { name: "Add Our wiki", exact: true }).click();
  await expect(page.getByRole("heading", { name: "Our wiki", level: 1 })).toBeVisible();
});

test("a discovery keeps typed values until told otherwise, and can be undone", async ({
  people,
  stage,
}) => {
  const page = await people.visit(stage.admin, newServer);
  await choose(page, "OAuth 2.0");
  await fill(page, { Scopes: "files:read", "Token URL": "https://elsewhere.example/token" });
  await discover(
    page,
    stage.handbook.url,
    "Your values were kept where discovery found something else:",
  );
  await expect(field(page, "Token URL")).toHaveValue("https://elsewhere.example/token");
  await expect(field(page, "Authorization URL")).toHaveValue("");
  await page.getByRole("button", { name: "Use found settings" }).click();
  await expect(field(page, "Token URL")).toHaveValue(stage.provider.tokenEndpoint);
  await expect(field(page, "Scopes")).toHaveValue("files:read files:write offline_access");
  await fill(page, { "Client ID": "typed-since" });
  await page.getByRole("button", { name: "Undo" }).click();
  await expect(field(page, "Token URL")).toHaveValue("https://elsewhere.example/token");
  await expect(field(page, "Scopes")).toHaveValue("files:read");
  await expect(field(page, "Client ID")).toHaveValue("typed-since");
});

test("a discovery ends cleanly in every case: stopped, failed, cut off, open, out of date", async ({
  people,
  stage,
}) => {
  const plain = open(await startPlainMcpServer());
  const page = await people.visit(stage.admin, newServer);
  const discovery = page.getByRole("button", { name: "Discover", exact: true });
  await discovery.click();
  await expect(field(page, "Server URL")).toHaveAttribute("aria-invalid", "true");
  await expect(field(page, "Server URL")).toBeFocused();

  await page.route("**/api/mcp-servers/discover", () => {});
  await fill(page, { "Server URL": plain.url });
  await discovery.click();
  const stop = page.getByRole("button", { name: "Stop", exact: true });
  await expect(stop).toBeFocused();
  await stop.click();
  await expect(page.getByText("Discovery stopped").first()).toBeVisible();
  await page.unroute("**/api/mcp-servers/discover");
  await page.route("**/api/mcp-servers/discover", (route) => route.abort());
  await discovery.click();
  await expect(page.getByText("Usher could not be reached").first()).toBeVisible();
  await page.unroute("**/api/mcp-servers/discover");
  await page.getByRole("button", { name: "Try again" }).click();
  await expect(page.getByText(/ needs no sign-in/).first()).toBeVisible();
  await expect(page.getByRole("radio", { name: "None" })).toBeChecked();

  await discover(page, "http://127.0.0.1:9/mcp", "No settings found");
  await expect(page.getByText("refused the connection").first()).toBeVisible();
  await expect(step(page, "Scopes")).toContainText("Not reached");
  await discover(page, stage.handbook.url, /^OAuth 2.0 found at/);
  await fill(page, { "Server URL": plain.url });
  await expect(page.getByText("These results are for a different URL")).toBeVisible();
  await page.getByRole("button", { name: "Discover again" }).click();
  await expect(page.getByText(/ needs no sign-in/).first()).toBeVisible();
});
