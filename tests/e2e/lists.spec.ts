import type { Locator, Page, Response } from "@playwright/test";
import { Chat } from "@/tests/e2e/chat";
import { expect, test } from "@/tests/e2e/fixtures";
import { fillHistory, fillLists } from "@/tests/e2e/long-lists";

const desk = { viewport: { width: 1440, height: 900 } };
const phone = { viewport: { width: 390, height: 844 }, hasTouch: true };

/** A list, a search for it, and a way to leave the page. */
type List = {
  path: string;
  field: string;
  search: string;
  /** Somewhere in the list, even when it is searched. */
  row: (page: Page) => Locator;
  /** Null: the list has no links, and the page is left by the navigation. */
  opens: string | null;
  /** The route that answers a search; absent if the browser searches in what it has. */
  asks?: string;
};

const link = (name: string) => (page: Page) => page.getByRole("main").getByRole("link", { name });
const text = (words: string) => (page: Page) =>
  page.getByRole("main").getByText(words, { exact: true });

const lists: List[] = [
  {
    ...{ path: "/mcp-servers", field: "Search MCP servers", search: "LONG server" },
    ...{ row: link("Long server 37"), opens: "Long server 37" },
  },
  {
    ...{ path: "/connections", field: "Search connections", search: "long server" },
    ...{ row: link("Manage Long server 37"), opens: "Long server 37" },
  },
  {
    ...{ path: "/assistants", field: "Search assistants", search: "long assistant" },
    ...{ row: link("Long assistant 37"), opens: "Long assistant 37" },
  },
  {
    ...{ path: "/refreshes", field: "Search refreshes", search: "long server" },
    ...{ row: link("Long server 37"), opens: "Long server 37" },
  },
  {
    ...{ path: "/people", field: "Search people", search: "people.example" },
    ...{ row: text("Long Person 37"), opens: null, asks: "/api/people" },
  },
  {
    ...{ path: "/audit", field: "Person", search: "long" },
    ...{ row: text("long45@usher.example"), opens: null, asks: "/api/audit" },
  },
];

/** Waits until the list shows the result: the row may have been visible before, in another place. */
async function search(page: Page, { path, field, search, row, asks }: List): Promise<void> {
  const isAnswer = (response: Response) => {
    const { pathname, searchParams } = new URL(response.url());
    return pathname === asks && [...searchParams.values()].includes(search);
  };
  const answered = asks ? page.waitForResponse(isAnswer) : null;
  await page.getByRole("searchbox", { name: field }).fill(search);
  await answered;
  await expect(page, path).toHaveURL(/[?&](search|person)=/);
  await page.evaluate(
    () => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))),
  );
  await expect(row(page).first()).toBeVisible();
}

const scrolled = (page: Page) => page.evaluate(() => Math.round(window.scrollY));

async function expectAsLeft(page: Page, list: List, top: number): Promise<void> {
  await expect(page.getByRole("searchbox", { name: list.field })).toHaveValue(list.search);
  await expect(list.row(page).first()).toBeVisible();
  await expect.poll(async () => Math.abs((await scrolled(page)) - top), list.path).toBeLessThan(3);
}

for (const [device, options] of Object.entries({ "a desk": desk, "a phone": phone })) {
  test(`every list keeps its state after Back, a reload and Forward, on ${device}`, async ({
    people,
    stage,
  }) => {
    test.slow();
    await fillLists(stage);
    const page = await people.visit(stage.admin, { path: "/settings/account", ...options });
    for (const list of lists) {
      await test.step(list.path, async () => {
        await page.goto(list.path);
        await search(page, list);
        await list.row(page).first().scrollIntoViewIfNeeded();
        const top = await scrolled(page);
        expect(top).toBeGreaterThan(300);
        if (list.opens) {
          await list.row(page).first().click();
          await expect(page.getByRole("heading", { level: 1, name: list.opens })).toBeVisible();
        } else {
          // As in the sidebar, which is a drawer on a phone.
          await page
            .getByRole("link", { name: /^Usher/ })
            .locator("visible=true")
            .click();
          await expect(page.getByRole("heading", { level: 1, name: "MCP Servers" })).toBeVisible();
        }
        const elsewhere = page.url();
        await page.goBack();
        await expectAsLeft(page, list, top);
        await page.reload();
        await expectAsLeft(page, list, top);
        await page.goForward();
        await expect(page).toHaveURL(elsewhere);
        await page.goBack();
        await expectAsLeft(page, list, top);
      });
    }
  });
}

