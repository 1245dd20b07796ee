import { randomBytes } from "node:crypto";
import { Chat } from "@/tests/e2e/chat";
import { expect, test } from "@/tests/e2e/fixtures";
import { consent, finished, openTab } from "@/tests/e2e/provider-page";
import { addServer, choose, fill, testConnection } from "@/tests/e2e/server-form";
import { startHeaderKeyMcpServer } from "@/tests/support/mcp-servers";
import { dumpDatabase } from "@/tests/support/postgres";
import { leaksIn } from "@/tests/support/secret-forms";

test("a used database and the server's log contain no secret in any form", async ({
  people,
  stage,
}) => {
  test.slow();
  const secrets: Record<string, string> = {
    "client secret": stage.provider.clientSecret,
    "header's value": `key-${randomBytes(18).toString("base64")}`,
    "variable's value": `value ${randomBytes(18).toString("base64")}`,
    "admin's password": stage.admin.password,
    "member's password": stage.member.password,
    "model provider's key": `sk-${randomBytes(18).toString("hex")}`,
    "model's key": stage.env.OPENAI_COMPATIBLE_API_KEY ?? "",
    "master key": stage.env.SECRETS_ENCRYPTION_KEY ?? "",
    "session key": stage.env.NEXTAUTH_SECRET ?? "",
    "cron secret": stage.env.CRON_SECRET ?? "",
  };
  const server = await startHeaderKeyMcpServer(secrets["header's value"] ?? "");
  const page = await people.visit(stage.admin, { path: "/mcp-servers/new?by=hand" });
  const member = await people.join("Una Used");
  secrets["new password"] = member.password;
  const memberPage = await people.visit(member, { path: "/chat" });
  for (const context of [page.context(), memberPage.context()]) {
    context.on("request", (request) => {
      const { pathname, searchParams } = new URL(request.url());
      if (pathname !== "/oauth/callback") return;
      for (const name of ["code", "state"]) {
        const value = searchParams.get(name);
        if (value) secrets[`${name} ${Object.keys(secrets).length}`] = value;
      }
    });
  }

  await fill(page, { Name: "Locked", "Server URL": server.url });
  await choose(page, "Headers");
  await fill(page, { Headers: `X-Api-Key: ${secrets["header's value"]}` });
  await addServer(page, "Locked");
  await testConnection(page, "Saved. Assistants can use these tools now.");
  await page.goto("/mcp-servers/new?by=hand");
  await fill(page, { Name: "Process" });
  await choose(page, "stdio");
  await fill(page, {
    Command: "no-such-program",
    "Environment variables": `API_KEY=${secrets["variable's value"]}`,
  });
  await addServer(page, "Process");
  await testConnection(page, "Not tried.");

  await page.goto("/settings/models");
  await page.getByRole("button", { name: "Add provider" }).click();
  const adding = page.getByRole("dialog", { name: "Add a model provider" });
  await adding.getByRole("combobox", { name: "Provider" }).click();
  await page.getByRole("option", { name: "OpenAI-compatible" }).click();
  await adding.getByRole("textbox", { name: "Name" }).fill("own");
  await adding.getByRole("textbox", { name: "Base URL" }).fill(stage.model.url);
  await adding.getByLabel("API key").fill(secrets["model provider's key"] ?? "");
  await adding.getByRole("button", { name: "Add provider" }).click();
  await expect(page.getByRole("dialog", { name: "Offer a model" })).toBeVisible();
  await page.keyboard.press("Escape");
  stage.model.setScript(() => [{ type: "error", status: 401, message: "That key is wrong." }]);
  const row = page.getByRole("listitem").filter({ hasText: "API key stored" });
  await row.getByRole("button", { name: "Test" }).click();
  await expect(row).toContainText("refused Usher's key");
  stage.model.setScript(() => []);

  await page.goto(`/mcp-servers/${stage.handbookId}`);
  await page.getByRole("link", { name: "Authorize Team Handbook" }).click();
  await consent(page, "Ada Lovelace");
  await expect(page.getByText("Connected", { exact: true }).first()).toBeVisible();
  // Forces a refresh, so that there is a rotated token.
  stage.handbook.rejectTokensOnce(1);
  const chat = Chat.onPage(memberPage);
  await chat.ask("Read oncall.md from the Team Handbook");
  await expect(chat.answer).toContainText("Acknowledge within 10 minutes");
  await chat.settled();
  await chat.ask("Read todo.md from my Personal Files");
  const prompt = chat.prompt("Personal Files");
  const tab = await openTab(prompt.getByRole("link", { name: "Authorize" }));
  await consent(tab, "Grace Hopper");
  await finished(tab);
  await expect(chat.answer).toContainText("Cut forty nanoseconds of wire");
  await chat.settled();
  await stage.provider.revokeGrantsOf("grace");
  await chat.ask("List my Personal Files");
  await expect(chat.prompt("Personal Files")).toBeVisible();

  expect(stage.provider.tokenRequests).toMatchObject({ authorization_code: 2, refresh_token: 2 });
  expect(stage.issuedTokens.size).toBeGreaterThanOrEqual(6);
  expect(Object.keys(secrets).filter((label) => label.startsWith("code"))).toHaveLength(2);
  for (const token of stage.issuedTokens) secrets[`token ${token.slice(0, 4)}…`] = token;
  const dump = await dumpDatabase(stage.database.url);
  expect(dump).toContain("Team Handbook");
  expect(dump).toMatch(/accessTokenSealed: v1\./);
  expect(dump).toMatch(/apiKeySealed: v1\./);
  expect(leaksIn(dump, secrets)).toEqual([]);
  const log = stage.output.join("\n");
  expect(log).toContain('"level":20');
  expect(leaksIn(log, secrets)).toEqual([]);

  const [token = ""] = stage.issuedTokens;
  const planted = Buffer.from(`Bearer ${token}`).toString("base64url");
  expect(leaksIn(dump + planted, { token })).toEqual(["token"]);
  await stage.query('DELETE FROM "ModelProvider"');
  await server.close();
});
