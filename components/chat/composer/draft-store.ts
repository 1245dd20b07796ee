/** Text typed and not yet sent, by conversation; it survives navigation and a reload. */
export type DraftStore = {
  read(key: string): string;
  write(key: string, text: string): void;
  /** Puts text that could not be sent back, before whatever was typed since. */
  restore(key: string, text: string): void;
  subscribe(listener: () => void): () => void;
};

export const newConversationDraft = "new";

const prefix = "usher-chat-draft:";

/** `storage` is accessed lazily, and may refuse: then drafts live only in memory. */
export function createDraftStore(storage: () => Storage): DraftStore {
  const drafts = new Map<string, string>();
  const listeners = new Set<() => void>();

  function stored(key: string): string {
    try {
      return storage().getItem(prefix + key) ?? "";
    } catch {
      return "";
    }
  }

  function store(key: string, text: string): void {
    try {
      if (text === "") storage().removeItem(prefix + key);
      else storage().setItem(prefix + key, text);
    } catch {
      // Storage is full or disabled: the draft stays in memory.
    }
  }

  function read(key: string): string {
    const known = drafts.get(key);
    if (known !== undefined) return known;
    const text = stored(key);
    drafts.set(key, text);
    return text;
  }

  function write(key: string, text: string): void {
    drafts.set(key, text);
    store(key, text);
    for (const listener of listeners) listener();
  }

  return {
    read,
    write,
    restore(key, text) {
      const since = read(key);
      write(key, since.trim() === "" || since === text ? text : `${text}\n\n${since}`);
    },
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}
