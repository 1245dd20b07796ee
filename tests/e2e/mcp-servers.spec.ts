import { randomBytes } from "node:crypto";
import type { Page } from "@playwright/test";
import { Chat } from "@/tests/e2e/chat";
import { expect, test } from "@/tests/e2e/fixtures";
import { recordResponses } from "@/tests/e2e/responses";
import {
  addServer,
  choose,
  expectError,
  field,
  fill,
  testConnection,
} from "@/tests/e2e/server-form";
import type { Stage } from "@/tests/e2e/stage";
import {
  STDIO_SERVER,
  startHeaderKeyMcpServer,
  startHtmlSite,
  startPlainMcpServer,
  startSseMcpServer,
} from "@/tests/support/mcp-servers";
import { leaksIn } from "@/tests/support/secret-forms";

const newServer = { path: "/mcp-servers/new?by=hand" };

function client(stage: Stage) {
  return {
    "Client ID": stage.provider.clientId,
    "Client secret": stage.provider.clientSecret,
    "Authorization URL": stage.provider.authorizationEndpoint,
    "Token URL": stage.provider.tokenEndpoint,
  };
}

async function chatWith(page: Page, assistant: string): Promise<Chat> {
  await page.goto("/chat");
  const chat = Chat.onPage(page);
  await chat.chooseAssistant(assistant);
  return chat;
}

test("an admin adds a server with OAuth, changes it, and deletes it after seeing what breaks", async ({
  people,
  stage,
}) => {
  const page = await people.visit(stage.admin, { path: "/mcp-servers" });
  await page.getByRole("link", { name: "New MCP Server" }).click();
  await page.getByRole("link", { name: "By hand" }).click();
  await fill(page, { Name: "Second Handbook", "Server URL": stage.handbook.url });
  await choose(page, "OAuth 2.0");
  await expect(page.getByRole("textbox", { name: "Callback URL" })).toHaveValue(
    `${stage.url}/oauth/callback`,
  );
  await expect(page.getByRole("radio", { name: "Shared" })).toBeChecked();
  await fill(page, { ...client(stage), Scopes: "files:read" });
  const id = await addServer(page, "Second Handbook");
  await expect(page.getByText("Not connected").first()).toBeVisible();
  await testConnection(page, "Saved. Assistants can use these tools now.");
  await expect(page.getByText("This account is not connected yet. Trying without.")).toBeVisible();
  await expect(page.getByRole("heading", { name: /^Tools/ })).toContainText("5");

  await people.assistant("Second Guide", { serverId: id });
  await page.getByRole("link", { name: "Edit" }).click();
  await expect(field(page, "Name")).toHaveValue("Second Handbook");
  await expect(field(page, "Client secret")).toHaveValue("");
  await fill(page, { Name: "Renamed Handbook", Description: "The same, under another name" });
  await page.getByRole("button", { name: "Save changes" }).click();
  await expect(page.getByRole("heading", { name: "Renamed Handbook", level: 1 })).toBeVisible();
  await expect(page.getByText("The same, under another name")).toBeVisible();

  await page.getByRole("button", { name: "More actions" }).click();
  await page.getByRole("menuitem", { name: "Delete server…" }).click();
  const dialog = page.getByRole("alertdialog", { name: "Delete Renamed Handbook?" });
  await expect(dialog).toContainText(/Second Guide [^.]* its tools\./);
  await expect(dialog.getByRole("button", { name: "Delete server" })).toBeDisabled();
  await dialog.getByRole("textbox").fill("Renamed Handbook");
  await dialog.getByRole("button", { name: "Delete server" }).click();
  await expect(page).toHaveURL(/\/mcp-servers$/);
  await expect(page.getByRole("link", { name: "Team Handbook" })).toBeVisible();
  await expect(page.getByRole("link", { name: "Renamed Handbook" })).toHaveCount(0);
  expect((await page.goto(`/mcp-servers/${id}`))?.ok()).toBe(true);
  await expect(page.getByRole("heading", { name: "Page not found" })).toBeVisible();
});

