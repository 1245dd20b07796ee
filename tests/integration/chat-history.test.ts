import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { PATCH as renameRoute } from "@/app/api/chat/conversations/[conversationId]/route";
import { GET as listRoute } from "@/app/api/chat/conversations/route";
import type { ConversationList } from "@/lib/contracts/chat/chat";
import { type Installation, startInstallation } from "@/tests/support/installation";
import type { Visitor } from "@/tests/support/visitor";

const base = "/api/chat/conversations";

let usher: Installation;
let ada: Visitor;
let bob: Visitor;

beforeAll(async () => {
  usher = await startInstallation();
  ada = await usher.join("MEMBER", "Ada Old");
  bob = await usher.join("MEMBER", "Bob New");
});
afterAll(() => usher.close());
beforeEach(() => usher.app.db.conversation.deleteMany());

/** Conversations named by number, the first one changed last; ten of them in the same millisecond. */
async function converse(who: Visitor, count: number, title = (n: number) => `Talk ${n}`) {
  const now = Date.now();
  await usher.app.db.conversation.createMany({
    data: Array.from({ length: count }, (_, n) => ({
      ...{ userId: who.user.id, title: title(n) },
      updatedAt: new Date(now - Math.floor(n / 10)),
    })),
  });
}

async function page(who: Visitor, query: Record<string, string> = {}): Promise<ConversationList> {
  const answer = await who.visit(listRoute, { path: `${base}?${new URLSearchParams(query)}` });
  expect(answer.status).toBe(200);
  return answer.json();
}

/** Page after page to the end; `between` runs before each page except the first. */
async function all(who: Visitor, between: (n: number) => Promise<void> = async () => undefined) {
  const pages = [await page(who)];
  for (let after = pages[0]?.next; after; after = pages.at(-1)?.next) {
    await between(pages.length);
    pages.push(await page(who, { after }));
  }
  return pages;
}

const titlesOf = (pages: ConversationList[]) =>
  pages.flatMap(({ conversations }) => conversations.map(({ title }) => title));

async function rename(who: Visitor, id: string, title: string): Promise<void> {
  const visit = { path: `${base}/${id}`, method: "PATCH", params: { conversationId: id } };
  expect((await who.visit(renameRoute, { ...visit, json: { title } })).status).toBe(200);
}

async function titles(who: Visitor, search: string): Promise<string[]> {
  return titlesOf([await page(who, { search })]).toSorted();
}

describe("the history", () => {
  it("reaches each of 250 conversations once, and nobody else's", async () => {
    await converse(ada, 250);
    await converse(bob, 3, (n) => `Bob's ${n}`);
    const found = titlesOf(await all(ada));
    expect(found).toHaveLength(250);
    expect(new Set(found)).toEqual(new Set(Array.from({ length: 250 }, (_, n) => `Talk ${n}`)));
    expect(titlesOf(await all(bob))).toHaveLength(3);
  });

  it("lists no conversation twice while some are renamed and move to the top, and shows them there afterwards", async () => {
    await converse(ada, 250);
    const moved: string[] = [];
    const pages = await all(ada, async (n) => {
      // The last one of those not read yet, and one that was read.
      const rows = await usher.app.db.conversation.findMany({
        where: { title: { in: [`Talk ${250 - n}`, `Talk ${n}`] } },
      });
      for (const { id } of rows) {
        await rename(ada, id, `Moved ${moved.push(id)}`);
      }
    });
    const ids = pages.flatMap(({ conversations }) => conversations.map(({ id }) => id));
    expect(new Set(ids).size).toBe(ids.length);
    const again = await all(ada);
    expect(titlesOf(again)).toHaveLength(250);
    expect(new Set(again[0]?.conversations.slice(0, moved.length).map(({ id }) => id))).toEqual(
      new Set(moved),
    );
  });

  it("is searched by a part of the title, case-insensitively, with every character taken literally", async () => {
    const named = ["100% sure", "1000 miles", "a_b", "aXb", "C:\\temp", "Über & +#1 🦊", "plain"];
    await converse(ada, named.length, (n) => named[n] ?? "");
    await converse(bob, 1, () => "100% Bob");
    expect(await titles(ada, "100%")).toEqual(["100% sure"]);
    expect(await titles(ada, "A_B")).toEqual(["a_b"]);
    expect(await titles(ada, "\\")).toEqual(["C:\\temp"]);
    expect(await titles(ada, "& +#1 🦊")).toEqual(["Über & +#1 🦊"]);
    expect(await titles(ada, "nothing of that")).toEqual([]);
    expect(await titles(ada, "  ")).toHaveLength(named.length);
  });

  it("pages through the results of a search", async () => {
    await converse(ada, 130, (n) => (n % 2 === 0 ? `Even ${n}` : `Odd ${n}`));
    const first = await page(ada, { search: "even" });
    expect(first.conversations).toHaveLength(50);
    const second = await page(ada, { search: "even", after: first.next ?? "" });
    expect(second).toMatchObject({ next: null });
    expect(new Set(titlesOf([first, second])).size).toBe(65);
  });

  it.each([
    ["after", "soon"],
    ["after", "2026-99-99T99:99:99.999Z_a"],
    ["after", "2026-01-01T00:00:00.000Z_' OR 1=1"],
    ["search", "x".repeat(201)],
  ])("refuses %s=%s and names the field", async (field, value) => {
    const path = `${base}?${new URLSearchParams({ [field]: value })}`;
    const answer = await ada.visit(listRoute, { path });
    expect(answer.status).toBe(400);
    expect(JSON.stringify(await answer.json())).toContain(field);
  });
});
