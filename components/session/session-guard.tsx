"use client";

import { useQueryClient } from "@tanstack/react-query";
import {
  createContext,
  lazy,
  type ReactNode,
  Suspense,
  useCallback,
  useEffect,
  useState,
} from "react";
import { flushSync } from "react-dom";
import { onSessionEnd, type SessionEnd, setPagePerson } from "@/lib/queries/page-person";
import {
  announceSession,
  clearTab,
  onMarker,
  readMarker,
  type SessionMarker,
  takeOverTab,
} from "./session-marker";

// Not needed for the first paint, so not in its JavaScript.
const SessionOver = lazy(() => import("./session-over"));

export type TabPerson = { id: string; email: string };

/** Whose tab this is, and what to do where a part of it turns out to be somebody else's. */
export const TabPersonContext = createContext<{
  person: TabPerson;
  end: (end: SessionEnd) => void;
} | null>(null);

/**
 * Around all that belongs to a person. When they sign out, or somebody else signs in, in whatever tab,
 * what was shown and fetched is dropped at once, and the page says who is signed in now.
 */
export function SessionGuard({ person, children }: { person: TabPerson; children: ReactNode }) {
  const { id, email } = person;
  const queryClient = useQueryClient();
  const [over, setOver] = useState<SessionEnd | null>(null);
  // Before anything below asks for something.
  useState(() => {
    if (typeof window === "undefined") return;
    setPagePerson(id);
    takeOverTab(id);
  });

  const end = useCallback(
    (next: SessionEnd) => {
      setOver((known) => (known?.kind === "other-person" ? known : next));
      void queryClient.cancelQueries().then(() => queryClient.clear());
      queryClient.clear();
    },
    [queryClient],
  );
  const compare = useCallback(
    (marker: SessionMarker | undefined) => {
      if (marker === undefined || marker?.id === id) return;
      clearTab();
      end(marker === null ? { kind: "signed-out" } : otherPerson(marker.email));
    },
    [id, end],
  );

  useEffect(() => {
    announceSession({ id, email });
  }, [id, email]);
  useEffect(() => onSessionEnd(end), [end]);
  useEffect(
    () =>
      onMarker((marker) => {
        // The same person is back: the page can be too.
        if (marker?.id === id && over) window.location.reload();
        else compare(marker);
      }),
    [compare, id, over],
  );
  useBackForwardCache(compare);
  useLookAgain(compare);

  if (over) {
    return (
      <Suspense fallback={null}>
        <SessionOver end={over} />
      </Suspense>
    );
  }
  return <TabPersonContext value={{ person, end }}>{children}</TabPersonContext>;
}

export function otherPerson(email: string): SessionEnd {
  return { kind: "other-person", message: `You are signed in as ${email}.` };
}

/**
 * A page that the browser keeps for *Back* hears nothing while it is away. It is hidden until it was
 * compared, so that nothing of it is seen for a blink.
 */
function useBackForwardCache(compare: (marker: SessionMarker | undefined) => void): void {
  useEffect(() => {
    const { style } = document.documentElement;
    const onHide = ({ persisted }: PageTransitionEvent) => {
      if (persisted) style.visibility = "hidden";
    };
    const onShow = ({ persisted }: PageTransitionEvent) => {
      if (persisted) flushSync(() => compare(readMarker()));
      style.visibility = "";
    };
    window.addEventListener("pagehide", onHide);
    window.addEventListener("pageshow", onShow);
    return () => {
      window.removeEventListener("pagehide", onHide);
      window.removeEventListener("pageshow", onShow);
    };
  }, [compare]);
}

/** A tab that was frozen may have missed a message: it looks before it is used. */
function useLookAgain(compare: (marker: SessionMarker | undefined) => void): void {
  useEffect(() => {
    const look = () => compare(readMarker());
    const events = ["focus", "visibilitychange", "pointerdown", "keydown"] as const;
    for (const event of events) window.addEventListener(event, look, { capture: true });
    return () => {
      for (const event of events) window.removeEventListener(event, look, { capture: true });
    };
  }, [compare]);
}