test("people are listed a page at a time, and the URL keeps the number of pages", async ({
  people,
  stage,
}) => {
  await stage.query(
    `INSERT INTO "User" ("id", "name", "email", "role", "updatedAt")
     SELECT 'paged-' || n, 'Paged ' || to_char(n, 'FM000'), 'paged' || n || '@pages.example', 'MEMBER', now()
     FROM generate_series(1, 230) AS n ON CONFLICT DO NOTHING`,
    [],
  );
  try {
    const page = await people.visit(stage.admin, { path: "/people?search=pages.example", ...desk });
    const row = (name: string) => page.getByText(name, { exact: true });
    const more = page.getByRole("button", { name: "Show more people" });
    await expect(row("Paged 100")).toBeVisible();
    await expect(row("Paged 101")).toHaveCount(0);
    await expect(page.getByText("100 of 230", { exact: true })).toBeVisible();
    await more.click();
    await expect(row("Paged 200")).toBeVisible();
    await more.click();
    await expect(row("Paged 230")).toBeVisible();
    await expect(more).toHaveCount(0);
    await expect(page).toHaveURL(/pages=3/);
    await page.reload();
    await expect(row("Paged 230")).toBeVisible();
    await page.getByRole("searchbox", { name: "Search people" }).fill("paged7@");
    await expect(row("Paged 007")).toBeVisible();
    await expect(row("Paged 008")).toHaveCount(0);
    await expect(page).not.toHaveURL(/pages=/);
  } finally {
    await stage.query(`DELETE FROM "User" WHERE "email" LIKE '%@pages.example'`, []);
  }
});

test("a search survives a reload and a shared link, whatever its characters", async ({
  people,
  stage,
}) => {
  const strange = "a&b%23 #+=?/ 100% ünï 🦊";
  const page = await people.visit(stage.admin, { path: "/people", ...desk });
  const field = (on: Page) => on.getByRole("searchbox", { name: "Search people" });
  await field(page).pressSequentially(strange);
  await expect(field(page)).toHaveValue(strange);
  await expect(page.getByRole("heading", { name: "No matches" })).toBeVisible();
  await page.reload();
  await expect(field(page)).toHaveValue(strange);
  const shared = await people.visit(stage.admin, { path: page.url(), ...desk });
  await expect(field(shared)).toHaveValue(strange);

  await page.getByRole("button", { name: "Clear search" }).click();
  await expect(field(page)).toHaveValue("");
  await expect(page).toHaveURL(/\/people$/);
  await expect(page.getByRole("table", { name: "People with an account" })).toBeVisible();
});

test("typing in the middle of a search keeps the caret in place, and every letter", async ({
  people,
  stage,
}) => {
  const page = await people.visit(stage.admin, { path: "/people", ...desk });
  const field = page.getByRole("searchbox", { name: "Search people" });
  await field.fill("admin@usher");
  await page.keyboard.press("Home");
  await page.keyboard.press("ArrowRight");
  await page.keyboard.type("xyzzyxyzzy");
  await expect(field).toHaveValue("axyzzyxyzzydmin@usher");
  await expect(page).toHaveURL(/search=axyzzyxyzzydmin%40usher$/);
});

