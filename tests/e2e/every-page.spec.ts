import { randomUUID } from "node:crypto";
import { readFile } from "node:fs/promises";
import type { Page } from "@playwright/test";
import { expect, type People, test } from "@/tests/e2e/fixtures";
import type { Stage } from "@/tests/e2e/stage";

const sizes = [
  { width: 1440, height: 900 },
  { width: 390, height: 844 },
];

test("no page lets the document scroll away behind the shell, with the chat beside it or without", async ({
  people,
  stage,
}) => {
  test.slow();
  const paths = await pathsOf(await furnish(stage, people));
  const page = await people.visit(stage.admin, { path: "/connections" });
  for (const size of sizes) {
    await page.setViewportSize(size);
    for (const path of paths) {
      await page.goto(path);
      await settled(page);
      for (const chat of ["closed", "open"]) {
        if (chat === "open") {
          if (path.startsWith("/chat")) continue;
          await page.keyboard.press("Control+j");
          await expect(page.locator("#chat-panel")).toBeVisible();
          await settled(page);
        }
        expect.soft(await scrolling(page), `${path}, ${size.width} px, chat ${chat}`).toEqual({
          beyondTheShell: 0,
          chatPageScrolls: false,
          scrollersThatHoldNothing: [],
        });
        if (chat === "open") await page.keyboard.press("Control+j");
      }
    }
  }
});

test("nothing moves by itself while a page loads", async ({ people, stage }) => {
  test.slow();
  const paths = await pathsOf(await furnish(stage, people));
  const page = await people.visit(stage.admin, { path: "/connections" });
  await page.addInitScript(() => {
    const moved: { by: number; what: string }[] = [];
    Object.assign(window, { moved });
    new PerformanceObserver((list) => {
      for (const entry of list.getEntries() as (PerformanceEntry & {
        value: number;
        hadRecentInput: boolean;
        sources: { node: Node | null }[];
      })[]) {
        const what = entry.sources.map(({ node }) => (node as Element | null)?.outerHTML ?? "?");
        if (!entry.hadRecentInput) {
          moved.push({ by: entry.value, what: what.join(" ").slice(0, 300) });
        }
      }
    }).observe({ type: "layout-shift", buffered: true });
  });
  for (const size of sizes) {
    await page.setViewportSize(size);
    for (const path of paths) {
      await page.goto(path);
      await settled(page);
      const moved = await page.evaluate(
        () => (window as unknown as { moved: { by: number; what: string }[] }).moved,
      );
      const sum = moved.reduce((total, { by }) => total + by, 0);
      expect.soft(sum, `${path}, ${size.width} px: ${JSON.stringify(moved)}`).toBeLessThan(0.01);
    }
  }
});

/** All that a page asked for is there, and drawn. */
async function settled(page: Page): Promise<void> {
  await page.waitForLoadState("networkidle");
  await expect(page.locator("main h1").first()).toBeAttached();
  await page.evaluate(() => new Promise((done) => requestAnimationFrame(() => done(null))));
}

function scrolling(page: Page) {
  return page.evaluate(() => {
    const { scrollHeight } = document.documentElement;
    const shell = document.querySelector("[data-chat]")?.getBoundingClientRect();
    const isChat = location.pathname.startsWith("/chat");
    return {
      // scrollHeight is a rounded number.
      beyondTheShell: Math.max(0, Math.floor(scrollHeight - scrollY - (shell?.bottom ?? 0))),
      chatPageScrolls: isChat && scrollHeight > innerHeight,
      scrollersThatHoldNothing: [...document.querySelectorAll("body *")]
        .filter((each) => {
          const { overflowX, overflowY, position } = getComputedStyle(each);
          const scrolls = /auto|scroll/.test(`${overflowX} ${overflowY}`);
          return scrolls && position === "static" && !(each instanceof HTMLTextAreaElement);
        })
        .map((each) => each.outerHTML.slice(0, 200)),
    };
  });
}

/** Every page of the workspace that the build has. */
async function pathsOf(ids: Record<string, string>): Promise<string[]> {
  const manifest = await readFile(".next/app-path-routes-manifest.json", "utf8");
  const pages = Object.entries(JSON.parse(manifest) as Record<string, string>)
    .filter(([file]) => file.startsWith("/(workspace)/") && file.endsWith("/page"))
    .map(([, path]) => path.replace(/\[(\w+)\]/g, (_, name: string) => ids[name] ?? name));
  expect(pages.length).toBeGreaterThan(12);
  expect(pages.join()).not.toContain("Id");
  return pages.toSorted();
}

/** Enough of everything that each page is longer than a window, and a long conversation. */
async function furnish(stage: Stage, people: People): Promise<Record<string, string>> {
  const admin = await people.api(stage.admin);
  const serverId = randomUUID();
  for (let at = 0; at < 30; at++) {
    await stage.query(
      `INSERT INTO "McpServer" ("id", "name", "transport", "url", "authentication", "updatedAt")
       VALUES ($1, $2, 'STREAMABLE_HTTP', $3, 'NONE', now())`,
      [at === 0 ? serverId : randomUUID(), `Server ${at}`, `https://server-${at}.example/mcp`],
    );
  }
  const tools = Array.from({ length: 40 }, (_, at) => ({
    name: `tool_${at}`,
    description: "Reads a file of the team's, and answers with its text.",
    inputSchema: { type: "object", properties: { path: { type: "string" } } },
    annotations: { readOnlyHint: true },
  }));
  await stage.query(
    `INSERT INTO "ToolCatalogue" ("serverId", "tools", "serverVersion", "fetchedAt") VALUES ($1, $2, 1, now())`,
    [serverId, JSON.stringify(tools)],
  );
  const made = await admin.post("/api/assistants", {
    data: {
      ...{ name: "Reader", description: "", instructions: "", model: "" },
      servers: [{ serverId, allTools: true, toolNames: [] }],
    },
  });
  expect(made.status(), await made.text()).toBe(201);
  const { id: assistantId } = await made.json();
  const conversation = await admin.post("/api/chat/conversations", { data: { assistantId } });
  const { id: conversationId } = await conversation.json();
  // Another story looks for the button of that name.
  const renamed = { data: { title: "A long talk" } };
  expect((await admin.patch(`/api/chat/conversations/${conversationId}`, renamed)).ok()).toBe(true);
  for (let at = 0; at < 60; at++) {
    const text = `Message ${at}. ${"It says a little more, so that it takes some lines. ".repeat(6)}`;
    await stage.query(
      `INSERT INTO "Message" ("id", "conversationId", "position", "role", "parts", "updatedAt")
       VALUES ($1, $2, $3, $4, $5, now())`,
      [
        randomUUID(),
        conversationId,
        at,
        at % 2 === 0 ? "user" : "assistant",
        JSON.stringify([{ type: "text", text }]),
      ],
    );
  }
  for (let at = 0; at < 60; at++) {
    await stage.query(
      `INSERT INTO "AuditEvent" ("id", "action", "actorEmail") VALUES ($1, 'sign-in.refused', $2)`,
      [randomUUID(), `person-${at}@usher.example`],
    );
  }
  return { serverId, assistantId, conversationId };
}
