import type { RequestListener, ServerResponse } from "node:http";
import { QueryClient } from "@tanstack/react-query";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createDraftStore } from "@/components/chat/composer/draft-store";
import { createConversationSession } from "@/components/chat/turn/conversation-session";
import { messageText } from "@/components/chat/turn/message-blocks";
import type {
  ChatMessage,
  ConversationDetail,
  MessagePage,
  TurnInput,
} from "@/lib/contracts/chat/chat";
import {
  type LocalHttpServer,
  readBody,
  sendJson,
  startHttpServer,
} from "@/tests/support/local-http-server";

let server: LocalHttpServer;
let answer: (input: TurnInput, response: ServerResponse) => void;
const received: TurnInput[] = [];
/** Null: the server fails. */
let page: (before: number) => MessagePage | null;
const asked: number[] = [];
const browserFetch = globalThis.fetch;

const listener: RequestListener = async (request, response) => {
  const body = await readBody(request);
  const before = /\/messages\?before=(\d+)$/.exec(request.url ?? "")?.[1];
  if (before !== undefined) {
    asked.push(Number(before));
    const answer = page(Number(before));
    return void sendJson(response, answer ? 200 : 503, answer ?? conflict);
  }
  if (request.url?.endsWith("/stop")) return void response.writeHead(204).end();
  const input: TurnInput = JSON.parse(body);
  received.push(input);
  answer(input, response);
};

beforeEach(async () => {
  received.length = 0;
  asked.length = 0;
  server = await startHttpServer(listener);
  // In a browser a path is enough.
  globalThis.fetch = (url, init) => browserFetch(`${server.origin}${url}`, init);
});

afterEach(async () => {
  globalThis.fetch = browserFetch;
  await server.close();
});

function stream(response: ServerResponse, ...chunks: object[]): void {
  response.writeHead(200, { "content-type": "text/event-stream" });
  for (const chunk of chunks) response.write(`data: ${JSON.stringify(chunk)}\n\n`);
}

function says(response: ServerResponse, words: string): void {
  stream(
    response,
    { type: "start", messageId: "answer" },
    { type: "text-start", id: "1" },
    { type: "text-delta", id: "1", delta: words },
    { type: "text-end", id: "1" },
    { type: "finish" },
  );
  response.end("data: [DONE]\n\n");
}

const said = (id: string, role: "user" | "assistant", text: string): ChatMessage => ({
  id,
  role,
  parts: [{ type: "text", text }],
});

function detail(change: Partial<ConversationDetail> = {}): ConversationDetail {
  return {
    id: "conversation",
    title: "New conversation",
    assistantId: "assistant",
    assistantName: "Guide",
    updatedAt: new Date(0).toISOString(),
    messages: [],
    running: false,
    pausedToolCalls: [],
    older: null,
    model: null,
    ...change,
  };
}

const noStorage = () => {
  throw new Error("no storage");
};

function open(stored = detail()) {
  const queryClient = new QueryClient();
  const drafts = createDraftStore(noStorage);
  const session = createConversationSession(stored, { queryClient, drafts });
  const words = () => session.chat.messages.map(messageText);
  return { session, words, draft: () => drafts.read("conversation"), drafts };
}

const later = () => Date.now() + 1;
const conflict = { error: { code: "conflict", message: "Another answer is being written." } };

