import type { BrowserContext, Page } from "@playwright/test";
import { Chat } from "@/tests/e2e/chat";
import { expect, type People, test } from "@/tests/e2e/fixtures";
import { signIn } from "@/tests/e2e/sign-in";
import type { Account, Stage } from "@/tests/e2e/stage";

// A page fetched in advance for one person must not open for the next.
test.use({ prefetch: true });

/** One browser, in which Ada has two tabs open. */
async function twoTabs(people: People, path = "/connections") {
  const ada = await people.join("Ada Twotabs");
  const bob = await people.join("Bob Twotabs");
  const first = await people.visit(ada, { path });
  const second = await first.context().newPage();
  await second.goto("/connections");
  await expect(first.getByRole("button", { name: /Ada Twotabs/ })).toBeVisible();
  return { ada, bob, first, second };
}

async function signOut(page: Page): Promise<void> {
  await page.getByRole("button", { name: /Ada Twotabs/ }).click();
  await page.getByRole("menuitem", { name: "Sign out" }).click();
  await expect(page).toHaveURL(/\/sign-in/);
}

/** As another browser on the same machine would leave it: no page of this one is notified. */
async function swapSession(context: BrowserContext, people: People, to: Account): Promise<void> {
  const { cookies } = await (await people.api(to)).storageState();
  await context.addCookies(cookies);
}

test("after a sign-out every tab drops what it shows and what was typed in it", async ({
  people,
}) => {
  const { ada, first, second } = await twoTabs(people, "/chat");
  const chat = Chat.onPage(first);
  await chat.input.fill("A thought that nobody else should read");
  await signOut(second);

  await expect(first.getByRole("heading", { name: "You are signed out" })).toBeVisible();
  await expect(first.getByText("Ada Twotabs")).toHaveCount(0);
  await expect(first.getByRole("textbox")).toHaveCount(0);
  const kept = await first.evaluate(() => JSON.stringify({ ...sessionStorage }));
  expect(kept).not.toContain("A thought");

  // She signs in again in one tab, and the other follows.
  await signIn(second, ada);
  await expect(first.getByRole("button", { name: /Ada Twotabs/ })).toBeVisible();
});

test("a tab of one person ends when another signs in, and says who is signed in", async ({
  people,
}) => {
  const { ada, bob, first, second } = await twoTabs(people);
  await signOut(second);
  await signIn(second, bob);
  await expect(second.getByRole("button", { name: /Bob Twotabs/ })).toBeVisible();
  await expect(
    first.getByRole("heading", { name: `You are signed in as ${bob.email}` }),
  ).toBeVisible();
  await expect(first.getByText(ada.email)).toHaveCount(0);
  await first.getByRole("link", { name: "Continue" }).click();
  await expect(first.getByRole("button", { name: /Bob Twotabs/ })).toBeVisible();
});

for (const [what, act] of Object.entries({
  "a request": async (page: Page) => {
    await Chat.onPage(page).input.fill("Who am I");
    await Chat.onPage(page).input.press("Enter");
  },
  "a page that the router fetches": async (page: Page) => {
    await page.getByRole("link", { name: "Connections" }).click();
  },
})) {
  test(`${what} of a tab that missed the change is not made in another person's name`, async ({
    people,
    stage,
  }) => {
    const { bob, first, second } = await twoTabs(people, "/chat");
    await second.close();
    await swapSession(first.context(), people, bob);
    await act(first);
    await expect(
      first.getByRole("heading", { name: `You are signed in as ${bob.email}` }),
    ).toBeVisible();
    await expect(first.getByText("Twotabs").filter({ hasText: "Ada" })).toHaveCount(0);
    expect(await conversationsOf(stage, bob)).toBe(0);
  });
}

test("an authorization started in one person's tab does not connect another person's account", async ({
  people,
  stage,
}) => {
  const { bob, first, second } = await twoTabs(people);
  await second.close();
  const link = first.getByRole("link", { name: /^Authorize.* Personal Files/ });
  const href = await link.getAttribute("href");
  await swapSession(first.context(), people, bob);
  await first.goto(String(href));
  await expect(first.getByText("That page belonged to another account")).toBeVisible();
  await expect(first.getByRole("button", { name: /Bob Twotabs/ })).toBeVisible();
  const [flows] = await stage.query<{ count: string }>(
    `SELECT count(*) FROM "AuthorizationRequest" r JOIN "User" u ON u.id = r."userId" WHERE u.email = $1`,
    [bob.email],
  );
  expect(Number(flows?.count)).toBe(0);
});

test("Back shows no page of a person who has signed out", async ({ people }) => {
  const { first, second } = await twoTabs(people);
  await second.close();
  const page = await first.request.get("/connections");
  expect(page.headers()["cache-control"]).toContain("no-store");
  await signOut(first);
  await first.goBack();
  await expect(
    first
      .getByRole("heading", { name: "You are signed out" })
      .or(first.getByRole("button", { name: "Sign in" })),
  ).toBeVisible();
  await expect(first.getByText("Ada Twotabs")).toHaveCount(0);
});

test("a page that the browser kept for Back is checked before it is shown again", async ({
  people,
}) => {
  const { first, second } = await twoTabs(people);
  await second.close();
  const visibility = () => first.evaluate(() => document.documentElement.style.visibility);
  const transition = (type: string) =>
    first.evaluate(
      (name) => window.dispatchEvent(new PageTransitionEvent(name, { persisted: true })),
      type,
    );
  await transition("pagehide");
  expect(await visibility()).toBe("hidden");
  await transition("pageshow");
  expect(await visibility()).toBe("");
  await expect(first.getByRole("button", { name: /Ada Twotabs/ })).toBeVisible();

  await transition("pagehide");
  // A page in the cache is not notified.
  await first.evaluate(() => localStorage.setItem("usher-session", "null"));
  await transition("pageshow");
  await expect(first.getByRole("heading", { name: "You are signed out" })).toBeVisible();
});

async function conversationsOf(stage: Stage, { email }: Account): Promise<number> {
  const [row] = await stage.query<{ count: string }>(
    `SELECT count(*) FROM "Conversation" c JOIN "User" u ON u.id = c."userId" WHERE u.email = $1`,
    [email],
  );
  return Number(row?.count);
}
