import { flushSync } from "react-dom";
import { announceSession, onMarker, readMarker, type SessionMarker } from "./session-marker";

type Hear = (marker: SessionMarker | undefined) => void;

/**
 * Hears of other tabs, and looks again where a tab may have heard nothing.
 * @param person to tell the other tabs of; null where this tab's is not signed in any more
 * @returns what ends it
 */
export function watchSession(person: SessionMarker, hear: Hear): () => void {
  if (person) announceSession(person);
  const stops = [onMarker(hear), watchBackForwardCache(hear), lookAgain(hear)];
  return () => {
    for (const stop of stops) stop();
  };
}

/**
 * A page that the browser keeps for *Back* hears nothing while it is away. It is hidden until it was
 * compared, so that nothing of it is seen for a blink.
 */
function watchBackForwardCache(hear: Hear): () => void {
  const { style } = document.documentElement;
  const onHide = ({ persisted }: PageTransitionEvent) => {
    if (persisted) style.visibility = "hidden";
  };
  const onShow = ({ persisted }: PageTransitionEvent) => {
    if (persisted) flushSync(() => hear(readMarker()));
    style.visibility = "";
  };
  window.addEventListener("pagehide", onHide);
  window.addEventListener("pageshow", onShow);
  return () => {
    window.removeEventListener("pagehide", onHide);
    window.removeEventListener("pageshow", onShow);
  };
}

/** A tab that was frozen may have missed a message: it looks before it is used. */
function lookAgain(hear: Hear): () => void {
  const look = () => hear(readMarker());
  const events = ["focus", "visibilitychange", "pointerdown", "keydown"] as const;
  for (const event of events) window.addEventListener(event, look, { capture: true });
  return () => {
    for (const event of events) window.removeEventListener(event, look, { capture: true });
  };
}