describe("sending a message", () => {
  // A login proxy whose session ended: oauth2-proxy/oauth2-proxy#2292, authelia/authelia#3221.
  it.each([
    ["redirect", 302, { location: "/login" }],
    ["page", 200, { "content-type": "text/html" }],
  ])(
    "keeps the text if a proxy answers with a sign-in (%s), and the id",
    async (_, status, head) => {
      answer = (_input, response) => response.writeHead(status, head).end("<html>Sign in</html>");
      const { session, draft, words } = open();
      await session.send("Hello");
      expect([draft(), words()]).toEqual(["Hello", []]);
      expect(session.getState()).toMatchObject({
        ...{ working: false, connectionLost: false },
        failure: { turn: "send", message: expect.stringContaining("such as a sign-in") },
      });
      answer = (_input, response) => says(response, "Hi");
      await session.send("Hello");
      expect(new Set(received.map((input) => input.kind === "send" && input.messageId)).size).toBe(
        1,
      );
    },
  );

  it("sends only the message, and shows the answer as it arrives", async () => {
    answer = (_, response) => says(response, "Hello.");
    const { session, words, drafts, draft } = open();
    drafts.write("conversation", "Hi");
    const sent = session.send("Hi");
    expect(words()).toEqual([]);
    expect(session.getState().working).toBe(true);
    await sent;
    expect(words()).toEqual(["Hi", "Hello."]);
    expect(draft()).toBe("");
    expect(received).toEqual([
      { kind: "send", messageId: session.chat.messages[0]?.id, text: "Hi" },
    ]);
    expect(session.getState()).toMatchObject({ working: false, failure: null });
  });

  it("restores the text with the reason if the server rejects it", async () => {
    answer = (_, response) => sendJson(response, 409, conflict);
    const { session, words, draft } = open(detail({ messages: [said("1", "user", "Before")] }));
    await session.send("Precious");
    expect(draft()).toBe("Precious");
    expect(words()).toEqual(["Before"]);
    expect(session.getState().failure).toEqual({
      turn: "send",
      message: "Another answer is being written.",
    });
  });

  it("clears the text from the composer if the message had arrived after all", async () => {
    answer = (_, response) => response.destroy();
    const { session, words, draft } = open();
    await session.send("Did it?");
    expect(draft()).toBe("Did it?");
    const [input] = received;
    if (input?.kind !== "send") throw new Error("nothing was sent");
    const stored = [said(input.messageId, "user", "Did it?"), said("answer", "assistant", "Yes.")];
    session.adopt(detail({ messages: stored }), later());
    expect(draft()).toBe("");
    expect(words()).toEqual(["Did it?", "Yes."]);
    expect(session.getState().failure).toBeNull();
  });

  it("sends the same message under the same id while it is unknown whether it arrived", async () => {
    answer = (_, response) => response.destroy();
    const { session } = open();
    await session.send("Once");
    answer = (_, response) => says(response, "Once.");
    await session.send("Once");
    const ids = received.map((input) => input.kind === "send" && input.messageId);
    expect(ids[0]).toBeTruthy();
    expect(new Set(ids).size).toBe(1);
  });

  it("names the assistant until the server has started the conversation", async () => {
    let begun = 0;
    const session = createConversationSession(
      detail(),
      { queryClient: new QueryClient(), drafts: createDraftStore(noStorage) },
      { assistantId: "assistant", model: null, onBegun: () => begun++ },
    );
    answer = (_, response) => response.destroy();
    await session.send("First");
    expect(begun).toBe(0);
    answer = (_, response) => says(response, "Hello.");
    await session.send("First");
    await session.send("Second");
    expect(begun).toBe(1);
    const [lost, first, second] = received;
    expect(lost).toMatchObject({ kind: "send", assistantId: "assistant" });
    expect(first).toEqual(lost);
    expect(second).not.toHaveProperty("assistantId");
  });

  it("sends a model once it was chosen, and leaves it to the server from then on", async () => {
    answer = (_, response) => says(response, "Hello.");
    const { session } = open();
    session.chooseModel("own/large");
    await session.send("First");
    await session.send("Second");
    session.chooseModel(null);
    await session.retry();
    expect(received).toMatchObject([{ model: "own/large" }, {}, { kind: "retry", model: null }]);
    expect(received[1]).not.toHaveProperty("model");
    expect(session.getState().model).toBeNull();
  });

  it("does nothing while a turn runs", async () => {
    answer = (_, response) => says(response, "One.");
    const { session } = open();
    await Promise.all([session.send("One"), session.send("Two")]);
    expect(received).toHaveLength(1);
  });
});

describe("continuing and asking again", () => {
  const waiting = [said("1", "user", "Read it"), said("answer", "assistant", "I read it.")];

  it("continues the last answer in place", async () => {
    answer = (_, response) => says(response, " There.");
    const { session } = open(detail({ messages: waiting }));
    await session.resume();
    expect(received).toEqual([{ kind: "resume" }]);
    expect(session.chat.messages).toHaveLength(2);
    expect(session.chat.messages[1]?.parts).toHaveLength(2);
  });

  it("says nothing if another tab was first", async () => {
    answer = (_, response) => sendJson(response, 409, conflict);
    const { session, words } = open(detail({ messages: waiting }));
    await session.resume();
    expect(session.getState().failure).toBeNull();
    expect(words()).toEqual(["Read it", "I read it."]);
  });

  it("keeps the old answer if asking again fails", async () => {
    answer = (_, response) => sendJson(response, 500, {});
    const { session, words } = open(detail({ messages: waiting }));
    await session.retry();
    expect(words()).toEqual(["Read it", "I read it."]);
    expect(session.getState().failure?.turn).toBe("retry");
  });
});

