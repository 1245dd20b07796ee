import { describe, expect, it } from "vitest";
import { createDraftStore } from "@/components/chat/composer/draft-store";
import { createOpenConversation } from "@/components/chat/shell/chat-state";

/** The part of the browser's storage that both stores use. */
function memoryStorage(): Storage {
  const items = new Map<string, string>();
  return {
    getItem: (key: string) => items.get(key) ?? null,
    setItem: (key: string, value: string) => void items.set(key, value),
    removeItem: (key: string) => void items.delete(key),
    clear: () => items.clear(),
    key: () => null,
    length: 0,
  };
}

function refused(): Storage {
  throw new DOMException("denied", "SecurityError");
}

describe("a draft", () => {
  it("outlives the page", () => {
    const storage = memoryStorage();
    createDraftStore(() => storage).write("a", "Half a sent");
    expect(createDraftStore(() => storage).read("a")).toBe("Half a sent");
    expect(createDraftStore(() => storage).read("b")).toBe("");
  });

  it("that could not be sent is placed before what was typed since", () => {
    const drafts = createDraftStore(memoryStorage);
    drafts.write("a", "");
    drafts.restore("a", "First");
    expect(drafts.read("a")).toBe("First");
    drafts.write("a", "Second");
    drafts.restore("a", "First");
    expect(drafts.read("a")).toBe("First\n\nSecond");
  });

  it("is not duplicated by a second failure", () => {
    const drafts = createDraftStore(memoryStorage);
    drafts.restore("a", "First");
    drafts.restore("a", "First");
    expect(drafts.read("a")).toBe("First");
  });

  it("lives in memory if the browser stores nothing, and notifies listeners", () => {
    const drafts = createDraftStore(refused);
    let heard = 0;
    const end = drafts.subscribe(() => heard++);
    drafts.write("a", "Words");
    expect(drafts.read("a")).toBe("Words");
    expect(heard).toBe(1);
    end();
    drafts.write("a", "");
    expect(heard).toBe(1);
  });
});

describe("the open conversation", () => {
  it("is the same after a reload", () => {
    const storage = memoryStorage();
    createOpenConversation(() => storage).open("a");
    const after = createOpenConversation(() => storage);
    expect(after.read()).toBe("a");
    after.open(null);
    expect(after.read()).toBeNull();
    expect(createOpenConversation(() => storage).read()).toBeNull();
  });

  it("works if the browser stores nothing", () => {
    const open = createOpenConversation(refused);
    expect(open.read()).toBeNull();
    open.open("a");
    expect(open.read()).toBe("a");
  });
});
