import { flushSync } from "react-dom";
import { announceSession, onMarker, readMarker, type SessionMarker } from "./session-marker";

type Hear = (marker: SessionMarker | undefined) => void;

/**
 * Listens to other tabs, and checks again when a tab may have missed a message.
 * @param person to report to the other tabs; null if this tab's person is no longer signed in
 * @returns a function that stops it
 */
export function watchSession(person: SessionMarker, hear: Hear): () => void {
  if (person) announceSession(person);
  const stops = [onMarker(hear), watchBackForwardCache(hear), lookAgain(hear)];
  return () => {
    for (const stop of stops) stop();
  };
}

/**
 * A page that the browser keeps for *Back* receives nothing while it is away. It is hidden until it has been
 * compared, so that it does not flash.
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

/** A frozen tab may have missed a message: it checks before it is used. */
function lookAgain(hear: Hear): () => void {
  const look = () => hear(readMarker());
  const events = ["focus", "visibilitychange", "pointerdown", "keydown"] as const;
  for (const event of events) window.addEventListener(event, look, { capture: true });
  return () => {
    for (const event of events) window.removeEventListener(event, look, { capture: true });
  };
}
