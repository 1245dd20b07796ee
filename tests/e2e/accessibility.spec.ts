import type { Locator, Page } from "@playwright/test";
import type { InviteInput } from "@/lib/contracts/people/person";
import { accessibilityProblems } from "@/tests/e2e/axe";
import { Chat } from "@/tests/e2e/chat";
import { expect, test } from "@/tests/e2e/fixtures";
import { fillHistory, fillLists } from "@/tests/e2e/long-lists";
import { consent, openTab } from "@/tests/e2e/provider-page";
import { choose, fill } from "@/tests/e2e/server-form";
import { openEmptyUsher } from "@/tests/e2e/stage";

const desk = { viewport: { width: 1440, height: 900 } };

/** Checks one state of a page once `ready` is visible. */
async function look(
  page: Page,
  name: string,
  ready: Locator,
  without: readonly string[] = [],
): Promise<void> {
  await test.step(name, async () => {
    await expect(ready.first()).toBeVisible();
    const problems = await accessibilityProblems(page, without);
    expect.soft(problems, `${name}\n${problems.join("\n")}`).toEqual([]);
  });
}

/** Where a list keeps its search, and what finds something there. */
const searchedLists = [
  { path: "/mcp-servers?search", found: "Long server 1" },
  { path: "/connections?search", found: "Long server 1" },
  { path: "/assistants?search", found: "Long assistant 1" },
  { path: "/refreshes?search", found: "Long server 1" },
  { path: "/people?search", found: "Long Person 1" },
  { path: "/audit?person", found: "long1@usher.example" },
  { path: "/chat?history", found: "Talk 1" },
];

const heading = (page: Page, name: string | RegExp) => page.getByRole("heading", { name });

