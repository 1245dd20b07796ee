/** Which conversation this browser tab has open, in the panel and on the page alike. */
export type OpenConversation = {
  /** Null: a new one that has not begun. */
  read(): string | null;
  open(id: string | null): void;
  subscribe(listener: () => void): () => void;
};

const key = "usher-chat-conversation";

/** `storage` is asked for lazily, and may refuse: then the choice lives in memory alone. */
export function createOpenConversation(storage: () => Storage): OpenConversation {
  let current: string | null | undefined;
  const listeners = new Set<() => void>();

  function stored(): string | null {
    try {
      return storage().getItem(key);
    } catch {
      return null;
    }
  }

  return {
    read() {
      if (current === undefined) current = stored();
      return current;
    },
    open(id) {
      if (id === current) return;
      current = id;
      try {
        if (id === null) storage().removeItem(key);
        else storage().setItem(key, id);
      } catch {
        // Full, or switched off.
      }
      for (const listener of listeners) listener();
    },
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}
