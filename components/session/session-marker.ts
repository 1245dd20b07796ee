/** Who is signed in in this browser, according to the page that loaded last; null: no one. */
export type SessionMarker = { id: string; email: string } | null;

const key = "usher-session";

/** Undefined if nothing is known, as in a browser that keeps no storage for this site. */
export function readMarker(): SessionMarker | undefined {
  try {
    return parseMarker(window.localStorage.getItem(key));
  } catch {
    return undefined;
  }
}

/** Notifies the other tabs, each of which compares it with its own person. */
export function announceSession(marker: SessionMarker): void {
  const text = JSON.stringify(marker);
  try {
    if (window.localStorage.getItem(key) !== text) window.localStorage.setItem(key, text);
  } catch {
    // Storage is full or disabled: the channel remains.
  }
  const channel = new BroadcastChannel(key);
  channel.postMessage(text);
  channel.close();
}

export function onMarker(listener: (marker: SessionMarker) => void): () => void {
  const hear = (text: unknown) => {
    const marker = parseMarker(text);
    if (marker !== undefined) listener(marker);
  };
  const onStorage = (event: StorageEvent) => {
    if (event.key === key) hear(event.newValue);
  };
  const channel = new BroadcastChannel(key);
  channel.onmessage = ({ data }: MessageEvent<unknown>) => hear(data);
  window.addEventListener("storage", onStorage);
  return () => {
    channel.close();
    window.removeEventListener("storage", onStorage);
  };
}

function parseMarker(text: unknown): SessionMarker | undefined {
  if (typeof text !== "string") return undefined;
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (value === null) return null;
  if (typeof value !== "object" || !("id" in value) || !("email" in value)) return undefined;
  const { id, email } = value;
  if (typeof id !== "string" || typeof email !== "string") return undefined;
  return { id, email: email.slice(0, 254) };
}
