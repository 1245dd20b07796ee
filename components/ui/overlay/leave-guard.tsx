"use client";

import { useRouter } from "next/navigation";
import { type RefObject, useEffect, useEffectEvent, useRef, useState } from "react";
import { ConfirmDialog } from "@/components/ui/overlay/alert-dialog";

/** Asks before typed text is lost: by a link, by the browser's Back, by closing the tab. */
export function LeaveGuard({ active }: { active: boolean }) {
  const router = useRouter();
  const [leave, setLeave] = useState<(() => void) | null>(null);
  const leaving = useRef(false);

  useUnload(active, leaving);
  useLinks(active, leaving, (path) => setLeave(() => () => router.push(path)));
  useBack(active, leaving, () => setLeave(() => () => window.history.go(-2)));

  return (
    <ConfirmDialog
      open={leave !== null}
      onOpenChange={(open) => {
        if (!open) setLeave(null);
      }}
      title="Leave without saving?"
      description="Your changes on this page will be lost."
      confirmLabel="Leave"
      cancelLabel="Stay"
      onConfirm={() => {
        leaving.current = true;
        leave?.();
      }}
    />
  );
}

type Leaving = RefObject<boolean>;

function useUnload(active: boolean, leaving: Leaving) {
  useEffect(() => {
    if (!active) return;
    const onUnload = (event: BeforeUnloadEvent) => {
      if (!leaving.current) event.preventDefault();
    };
    window.addEventListener("beforeunload", onUnload);
    return () => window.removeEventListener("beforeunload", onUnload);
  }, [active, leaving]);
}

/** The router has no event to veto, so the click on a link is intercepted before it gets there. */
function useLinks(active: boolean, leaving: Leaving, onLeave: (path: string) => void) {
  const leaveBy = useEffectEvent(onLeave);
  useEffect(() => {
    if (!active) return;
    const onClick = (event: MouseEvent) => {
      const path = leaving.current ? null : pathOfClick(event);
      if (path === null) return;
      event.preventDefault();
      event.stopPropagation();
      leaveBy(path);
    };
    document.addEventListener("click", onClick, true);
    return () => document.removeEventListener("click", onClick, true);
  }, [active, leaving]);
}

/** Null if the click does not open another page of Usher in this tab. */
function pathOfClick(event: MouseEvent): string | null {
  const modified = event.metaKey || event.ctrlKey || event.shiftKey || event.altKey;
  if (event.button !== 0 || modified || !(event.target instanceof Element)) return null;
  const link = event.target.closest("a");
  if (!link?.href || link.hasAttribute("download")) return null;
  if (link.target !== "" && link.target !== "_self") return null;
  const url = new URL(link.href);
  if (url.origin !== window.location.origin) return null;
  if (url.pathname === window.location.pathname) return null;
  return url.pathname + url.search + url.hash;
}

/** A second history entry for this page: Back leads from it to the first, and no further without asking. */
function useBack(active: boolean, leaving: Leaving, onLeave: () => void) {
  const leaveBy = useEffectEvent(onLeave);
  const added = useRef(false);
  useEffect(() => {
    if (!active) return;
    const add = () => window.history.pushState(null, "", window.location.href);
    if (!added.current) add();
    added.current = true;
    const onBack = () => {
      if (leaving.current) return;
      add();
      leaveBy();
    };
    window.addEventListener("popstate", onBack);
    return () => window.removeEventListener("popstate", onBack);
  }, [active, leaving]);
}
