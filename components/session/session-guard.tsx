"use client";

import { useQueryClient } from "@tanstack/react-query";
import {
  createContext,
  lazy,
  type ReactNode,
  Suspense,
  useCallback,
  useContext,
  useEffect,
  useState,
} from "react";
import { onSessionEnd, type SessionEnd, setPagePerson } from "@/lib/queries/fetch-json";
import type { SessionMarker } from "./session-marker";
import { takeOverTab } from "./tab-storage";

// Not needed for the first paint, so not in its JavaScript.
const SessionOver = lazy(() => import("./session-over"));

export type TabPerson = { id: string; email: string };

/** The tab's person, and how to end the session view when a part belongs to another person. */
const TabPersonContext = createContext<{
  person: TabPerson;
  end: (end: SessionEnd) => void;
} | null>(null);

/**
 * Wraps everything that belongs to a person. When they sign out, or another person signs in, in any tab,
 * what was shown and fetched is dropped at once, and the page says who is now signed in.
 */
export function SessionGuard({ person, children }: { person: TabPerson; children: ReactNode }) {
  const { id, email } = person;
  const queryClient = useQueryClient();
  const [over, setOver] = useState<SessionEnd | null>(null);
  // Before children send requests.
  useState(() => {
    if (typeof window === "undefined") return;
    setPagePerson(id);
    takeOverTab(id);
  });

  const end = useCallback(
    (next: SessionEnd) => {
      setOver((known) => (known?.kind === "other-person" ? known : next));
      void queryClient.cancelQueries();
      queryClient.clear();
    },
    [queryClient],
  );
  const compare = useCallback(
    (marker: SessionMarker | undefined) => {
      if (marker === undefined || marker?.id === id) return;
      takeOverTab(null);
      end(marker === null ? { kind: "signed-out" } : otherPerson(marker.email));
    },
    [id, end],
  );

  useEffect(() => onSessionEnd(end), [end]);
  const isOver = over !== null;
  useEffect(() => {
    const hear = (marker: SessionMarker | undefined) => {
      // The same person is back: reload.
      if (isOver && marker?.id === id) window.location.reload();
      else compare(marker);
    };
    // Not needed for the first paint either; until it is loaded, requests are refused anyway.
    const watching = import("./session-watch").then(({ watchSession }) =>
      watchSession(isOver ? null : { id, email }, hear),
    );
    watching.catch(() => undefined);
    return () => void watching.then((stop) => stop()).catch(() => undefined);
  }, [compare, id, email, isOver]);

  if (over) {
    return (
      <Suspense fallback={null}>
        <SessionOver end={over} />
      </Suspense>
    );
  }
  return <TabPersonContext value={{ person, end }}>{children}</TabPersonContext>;
}

function otherPerson(email: string): SessionEnd {
  return { kind: "other-person", message: `You are signed in as ${email}.` };
}

/**
 * Wraps each workspace page, with the person the server rendered it for. The router fetches only the page
 * and puts it into the tab's existing frame: if the session has changed in the meantime, that frame belongs to
 * another person, and the two are never shown together.
 */
export function PageOf({
  user: { id, email },
  children,
}: {
  user: { id: string; email: string };
  children: ReactNode;
}) {
  const tab = useContext(TabPersonContext);
  const isOurs = tab?.person.id === id;
  useEffect(() => {
    if (!isOurs) tab?.end(otherPerson(email));
  }, [isOurs, tab, email]);
  return isOurs ? children : null;
}
