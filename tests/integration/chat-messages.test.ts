import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { GET as olderRoute } from "@/app/api/chat/conversations/[conversationId]/messages/route";
import { GET as readRoute } from "@/app/api/chat/conversations/[conversationId]/route";
import type { ConversationDetail, MessagePage } from "@/lib/contracts/chat/chat";
import { type Installation, startInstallation } from "@/tests/support/installation";
import type { Visitor } from "@/tests/support/visitor";

let usher: Installation;
let ada: Visitor;
let bob: Visitor;
let conversationId: string;

beforeAll(async () => {
  usher = await startInstallation();
  ada = await usher.join("MEMBER", "Ada");
  bob = await usher.join("MEMBER", "Bob");
});
afterAll(() => usher.close());
beforeEach(async () => {
  const data = { userId: ada.user.id, title: "Long" };
  conversationId = (await usher.app.db.conversation.create({ data })).id;
});

/** Alternating questions and answers, numbered from `from`. */
async function say(count: number, { from = 0, length = 20 } = {}): Promise<void> {
  await usher.app.db.message.createMany({
    data: Array.from({ length: count }, (_, n) => ({
      ...{ id: randomUUID(), conversationId, position: from + n },
      role: (from + n) % 2 === 0 ? "user" : "assistant",
      parts: [{ type: "text", text: `Message ${from + n}.`.padEnd(length, ".") }],
    })),
  });
}

async function newest(who = ada): Promise<ConversationDetail> {
  const path = `/api/chat/conversations/${conversationId}`;
  return (await who.visit(readRoute, { path, params: { conversationId } })).json();
}

function older(before: string, who = ada): Promise<Response> {
  const query = new URLSearchParams({ before });
  const path = `/api/chat/conversations/${conversationId}/messages?${query}`;
  return who.visit(olderRoute, { path, params: { conversationId } });
}

/** Page by page to the first message; `between` runs before each page except the newest. */
async function all(between: (page: number) => Promise<void> = async () => undefined) {
  const pages: MessagePage[] = [await newest()];
  for (let before = pages[0]?.older; before; before = pages.at(-1)?.older) {
    await between(pages.length);
    pages.push(await (await older(before)).json());
  }
  return pages;
}

/** Their numbers, in the order in which they are shown. */
function numbers(pages: readonly MessagePage[]): number[] {
  const messages = pages.toReversed().flatMap((page) => page.messages);
  return messages.map(({ parts: [part] }) =>
    part?.type === "text" ? Number(/\d+/.exec(part.text)?.[0]) : Number.NaN,
  );
}

const upTo = (count: number) => Array.from({ length: count }, (_, n) => n);

describe("a long conversation", () => {
  it.each([0, 1, 2, 49, 50, 51, 100, 173])(
    "of %i messages is returned in pages of 50, in order, each message once",
    async (count) => {
      await say(count);
      const pages = await all();
      expect(pages.length).toBe(Math.max(1, Math.ceil(count / 50)));
      expect(numbers(pages)).toEqual(upTo(count));
      expect(pages.at(-1)?.older).toBeNull();
    },
  );

  it("loses no message while new ones arrive, and repeats none", async () => {
    await say(130);
    const pages = await all((page) => say(30, { from: 100 + page * 30 }));
    expect(numbers(pages)).toEqual(upTo(130));
    // The next poll for the newest ones continues from them.
    const { messages, older: before } = await newest();
    expect(numbers([{ messages, older: before, pausedToolCalls: [] }])).toEqual(
      upTo(190).slice(-50),
    );
  });

  it("is returned in pages that stay small, with the last turn complete", async () => {
    await say(60, { length: 30_000 });
    const pages = await all();
    expect(numbers(pages)).toEqual(upTo(60));
    for (const page of pages) expect(JSON.stringify(page).length).toBeLessThan(250_000);
    await say(2, { from: 60, length: 600_000 });
    const [last, ...rest] = await all();
    expect(last?.messages).toHaveLength(2);
    expect(numbers(rest)).toEqual(upTo(60));
  });

  it("returns the state of its old calls with the page that contains them", async () => {
    const server = await usher.app.db.mcpServer.create({
      data: {
        name: "Files",
        transport: "STREAMABLE_HTTP",
        url: "https://mcp.example/mcp",
        authentication: "NONE",
      },
    });
    const call = { type: "dynamic-tool", toolCallId: "old", toolName: "read", input: {} };
    await usher.app.db.message.create({
      data: {
        ...{ id: randomUUID(), conversationId, position: 0, role: "assistant" },
        parts: [{ ...call, state: "output-error", errorText: "Skipped." }],
        createdAt: new Date(Date.now() - 60_000),
      },
    });
    await usher.app.db.pausedToolCall.create({
      data: {
        ...{ conversationId, serverId: server.id, toolCallId: "old", toolName: "read", input: {} },
        ...{ state: "SKIPPED", createdAt: new Date(Date.now() - 60_000) },
      },
    });
    await say(50, { from: 1 });
    const [last, first] = await all();
    expect(last?.pausedToolCalls).toEqual([]);
    expect(first?.pausedToolCalls).toMatchObject([{ toolCallId: "old", state: "SKIPPED" }]);
  });

  it("is private, and has no other pages", async () => {
    await say(60);
    expect((await older("10", bob)).status).toBe(404);
    for (const before of ["", "-1", "1e3", "10;", "99999999999"]) {
      expect((await older(before)).status, before).toBe(400);
    }
    expect(await (await older("0")).json()).toMatchObject({ messages: [], older: null });
  });
});
