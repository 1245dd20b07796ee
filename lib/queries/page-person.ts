import { personHeader, personParameter } from "@/lib/contracts/people/page-person";

/** Why a page can no longer speak for its person. */
export type SessionEnd = { kind: "signed-out" } | { kind: "other-person"; message: string };

type Listener = (end: SessionEnd) => void;

/** In the browser, where a document belongs to one person at a time; a server sets none. */
const page: { person: string | null; listeners: Set<Listener> } = {
  person: null,
  listeners: new Set(),
};

/** Whose the open page is; from then on its requests and links say so. */
export function setPagePerson(id: string | null): void {
  page.person = id;
}

export function personHeaders(): Record<string, string> {
  return page.person === null ? {} : { [personHeader]: page.person };
}

/** A path of ours that the browser itself opens, with whom the page belongs to. */
export function withPerson(path: string): string {
  if (page.person === null) return path;
  return `${path}${path.includes("?") ? "&" : "?"}${personParameter}=${encodeURIComponent(page.person)}`;
}

export function onSessionEnd(listener: Listener): () => void {
  page.listeners.add(listener);
  return () => page.listeners.delete(listener);
}

export function reportSessionEnd(end: SessionEnd): void {
  for (const listener of page.listeners) listener(end);
}