test("errors are shown at their field with the fix, and typed text is never lost", async ({
  people,
  stage,
}) => {
  const page = await people.visit(stage.admin, newServer);
  const add = page.getByRole("button", { name: "Add server" });
  await add.click();
  await expectError(field(page, "Name"), "Give the server a name.");
  await expectError(field(page, "Server URL"), "Enter the URL of the MCP server.");
  await expect(field(page, "Server URL")).toBeFocused();

  await choose(page, "OAuth 2.0");
  await add.click();
  await expectError(field(page, "Client ID"), "Enter the client ID.");
  await expectError(field(page, "Client secret"), "Enter the client secret.");
  await expectError(field(page, "Authorization URL"), "Enter the Authorization URL.");
  await expectError(field(page, "Token URL"), "Enter the Token URL.");
  await fill(page, {
    ...client(stage),
    Name: "Team Handbook",
    "Server URL": "http://mcp.example.com/mcp",
    "Token URL": "http://auth.example.com/token",
  });
  await add.click();
  await expectError(field(page, "Server URL"), "Use an address that starts with https://");
  await expectError(field(page, "Token URL"), "Use an address that starts with https://");
  await expect(field(page, "Token URL")).toHaveValue("http://auth.example.com/token");
  await expect(field(page, "Client secret")).toHaveValue(stage.provider.clientSecret);

  await choose(page, "Headers");
  await fill(page, { "Server URL": stage.handbook.url, Headers: "X-Api-Key no colon" });
  await add.click();
  await expectError(field(page, "Headers"), "Line 1: write it as Name: value.");
  await expect(field(page, "Headers")).toHaveValue("X-Api-Key no colon");
  await fill(page, { Headers: "X-Api-Key: 1" });
  await add.click();
  await expectError(field(page, "Name"), "Another MCP server has this name. Choose another.");
  await expect(field(page, "Server URL")).toHaveValue(stage.handbook.url);
  await expect(field(page, "Headers")).toHaveValue("X-Api-Key: 1");

  await page.getByText("Calls", { exact: true }).click();
  await fill(page, { "Call timeout (seconds)": "a while", Name: "Another Handbook" });
  await add.click();
  await expectError(field(page, "Call timeout (seconds)"), "Enter a whole number from 5 to 3600.");
  await expect(field(page, "Call timeout (seconds)")).toHaveValue("a while");
  await fill(page, { "Call timeout (seconds)": "90", Name: "Team Handbook" });

  await choose(page, "stdio");
  await expect(page.getByRole("radio", { name: "OAuth 2.0" })).toBeDisabled();
  await expect(page.getByRole("radio", { name: "OAuth 2.0" })).toHaveAccessibleDescription(
    /stdio does not support OAuth 2\.0\. Choose an HTTP transport\./,
  );
  await fill(page, { "Environment variables": "1BAD=x" });
  await add.click();
  await expectError(field(page, "Command"), "Name the command that starts the server.");
  await expectError(field(page, "Environment variables"), "Line 1:");
  await expect(field(page, "Name")).toHaveValue("Team Handbook");
  expect(await stage.query('SELECT name FROM "McpServer" ORDER BY name')).toEqual([
    { name: "Personal Files" },
    { name: "Team Handbook" },
  ]);
});