describe("the server's stored state", () => {
  it("is polled after the connection broke, until the answer is complete", async () => {
    answer = (_, response) => {
      stream(
        response,
        { type: "start", messageId: "answer" },
        { type: "text-start", id: "1" },
        { type: "text-delta", id: "1", delta: "Half" },
      );
      setTimeout(() => response.destroy(), 30);
    };
    const { session, words, draft } = open();
    await session.send("Hi");
    expect(session.getState()).toMatchObject({ connectionLost: true, failure: null });
    expect(draft()).toBe("");
    const user = session.chat.messages[0];
    if (!user) throw new Error("the message is gone");
    session.adopt(
      detail({ running: true, messages: [user, said("answer", "assistant", "Half a")] }),
      later(),
    );
    expect(session.getState().connectionLost).toBe(true);
    session.adopt(detail({ messages: [user, said("answer", "assistant", "Half a word.")] }), 9e15);
    expect(session.getState().connectionLost).toBe(false);
    expect(words()).toEqual(["Hi", "Half a word."]);
  });

  it("never overwrites a running turn, nor one that ended since the request", async () => {
    let finish = () => {};
    answer = (_, response) => {
      finish = () => says(response, "New.");
    };
    const { session, words } = open();
    const asked = Date.now() - 1000;
    const sent = session.send("Hi");
    while (received.length === 0) await new Promise((resolve) => setTimeout(resolve, 5));
    session.adopt(detail(), later());
    expect(words()).toEqual(["Hi"]);
    finish();
    await sent;
    session.adopt(detail(), asked);
    expect(words()).toEqual(["Hi", "New."]);
  });

  it("keeps the same objects for unchanged messages", () => {
    const { session } = open(detail({ messages: [said("1", "user", "Hi")] }));
    const [before] = session.chat.messages;
    session.adopt(
      detail({ messages: [said("1", "user", "Hi"), said("2", "assistant", "Hello.")] }),
      later(),
    );
    expect(session.chat.messages[0]).toBe(before);
    expect(session.chat.messages).toHaveLength(2);
  });
});

describe("older messages", () => {
  const numbered = (from: number, to: number) =>
    Array.from({ length: to - from }, (_, n) => said(`${from + n}`, "user", `${from + n}`));
  const ids = (messages: readonly ChatMessage[]) => messages.map(({ id }) => Number(id));
  const range = (from: number, to: number) => ids(numbered(from, to));

  it("are loaded page by page, before the existing ones", async () => {
    page = (before) => ({
      ...{ messages: numbered(before - 10, before), pausedToolCalls: [] },
      older: before > 10 ? `${before - 10}` : null,
    });
    const { session } = open(detail({ messages: numbered(20, 30), older: "20" }));
    const shown: number[] = [];
    await session.loadEarlier(() => shown.push(session.getState().earlier.messages.length));
    // A second press in the meantime requests nothing.
    await Promise.all([session.loadEarlier(), session.loadEarlier()]);
    await session.loadEarlier();
    expect(ids(session.getState().earlier.messages)).toEqual(range(0, 20));
    expect(session.getState().earlier).toMatchObject({ older: null, loading: false });
    expect(shown).toEqual([0]);
    expect(asked).toEqual([20, 10]);
  });

  it("can be requested again after a failure", async () => {
    page = () => null;
    const { session } = open(detail({ messages: numbered(5, 9), older: "5" }));
    await session.loadEarlier();
    expect(session.getState().earlier).toMatchObject({ older: "5", loading: false });
    expect(session.getState().earlier.problem).toBeTruthy();
    page = () => ({ messages: numbered(0, 5), pausedToolCalls: [], older: null });
    await session.loadEarlier();
    expect(ids(session.getState().earlier.messages)).toEqual(range(0, 5));
    expect(session.getState().earlier.problem).toBeNull();
  });

  it("stay when the newest page moves on, and resume where it left them behind", async () => {
    page = () => ({ messages: numbered(0, 10), pausedToolCalls: [], older: null });
    const { session } = open(detail({ messages: numbered(10, 20), older: "10" }));
    await session.loadEarlier();
    session.adopt(detail({ messages: numbered(15, 25), older: "15" }), later());
    expect(ids(session.chat.messages)).toEqual(range(10, 25));
    expect(ids(session.getState().earlier.messages)).toEqual(range(0, 10));
    session.adopt(detail({ messages: numbered(40, 50), older: "40" }), later() + 1);
    expect(ids(session.chat.messages)).toEqual(range(40, 50));
    expect(session.getState().earlier).toMatchObject({ messages: [], older: "40" });
  });
});