test("Back undoes a filter, and a link to another page keeps the whole view", async ({
  people,
  stage,
}) => {
  const page = await people.visit(stage.admin, { path: "/people", ...desk });
  const show = page.getByRole("combobox", { name: "Filter people" });
  await show.click();
  await page.getByRole("option", { name: "Disabled" }).click();
  await expect(page).toHaveURL(/show=disabled$/);
  await page.goBack();
  await expect(show).toContainText("Everyone");
  await page.goForward();
  await expect(show).toContainText("Disabled");
  // The link to the page itself shows the page in its initial state.
  await page.getByRole("navigation").getByRole("link", { name: "People" }).first().click();
  await expect(show).toContainText("Everyone");
  await expect(page).toHaveURL(/\/people$/);

  await page.goto("/audit");
  await page.getByRole("combobox", { name: "What" }).click();
  await page.getByRole("option", { name: "People" }).click();
  await page.getByLabel("From").fill("2026-01-02");
  await page.reload();
  await expect(page.getByRole("combobox", { name: "What" })).toContainText("People");
  await expect(page.getByLabel("From")).toHaveValue("2026-01-02");
  const href = await page.getByRole("link", { name: "CSV" }).getAttribute("href");
  expect(href).toContain("from=2026-01-02T00%3A00%3A00.000Z");
});

test("Back right after choosing a filter undoes it as well", async ({ people, stage }) => {
  const page = await people.visit(stage.admin, { path: "/people", ...desk });
  const show = page.getByRole("combobox", { name: "Filter people" });
  await show.click();
  const disabled = page.getByRole("option", { name: "Disabled" });
  await disabled.focus();
  // In one task, so that the router hears of both at once.
  await disabled.evaluate((option) => {
    option.dispatchEvent(new KeyboardEvent("keydown", { key: "Enter", bubbles: true }));
    window.history.back();
  });
  await expect(page).toHaveURL(/\/people$/);
  await expect(show).toContainText("Everyone");
});

test("an invalid URL shows the list in its initial state", async ({ people, stage }) => {
  const page = await people.visit(stage.admin, { path: "/people", ...desk });
  const long = "x".repeat(3_000);
  for (const path of [
    "/people?show=constructor&search=%00",
    "/mcp-servers?search=%E0%A4%A&search=b",
    "/audit?action=__proto__&from=soon&to=9999-12-31&pages=-1&person=%00",
    "/audit?action=toString&from=12026-01-01&to=2026-13-99&pages=1e9",
    `/mcp-servers/${stage.handbookId}?flows=toString&all-tools=%ff&tools=%00`,
    "/refreshes?search=%00",
    "/chat?history=%00&pages=zero",
  ]) {
    await page.goto(path);
    await expect(page.getByRole("heading", { level: 1 })).toBeVisible();
    await expect(page.getByRole("status").filter({ hasText: "Loading" }), path).toHaveCount(0);
    await expect(page.getByText(/could not be loaded|went wrong/), path).toHaveCount(0);
  }
  for (const path of [`/audit?person=${long}&server=${long}`, `/chat?history=${long}`]) {
    await page.goto(path);
    await expect(page.getByText(/No events match|No title contains this text/), path).toBeVisible();
  }
});

test("on a phone a search field is as wide as its list", async ({ people, stage }) => {
  await fillLists(stage);
  const page = await people.visit(stage.admin, { path: "/settings/account", ...phone });
  for (const list of lists.filter(({ path }) => path !== "/audit")) {
    await page.goto(list.path);
    const field = page.getByRole("searchbox", { name: list.field });
    await field.fill("long");
    const main = page.getByRole("main");
    await expect(
      list
        .row(page)
        .or(main.getByText(/^(l|L)ong/))
        .first(),
    ).toBeVisible();
    // Read at once: a row that the search removes is not waited for.
    const difference = () =>
      main.evaluate((element) => {
        const widthOf = (each: Element) => each.getBoundingClientRect().width;
        const field = element.querySelector("[type=search]");
        const lists = [...element.querySelectorAll("table, ul, ol")].map(widthOf);
        return Math.abs((field ? widthOf(field) : 0) - Math.max(0, ...lists));
      });
    const { width = 0 } = (await field.boundingBox()) ?? {};
    expect(width, list.path).toBeGreaterThan(340);
    await expect.poll(difference, list.path).toBeLessThan(4);
  }
});