test("a stored secret never returns to a browser, and a new Token URL asks for it again", async ({
  people,
  stage,
}) => {
  const secrets = {
    header: `header-${randomBytes(12).toString("hex")}`,
    "client secret": `client/${randomBytes(12).toString("hex")}+`,
    variable: `variable-${randomBytes(12).toString("hex")}`,
  };
  const page = await people.visit(stage.admin, newServer);
  const { texts } = recordResponses(page.context());

  await fill(page, { Name: "Keyed", "Server URL": stage.handbook.url });
  await choose(page, "Headers");
  await fill(page, { Headers: `X-Api-Key: ${secrets.header}` });
  const keyed = await addServer(page, "Keyed");
  await page.goto("/mcp-servers/new?by=hand");
  await fill(page, { Name: "Local" });
  await choose(page, "stdio");
  await fill(page, { Command: "true", "Environment variables": `TOKEN=${secrets.variable}` });
  const local = await addServer(page, "Local");
  await page.goto("/mcp-servers/new?by=hand");
  await fill(page, { Name: "Client", "Server URL": stage.handbook.url });
  await choose(page, "OAuth 2.0");
  await fill(page, { ...client(stage), "Client secret": secrets["client secret"] });
  const oauth = await addServer(page, "Client");

  for (const [id, label] of [
    [keyed, "Headers"],
    [local, "Environment variables"],
    [oauth, "Client secret"],
  ] as const) {
    await page.goto(`/mcp-servers/${id}`);
    await page.getByRole("link", { name: "Edit" }).click();
    await expect(field(page, label)).toHaveValue("");
    await expect(field(page, label)).toHaveAttribute("placeholder", /Stored/);
    await expect(page.getByText("Stored", { exact: true }).first()).toBeVisible();
  }

  await fill(page, { "Token URL": `${stage.provider.tokenEndpoint}/elsewhere` });
  await page.getByRole("button", { name: "Save changes" }).click();
  await expectError(
    field(page, "Client secret"),
    "The Token URL changed. Enter the client secret again, so that it is sent there on purpose.",
  );
  await fill(page, { "Client secret": secrets["client secret"] });
  await page.getByRole("button", { name: "Save changes" }).click();
  await expect(page.getByRole("heading", { name: "Client", level: 1 })).toBeVisible();

  const admin = await people.api(stage.admin);
  for (const path of [
    "/mcp-servers",
    "/api/mcp-servers",
    "/connections",
    "/api/connections",
    "/api/settings",
    "/api/assistants/form-context",
    "/api/chat/assistants",
    ...[keyed, local, oauth].flatMap((id) => [
      `/mcp-servers/${id}`,
      `/mcp-servers/${id}/edit`,
      `/api/mcp-servers/${id}`,
    ]),
  ]) {
    const answer = await admin.get(path);
    expect(answer.status(), path).toBe(200);
    expect(leaksIn(await answer.text(), secrets), path).toEqual([]);
  }
  const recorded = await texts();
  expect(recorded.length).toBeGreaterThan(20);
  expect(recorded.flatMap((text) => leaksIn(text, secrets))).toEqual([]);
});

test("a test of the connection shows its steps, and says what is wrong and what to do", async ({
  people,
  stage,
}) => {
  const [plain, site] = await Promise.all([startPlainMcpServer(), startHtmlSite()]);
  const gone = await startPlainMcpServer();
  await gone.close();
  const page = await people.visit(stage.admin, newServer);
  await fill(page, { Name: "Tested", "Server URL": plain.url });
  await addServer(page, "Tested");
  await testConnection(page, "Saved. Assistants can use these tools now.");
  const steps = page.getByRole("main").getByRole("listitem");
  const step = (name: string) => steps.filter({ hasText: name }).first();
  for (const name of ["Check the address", "Get credentials", "Connect", "List the tools"]) {
    await expect(step(name).getByRole("img", { name: "Done" })).toBeVisible();
  }
  await expect(step("List the tools")).toContainText("The server offers 5 tools.");

  for (const [url, message] of [
    [gone.url, "refused the connection. Check that it is running"],
    [site.url, "web page, not MCP"],
    [
      new URL("/nothing", plain.url).href,
      "There is no MCP server at the URL of Tested (HTTP 404).",
    ],
  ] as const) {
    await page.getByRole("link", { name: "Edit" }).click();
    await fill(page, { "Server URL": url });
    await page.getByRole("button", { name: "Save changes" }).click();
    await testConnection(page, message);
    await expect(step("List the tools")).toContainText("Not tried.");
    await expect(page.getByText("The tools could not be loaded")).toBeVisible();
  }
  await Promise.all([plain.close(), site.close()]);
});

