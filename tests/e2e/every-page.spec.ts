import { randomUUID } from "node:crypto";
import { readFile } from "node:fs/promises";
import type { Page } from "@playwright/test";
import type { WebhookInput } from "@/lib/contracts/webhooks";
import { expect, type People, test } from "@/tests/e2e/fixtures";
import { layoutShifts, watchLayoutShiftsOfLoads } from "@/tests/e2e/layout-shifts";
import { fillLists } from "@/tests/e2e/long-lists";
import type { Stage } from "@/tests/e2e/stage";

const sizes = [
  { width: 1440, height: 900 },
  { width: 390, height: 844 },
];

// One story: loading every page twice takes longer than all the checks.
test("nothing shifts while a page loads, and no page scrolls behind the shell, with the chat open or closed", async ({
  people,
  stage,
}) => {
  test.slow();
  const paths = await pathsOf(await furnish(stage, people));
  const page = await people.visit(stage.admin, { path: "/connections" });
  await watchLayoutShiftsOfLoads(page);
  for (const size of sizes) {
    await page.setViewportSize(size);
    for (const path of paths) {
      const where = `${path}, ${size.width} px`;
      await page.goto(path);
      await settled(page);
      const { total, moved } = await layoutShifts(page);
      expect.soft(total, `${where}: ${moved.join(" ")}`).toBeLessThan(0.01);
      expect.soft(await scrolling(page), `${where}, chat closed`).toEqual(contained);
      if (path.startsWith("/chat")) continue;
      await page.keyboard.press("Control+j");
      await expect(page.locator("#chat-panel")).toBeVisible();
      await settled(page);
      expect.soft(await scrolling(page), `${where}, chat open`).toEqual(contained);
      await page.keyboard.press("Control+j");
    }
  }
});

test("who has access appears below the setting, and never before it", async ({ people, stage }) => {
  const page = await people.visit(stage.admin, { path: "/connections" });
  await page.setViewportSize({ width: 390, height: 844 });
  await watchLayoutShiftsOfLoads(page);
  const whoHasAccess = page.waitForResponse(/\/access\/people$/);
  await page.route(/\/api\/.*\/access$/, async (route) => {
    await (await whoHasAccess).finished();
    await route.continue();
  });
  await page.goto(`/mcp-servers/${stage.handbookId}/access`);
  await expect(page.getByRole("radio").first()).toBeVisible();
  await expect(page.getByRole("heading", { name: "People", exact: true })).toBeVisible();
  await settled(page);
  const { total, moved } = await layoutShifts(page);
  expect(total, moved.join(" ")).toBeLessThan(0.01);
});

const contained = { beyondTheShell: 0, chatPageScrolls: false, scrollersThatHoldNothing: [] };

/** Everything that a page requested has arrived and is rendered. */
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

/** Every workspace page of the build. */
async function pathsOf(ids: Record<string, string>): Promise<string[]> {
  const manifest = await readFile(".next/app-path-routes-manifest.json", "utf8");
  const pages = Object.entries(JSON.parse(manifest) as Record<string, string>)
    .filter(([file]) => file.startsWith("/(workspace)/") && file.endsWith("/page"))
    .map(([, path]) => path.replace(/\[(\w+)\]/g, (_, name: string) => ids[name] ?? name));
  expect(pages.length).toBeGreaterThan(12);
  expect(pages.join()).not.toContain("Id");
  return pages.toSorted();
}

/** Enough of everything to make each page longer than a window, and a long conversation. */
async function furnish(stage: Stage, people: People): Promise<Record<string, string>> {
  const admin = await people.api(stage.admin);
  await fillLists(stage);
  const [found] = await stage.query<{ serverId: string; assistantId: string; userId: string }>(
    `SELECT s."id" AS "serverId", a."id" AS "assistantId", u."id" AS "userId"
     FROM "McpServer" s, "Assistant" a, "User" u
     WHERE s."name" = 'Long server 0' AND a."name" = 'Long assistant 0' AND u."email" = $1`,
    [stage.member.email],
  );
  if (!found) throw new Error("The lists are empty.");
  const { serverId, assistantId, userId } = found;
  const groupId = randomUUID();
  await stage.query('INSERT INTO "Group" ("id", "name", "updatedAt") VALUES ($1, $1, now())', [
    groupId,
  ]);
  const webhook = await admin.post("/api/webhooks", {
    data: {
      ...{ url: "http://127.0.0.1:9/hook", description: "Nobody listens" },
      ...{ eventTypes: ["notice.opened"], enabled: true },
    } satisfies WebhookInput,
  });
  const { id: webhookId } = (await webhook.json()).webhook;
  const conversation = await admin.post("/api/chat/conversations", { data: { assistantId } });
  const { id: conversationId } = await conversation.json();
  // Another story looks for the button with that name.
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
  return { serverId, assistantId, conversationId, userId, groupId, webhookId };
}