test("each of 250 conversations is reached once, by scrolling and by search", async ({
  people,
  stage,
}) => {
  test.slow();
  const account = await people.join("Hilda History");
  await fillHistory(stage, account, 250);
  const page = await people.visit(account, { path: "/chat", ...desk });
  const history = page.getByRole("complementary", { name: "History" });
  const lines = history.getByRole("button", { name: /^(Talk|Moved) \d+\./ });
  await expect(lines).toHaveCount(50);

  // Another browser renames one that is not loaded yet, and one that is.
  const api = await people.api(account);
  const moved = await stage.query<{ id: string }>(
    `SELECT c."id" FROM "Conversation" c JOIN "User" u ON u."id" = c."userId"
     WHERE u."email" = $1 AND c."title" IN ('Talk 20.', 'Talk 180.')`,
    [account.email],
  );
  for (const [n, { id }] of moved.entries()) {
    const renamed = await api.patch(`/api/chat/conversations/${id}`, {
      data: { title: `Moved ${n}.` },
    });
    expect(renamed.ok()).toBe(true);
  }
  await expect(async () => {
    await history.evaluate((box) => box.scrollTo(0, box.scrollHeight));
    await expect(history.getByRole("button", { name: "Show older" })).toHaveCount(0, {
      timeout: 500,
    });
  }).toPass({ timeout: 30_000 });
  await page.reload();
  await expect(lines).toHaveCount(250);
  const titles = await lines.allInnerTexts();
  expect(new Set(titles.map((words) => words.split("\n")[0])).size).toBe(250);
  await expect(lines.first()).toContainText("Moved");

  // The scroll position survives another page and Back.
  await history.evaluate((box) => box.scrollTo(0, 3_000));
  await page.getByRole("navigation").getByRole("link", { name: "Connections" }).first().click();
  await expect(page.getByRole("heading", { level: 1, name: "Connections" })).toBeVisible();
  await page.goBack();
  await expect(lines).toHaveCount(250);
  await expect.poll(() => history.evaluate((box) => box.scrollTop)).toBeGreaterThan(2_900);

  const field = history.getByRole("searchbox", { name: "Search conversations" });
  await field.fill("talk 249.");
  await expect(lines).toHaveCount(1);
  await lines.click();
  await expect(page.getByRole("heading", { level: 1, name: "Talk 249." })).toBeVisible();
  await page.reload();
  await expect(field).toHaveValue("talk 249.");
  await expect(lines).toHaveCount(1);
  await field.fill("nothing like it");
  await history.getByRole("button", { name: "Clear search" }).click();
  await expect(lines.first()).toBeVisible();
});

test("a notice covers neither the user menu nor the composer", async ({ people, stage }) => {
  for (const [device, options] of Object.entries({ desk, phone })) {
    const page = await people.visit(stage.admin, { path: "/refreshes", ...options });
    await page.getByRole("button", { name: "Refresh now" }).click();
    const toast = page.locator("[data-sonner-toast]");
    await expect(toast).toBeVisible();
    // It slides in.
    await expect
      .poll(async () => (await toast.boundingBox())?.y ?? -1, device)
      .toBeGreaterThanOrEqual(device === "phone" ? 52 : 8);
    const notice = await toast.boundingBox();
    expect(notice?.x).toBeGreaterThanOrEqual(0);
    if (device === "desk") {
      const menu = page.getByRole("button", { name: /^Account of/ }).locator("visible=true");
      expect(overlap(notice, await menu.boundingBox())).toBe(false);
      const beside = await Chat.beside(page);
      expect(overlap(notice, await beside.input.boundingBox()), "in the panel").toBe(false);
    }
    await page.goto("/chat");
    const { input } = Chat.onPage(page);
    expect(overlap(notice, await input.boundingBox()), `${device}, chat`).toBe(false);
  }
});

type Box = { x: number; y: number; width: number; height: number };

function overlap(one: Box | null, other: Box | null): boolean {
  if (!one || !other) throw new Error("One of the two is not on the page.");
  return (
    one.x < other.x + other.width &&
    other.x < one.x + one.width &&
    one.y < other.y + other.height &&
    other.y < one.y + one.height
  );
}