test("a server behind a header key works from the form to the chat", async ({ people, stage }) => {
  const key = randomBytes(16).toString("hex");
  const server = await startHeaderKeyMcpServer(key);
  const page = await people.visit(stage.admin, newServer);
  await fill(page, { Name: "Keyed Echo", "Server URL": server.url });
  await choose(page, "Headers");
  await fill(page, { Headers: `X-Api-Key: ${key}` });
  const id = await addServer(page, "Keyed Echo");
  await testConnection(page, "Saved. Assistants can use these tools now.");
  await expect(page.getByText("One stored header is sent.")).toBeVisible();
  await people.assistant("Echo with a key", { serverId: id });

  const chat = await chatWith(page, "Echo with a key");
  await chat.ask('Echo "hello over there"');
  await expect(chat.answer).toContainText("hello over there");
  await expect(chat.toolCall("Echo")).toContainText("Keyed Echo · Stored headers");
  const calls = server.requests.filter(({ toolName }) => toolName === "echo");
  expect(calls.map(({ status }) => status)).toEqual([200]);

  await page.goto("/mcp-servers");
  const row = page.getByRole("row").filter({ hasText: "Keyed Echo" });
  await expect(row).toContainText("Working");
  await server.close();
  await page.goto(`/mcp-servers/${id}`);
  await testConnection(page, /refused the connection|broke off/);
  await expect(page.getByText("Failing", { exact: true })).toBeVisible();
  await page.goto("/mcp-servers");
  await expect(row).toContainText(/Failing.*Last answer/);
});

test("a server over the deprecated SSE transport works from the form to the chat", async ({
  people,
  stage,
}) => {
  const server = await startSseMcpServer();
  const page = await people.visit(stage.admin, newServer);
  await fill(page, { Name: "Old Echo" });
  await choose(page, "SSE");
  await fill(page, { "Server URL": server.url });
  const id = await addServer(page, "Old Echo");
  await testConnection(page, "Saved. Assistants can use these tools now.");
  await people.assistant("Echo over SSE", { serverId: id });

  const chat = await chatWith(page, "Echo over SSE");
  await chat.ask('Echo "events, one by one"');
  await expect(chat.answer).toContainText("events, one by one");

  await server.close();
});

test("a stdio program works from the form to the chat, with its own variables and no others", async ({
  people,
  stage,
}) => {
  const page = await people.visit(stage.admin, newServer);
  await fill(page, { Name: "Calculator" });
  await choose(page, "stdio");
  await fill(page, {
    Command: STDIO_SERVER.command,
    Arguments: STDIO_SERVER.args.join("\n"),
    "Environment variables": "PRACTICE_GREETING=Hello from a variable",
  });
  const id = await addServer(page, "Calculator");
  await testConnection(page, "Saved. Assistants can use these tools now.");
  await people.assistant("Reckoner", { serverId: id });

  const chat = await chatWith(page, "Reckoner");
  await chat.ask("Add the numbers 40 and 2");
  await expect(chat.toolCall("Add numbers")).toContainText("Calculator · Local process");
  await expect(chat.answer).toContainText("42");
  await chat.settled();
  await chat.ask("Describe the environment");
  await expect(chat.answer).toContainText("Hello from a variable");
  await chat.settled();
  await expect(chat.messages).not.toContainText("SECRETS_ENCRYPTION_KEY");
  await expect(chat.messages).not.toContainText("NEXTAUTH_SECRET");
});

test("one click splits a command line in the Command field into two fields", async ({
  people,
  stage,
}) => {
  const page = await people.visit(stage.admin, newServer);
  await choose(page, "stdio");
  await expect(page.getByText("This program can read everything that Usher can")).toBeVisible();
  await fill(page, { Command: "npx -y @example/mcp-server --name 'two words'" });
  await page.getByRole("button", { name: "Move to Arguments" }).click();
  await expect(field(page, "Command")).toHaveValue("npx");
  await expect(field(page, "Arguments")).toHaveValue("-y\n@example/mcp-server\n--name\ntwo words");
  await expect(field(page, "Arguments")).toBeFocused();
  await expect(page.getByRole("button", { name: "Move to Arguments" })).toBeHidden();
});
