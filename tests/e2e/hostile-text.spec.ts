import type { Page } from "@playwright/test";
import type { AssistantInput } from "@/lib/contracts/assistant";
import type { AcceptToolsInput } from "@/lib/contracts/servers/tool-policy";
import { accessibilityProblems } from "@/tests/e2e/axe";
import { Chat } from "@/tests/e2e/chat";
import { expect, test } from "@/tests/e2e/fixtures";
import { addServer, fill } from "@/tests/e2e/server-form";
import { startHostileMcpServer } from "@/tests/support/hostile-mcp-server";
import { hostileTexts } from "@/tests/support/hostile-text";

test("text from a server stays text: it runs nothing, fetches nothing and moves nothing", async ({
  people,
  stage,
}) => {
  test.slow();
  const hostile = await startHostileMcpServer();
  const admin = await people.api(stage.admin);
  const page = await people.visit(stage.admin, { path: "/mcp-servers/new?by=hand" });
  await fill(page, { Name: "Hostile", "Server URL": hostile.url });
  const id = await addServer(page, "Hostile");
  const listTools = async () => {
    const tested = await (await admin.post(`/api/mcp-servers/${id}/test`)).text();
    expect(tested).toContain('"step":"save","state":"done"');
  };
  await listTools();
  const servers = [{ serverId: id, allTools: true, toolNames: [] }];
  const model = "openai-compatible/practice-model";
  const assistant = await admin.post("/api/assistants", {
    data: {
      ...{ name: "Victim", description: "", instructions: "", model, servers },
    } satisfies AssistantInput,
  });
  expect(assistant.status(), await assistant.text()).toBe(201);
  const texts = Object.values(hostileTexts);
  stage.model.setScript(({ messages }) =>
    messages.some(({ role }) => role === "tool")
      ? [{ type: "text", deltas: [texts.join("\n\n")] }]
      : ["answer", "refuse", "break", "write"].map((name) => ({
          type: "tool-call",
          name: `hostile__${name}`,
          // A call to this one never happens: it never leaves the model's answer.
          arguments: Object.fromEntries(
            texts.filter((text) => text !== "__proto__").map((text) => [text, text]),
          ),
        })),
  );
  const heard = listen(page);
  await page.reload();
  await expect(page.getByRole("heading", { name: /^Tools/ })).toContainText("29");
  await openAll(page);
  await expectInert(page, "the server's page");

  await hostile.changeTools();
  await listTools();
  await page.reload();
  await expect(page.getByRole("heading", { name: "Tools to review" })).toBeVisible();
  await openAll(page);
  await expectInert(page, "what changed");

  const { id: assistantId } = (await assistant.json()) as { id: string };
  await page.goto(`/assistants/${assistantId}`);
  await page.getByRole("radio", { name: "Chosen tools" }).check();
  await openAll(page);
  await expectInert(page, "the form of an assistant");

  await admin.post(`/api/mcp-servers/${id}/tool-reviews`, {
    data: { tools: await reviewed() } satisfies AcceptToolsInput,
  });
  await page.goto("/chat");
  const chat = Chat.onPage(page);
  await chat.chooseAssistant("Victim");
  await chat.ask("Go");
  await expect(chat.root.getByRole("button", { name: "Run now" })).toBeVisible();
  await chat.settled();
  await expectInert(page, "the card that asks", true);
  await chat.root.getByRole("button", { name: "Run now" }).click();
  await expect(chat.answer).toContainText("Lists files.");
  await chat.settled();
  const closed = chat.messages.locator("button[aria-expanded=false]");
  while ((await closed.count()) > 0) await closed.first().click();
  await expectInert(page, "an answer with its calls");

  await page.goto("/audit");
  await expect(page.getByText("Called a tool").first()).toBeVisible();
  await expectInert(page, "the audit");
  expect(heard).toEqual([]);
  await hostile.close();

  async function reviewed() {
    const answer = await admin.get(`/api/mcp-servers/${id}/tool-reviews`);
    const { reviews } = (await answer.json()) as {
      reviews: { toolName: string; fingerprint: string }[];
    };
    expect(reviews.length).toBeGreaterThan(20);
    return reviews.map(({ toolName, fingerprint }) => ({ toolName, fingerprint }));
  }
});

/** Every dialog, every request to another host, and every complaint of the browser: a violated policy is one. */
function listen(page: Page): string[] {
  const heard: string[] = [];
  const { origin } = new URL(page.url());
  page.on("dialog", (dialog) => {
    // Usher's own, when a form is left with changes.
    if (dialog.type() === "beforeunload") return void dialog.accept();
    heard.push(`dialog: ${dialog.message()}`);
    void dialog.dismiss();
  });
  page.on("popup", (popup) => heard.push(`popup: ${popup.url()}`));
  page.on("request", (request) => {
    const url = request.url();
    if (!url.startsWith(`${origin}/`) && !url.startsWith("data:")) heard.push(`request: ${url}`);
  });
  page.on("console", (message) => {
    if (message.type() === "error") heard.push(`console: ${message.text()}`);
  });
  return heard;
}

async function openAll(page: Page): Promise<void> {
  const open = () =>
    page.evaluate(() => {
      const closed = [...document.querySelectorAll<HTMLDetailsElement>("main details:not([open])")];
      for (const each of closed) each.open = true;
      return closed.length;
    });
  // Its content is rendered when it is opened.
  await expect.poll(open, { timeout: 60_000 }).toBe(0);
}

/** @param withAxe a check that takes many seconds on pages this long */
async function expectInert(page: Page, where: string, withAxe = false): Promise<void> {
  await test.step(where, async () => {
    for (const width of [1440, 390]) {
      await page.setViewportSize({ width, height: 900 });
      const found = await page.evaluate(() => ({
        broken: "broken" in window,
        elements: [
          ...document.querySelectorAll(
            "main :is(script, iframe, style, object, embed, base, link, meta, foreignObject, img)",
          ),
        ].map((each) => each.outerHTML.slice(0, 200)),
        handlers: [...document.querySelectorAll("main *")]
          .flatMap((each) => [...each.attributes])
          .filter(({ name }) => name.startsWith("on"))
          .map(({ name }) => name),
        links: [...document.querySelectorAll<HTMLAnchorElement>("a[href]")]
          // An invalid URL has an empty one, and leads nowhere.
          .filter(({ protocol }) => !/^(https?)?:$/.test(protocol))
          .map(({ href }) => href),
        wider: document.documentElement.scrollWidth - document.documentElement.clientWidth,
      }));
      const nothing = { broken: false, elements: [], handlers: [], links: [], wider: 0 };
      expect.soft(found, `${where} at ${width} px`).toEqual(nothing);
    }
    if (withAxe) expect.soft(await accessibilityProblems(page), where).toEqual([]);
  });
}