test.describe("axe finds no violation", () => {
  test("where nobody is signed in", async ({ people, stage }) => {
    test.slow();
    const page = await people.visit(null, { path: "/sign-in", ...desk });
    await look(page, "sign in", heading(page, "Sign in to Usher"));
    await page.getByRole("textbox", { name: "Email" }).fill("nobody@usher.example");
    await page.getByRole("textbox", { name: "Password" }).fill("no password of anybody");
    await page.getByRole("button", { name: "Sign in" }).click();
    await look(page, "sign in, refused", page.getByText("Incorrect email or password."));
    await page.goto("/sign-in?notice=signed-out-everywhere");
    await look(page, "signed out everywhere", page.getByText("You are signed out everywhere"));
    await page.goto("/invite/nothing-like-it");
    await look(page, "invitation that is over", heading(page, "no longer works"));
    const admin = await people.api(stage.admin);
    const invited = await admin.post("/api/people/invitations", {
      data: { email: `axe.${Date.now()}@usher.example`, role: "MEMBER" } satisfies InviteInput,
    });
    await page.goto((await invited.json()).link);
    await look(page, "invitation", page.getByRole("button", { name: "Join" }));
    await page.goto("/reset-password/nothing-like-it");
    await look(page, "reset link that is over", heading(page, "no longer works"));
    const somebody = await people.join("Axe Forgetful");
    await page.goto(await people.resetLink(somebody));
    const password = page.getByRole("textbox", { name: "New password" });
    await look(page, "reset password", password);
    await password.fill("short");
    await page.getByRole("button", { name: "Set password and sign in" }).click();
    await look(page, "reset password, refused", page.getByText("Use at least 12 characters."));
    await page.goto("/oauth/complete?server=none&tab=1&authorized=1");
    await look(page, "authorization complete", heading(page, "Connected"));
    await page.goto("/oauth/complete?server=none&tab=1&authorization_error=denied");
    await look(page, "authorization denied", heading(page, "Access was denied"));
    await page.goto("/oauth/refused?reason=wrong_user");
    await look(page, "callback refused", heading(page, "Somebody else started"));
    await page.goto("/no/such/page");
    await look(page, "not found", heading(page, "Page not found"));
  });

  test("before an authorization that was not started from a page of Usher", async ({
    people,
    stage,
  }) => {
    const member = await people.join("Link Follower");
    const page = await people.visit(member, {
      path: `/oauth/authorize/${stage.personalId}?returnTo=/connections`,
      ...desk,
    });
    await look(page, "authorize?", heading(page, "Authorize Personal Files?"));
    await page.goto("/oauth/confirm?server=none");
    await look(page, "nothing to authorize", heading(page, "Nothing to authorize"));
  });

  test("on an empty installation", async ({ people, stage }) => {
    test.slow();
    const { usher, close } = await openEmptyUsher(stage.cluster);
    const page = await people.visit(null, { path: `${usher.url}/setup`, ...desk });
    await look(page, "set up", page.getByRole("textbox", { name: "Setup code" }));
    await expect.poll(() => usher.output.join("\n")).toContain("Usher has no admin yet");
    const link = usher.output.join("\n").match(/no admin yet\. Open (https?:[^\s"]+)/)?.[1] ?? "";
    await page.goto(link);
    await page.getByRole("textbox", { name: "Your name" }).fill("Fay First");
    await page.getByRole("textbox", { name: "Email" }).fill("fay@usher.example");
    await page.getByRole("textbox", { name: "Password" }).fill("the very first one");
    await look(page, "set up, filled in", page.getByText("You sign in with it."));
    await page.getByRole("button", { name: "Create admin account" }).click();
    await look(page, "get started", heading(page, "Get started"));
    for (const [path, ready] of [
      ["/mcp-servers", "Add your first MCP server"],
      ["/connections", "No connections yet"],
      ["/assistants", "Create your first assistant"],
      ["/chat", "No assistants yet"],
      ["/refreshes", /.+/],
    ] as const) {
      await page.goto(usher.url + path);
      await look(page, `nothing yet: ${path}`, page.getByRole("main").getByText(ready));
    }
    await close();
  });

  test("on the list of servers and in the form for a new one", async ({ people, stage }) => {
    test.slow();
    const page = await people.visit(stage.admin, { path: "/mcp-servers", ...desk });
    await look(page, "servers", page.getByRole("link", { name: "Team Handbook" }));
    await page.goto("/mcp-servers/new");
    await look(page, "the choice of a new server", page.getByRole("link", { name: "Linear" }));
    await page.goto("/mcp-servers/new?server=slack");
    await look(page, "a vendor's server", page.getByRole("button", { name: "Add Slack" }));
    await page.goto("/mcp-servers/new?by=hand");
    const add = page.getByRole("button", { name: "Add server" });
    await look(page, "new server", add);
    await fill(page, { "Server URL": stage.handbook.url });
    await page.getByRole("button", { name: "Discover", exact: true }).click();
    await look(page, "new server, discovered", page.getByText("Create an OAuth app there").first());
    await page.getByRole("button", { name: "Undo" }).click();
    await choose(page, "OAuth 2.0");
    await page.getByText("Advanced", { exact: true }).click();
    await add.click();
    await look(page, "new server, OAuth, errors", page.getByText("Enter the client ID."));
    await choose(page, "Headers");
    await look(page, "new server, headers", page.getByRole("textbox", { name: "Headers" }));
    await choose(page, "stdio");
    await look(page, "new server, stdio", page.getByRole("textbox", { name: "Command" }));
  });

  test("on a server's page", async ({ people, stage }) => {
    test.slow();
    const detail = `/mcp-servers/${stage.handbookId}`;
    const page = await people.visit(stage.admin, { path: detail, ...desk });
    await look(page, "server, not connected", page.getByText("Not connected"));
    await page.getByRole("button", { name: "Test connection" }).first().click();
    const saved = page.getByText("Assistants can use these tools now.");
    await look(page, "server, connection tested", saved);
    await page.getByText("read_file").first().click();
    await look(page, "server, a tool opened", page.getByText("Input schema"));
    await page.getByRole("link", { name: "Authorize Team Handbook" }).click();
    await consent(page, "Ada Lovelace", "Deny");
    await look(page, "server, denied", page.getByText(/access was denied/i));
    await page.getByRole("link", { name: "Authorize again", exact: true }).click();
    await consent(page, "Ada Lovelace");
    await look(page, "server, connected", page.getByText("Connected", { exact: true }));
    await page.getByText("Shared account · by").first().click();
    await look(page, "server, a flow opened", page.getByText("The browser came back"));
    await page.getByRole("button", { name: "More actions" }).click();
    const revoke = page.getByRole("menuitem", { name: "Revoke access…" });
    // An open menu floats above the page, outside its landmarks.
    await look(page, "server, actions", revoke, ["region"]);
    await page.getByRole("menuitem", { name: "Delete server…" }).click();
    await look(page, "server, delete?", page.getByRole("alertdialog"));
    await page.keyboard.press("Escape");
    await stage.provider.revokeGrantsOf("ada");
    const chat = await Chat.beside(page);
    await chat.ask("List the Team Handbook");
    await expect(chat.prompt("Team Handbook")).toBeVisible();
    await page.reload();
    await look(page, "server, needs re-authorization", page.getByText("Access has ended"));
    await page.goto(`${detail}/edit`);
    await look(page, "edit server", page.getByRole("button", { name: "Save changes" }));
    await page.goto(`/mcp-servers/${stage.personalId}`);
    await look(page, "server, per user", heading(page, "Your connection"));
    await page.goto("/mcp-servers/none");
    await look(page, "no such server", heading(page, "Page not found"));
  });

  test("on the admins' other pages", async ({ people, stage }) => {
    test.slow();
    const page = await people.visit(stage.admin, { path: "/assistants", ...desk });
    await look(page, "assistants", page.getByRole("link", { name: "Guide" }));
    await page.goto("/assistants/new");
    await page.getByRole("checkbox", { name: "Team Handbook" }).check();
    await page.getByRole("radio", { name: "Chosen tools" }).check();
    await page.getByRole("button", { name: "Create assistant" }).click();
    await look(page, "new assistant, errors", page.getByText("Give the assistant a name."));
    await page.goto("/assistants");
    await page.getByRole("link", { name: "Guide" }).click();
    await look(page, "assistant", page.getByRole("button", { name: "Save changes" }));
    await page.getByRole("button", { name: "Delete" }).click();
    await look(page, "assistant, delete?", page.getByRole("alertdialog"));
    await page.goto("/people");
    await look(page, "people", page.getByRole("table", { name: "People with an account" }));
    await page.getByRole("button", { name: "Actions for Mia Member" }).click();
    await look(page, "people, actions", page.getByRole("menuitem", { name: "Disable…" }), [
      "region",
    ]);
    await page.getByRole("menuitem", { name: "Create reset link…" }).click();
    await look(page, "people, reset link?", page.getByRole("dialog"));
    await page.getByRole("button", { name: "Create link" }).click();
    await look(page, "people, reset link", page.getByText("It is shown only once"));
    await page.getByRole("button", { name: "Done" }).click();
    await page.getByRole("button", { name: "Invite" }).click();
    await look(page, "invite", page.getByRole("dialog"));
    await page.goto("/settings");
    await page.getByRole("button", { name: "Check public URL" }).click();
    await look(page, "settings", page.getByText("From the server"));
    await page.goto("/settings/models");
    await look(page, "models", page.getByText("Set by the environment", { exact: true }));
    await page.getByRole("button", { name: "Add provider" }).click();
    await look(page, "models, new provider", page.getByRole("dialog"));
    await page.getByRole("button", { name: "Cancel" }).click();
    await page.getByRole("button", { name: "Offer a model" }).click();
    await look(page, "models, offer", page.getByRole("button", { name: "practice-model" }));
    await page.goto("/settings/webhooks");
    await look(page, "webhooks, none", heading(page, "No webhooks yet"));
    await page.getByRole("button", { name: "Add webhook" }).first().click();
    await look(page, "webhooks, new", page.getByRole("dialog"));
    const address = "http://127.0.0.1:9/hook";
    await page.getByRole("textbox", { name: "URL" }).fill(address);
    await page.getByRole("dialog").getByRole("button", { name: "Add webhook" }).click();
    await look(page, "webhooks, shown once", page.getByText("It is shown only once"));
    await page.getByRole("button", { name: "Done" }).click();
    await page.getByRole("link", { name: address }).click();
    await page.getByRole("button", { name: "Send test event" }).click();
    await page.getByRole("button", { name: /webhook\.test/ }).click();
    await look(page, "webhook, a delivery", page.getByText("Payload"));
    await page.goto("/settings/doctor");
    await look(page, "doctor", page.getByText(/\d+ OK, /));
    await page.goto("/settings/account");
    await look(page, "account", page.getByRole("button", { name: /^Change password/ }));
    await page.goto("/settings/api-keys");
    await page.getByRole("button", { name: "Create key" }).first().click();
    await look(page, "API keys, new", page.getByRole("combobox", { name: "Access to Chat" }));
    await page.getByRole("textbox", { name: "Name" }).fill("Script");
    await page.getByRole("combobox", { name: "Access to Chat" }).click();
    await page.getByRole("option", { name: "Read", exact: true }).click();
    await page.getByRole("dialog").getByRole("button", { name: "Create key" }).click();
    await look(page, "API keys, shown once", page.getByText("It is shown only once"));
    await page.getByRole("button", { name: "Done" }).click();
    await look(page, "API keys", page.getByRole("button", { name: "Revoke Script" }));
    await page.goto("/refreshes");
    await look(page, "refreshes", heading(page, /.+/));
    await page.goto("/audit");
    await look(page, "audit", page.getByRole("main").getByRole("table"));
    await page.goto("/connections");
    await look(page, "connections of an admin", page.getByText("Shared by your team"));
  });

  test("on long lists, with a search and with nothing found", async ({ people, stage }) => {
    test.slow();
    await fillLists(stage);
    await fillHistory(stage, stage.admin, 60);
    const page = await people.visit(stage.admin, { path: "/mcp-servers", ...desk });
    for (const { path, found } of searchedLists) {
      await page.goto(`${path}=${found}`);
      await look(page, `${path}, searched`, page.getByRole("main").getByText(new RegExp(found)));
      await page.goto(`${path}=nothing-like-it`);
      const clear = page.getByRole("button", { name: /^Clear/ });
      await look(page, `${path}, nothing found`, clear);
    }
  });

  test("on a member's pages and in the chat", async ({ people }) => {
    test.slow();
    const member = await people.join("Axel Axe");
    const page = await people.visit(member, { path: "/connections", ...desk });
    await look(page, "connections", page.getByText("Your accounts"));
    await page.goto("/mcp-servers");
    await look(page, "not allowed", heading(page, "You don’t have access to this page"));
    await page.goto("/assistants");
    await look(page, "assistants of a member", page.getByText("Guide"));
    await page.goto("/chat");
    const chat = Chat.onPage(page);
    await look(page, "chat, empty", page.getByText("Try one of these"));
    await chat.ask('Write "x" to axe.md in my Personal Files');
    await chat.settled();
    await look(page, "chat, prompt", chat.prompt("Personal Files"));
    const tab = await openTab(
      chat.prompt("Personal Files").getByRole("link", { name: "Authorize" }),
    );
    await look(page, "chat, waiting", page.getByText("Waiting for your consent"));
    await consent(tab, "Grace Hopper");
    const runNow = page.getByRole("button", { name: "Run now" });
    await look(page, "chat, run now?", runNow);
    await runNow.click();
    await expect(chat.answer).toContainText(/(Made|Replaced) axe\.md/);
    await chat.toolCall("Write a file").getByRole("button").first().click();
    await look(page, "chat, a tool call opened", chat.toolCall("Write a file"));
    await page.setViewportSize({ width: 390, height: 844 });
    await page.getByRole("button", { name: "History" }).click();
    await expect(page.getByRole("dialog", { name: "History" })).toBeVisible();
    await look(page, "chat, history", page.getByRole("button", { name: /^Write "x"/ }));
    await page.goto("/chat/none");
    await look(page, "no such conversation", page.getByText("Conversation not found"));
    await page.goto("/connections");
    await page.getByRole("button", { name: "Ask" }).click();
    await look(page, "chat beside a page", page.getByRole("complementary", { name: "Chat" }));
  });
});

test("a person signs in, asks, and reaches Authorize with the keyboard alone", async ({
  people,
}) => {
  const account = await people.join("Kay Board");
  const page = await people.visit(null, { path: "/sign-in" });
  await expect(page.getByRole("textbox", { name: "Email" })).toBeFocused();
  await page.keyboard.type(account.email);
  await page.keyboard.press("Tab");
  await page.keyboard.type(account.password);
  await page.keyboard.press("Enter");
  await expect(page).toHaveURL(/\/chat$/);

  await tabTo(page, page.getByRole("link", { name: "Connections" }), "Tab");
  await page.keyboard.press("Enter");
  await expect(page.getByRole("heading", { name: "Connections" })).toBeVisible();
  await page.keyboard.press("Control+j");
  const chat = await Chat.beside(page);
  await expect(chat.input).toBeFocused();
  await page.keyboard.type("Read todo.md from my Personal Files");
  await expect(chat.root.getByRole("button", { name: "Send" })).toBeEnabled();
  await page.keyboard.press("Enter");
  const authorize = chat.prompt("Personal Files").getByRole("link", { name: "Authorize" });
  await expect(authorize).toBeVisible();
  await chat.settled();
  await tabTo(page, authorize, "Shift+Tab");
  const [tab] = await Promise.all([
    page.context().waitForEvent("page"),
    page.keyboard.press("Enter"),
  ]);
  await expect(tab.getByRole("heading", { name: /^Allow Usher/ })).toBeVisible();
});

/** Like a person who can see the focus. */
async function tabTo(page: Page, target: Locator, key: "Tab" | "Shift+Tab"): Promise<void> {
  for (let presses = 0; presses < 30; presses += 1) {
    const there = await target.evaluate((element) => element.matches(":focus-visible"));
    if (there) return;
    await page.keyboard.press(key);
  }
  throw new Error("The focus never got there.");
}
