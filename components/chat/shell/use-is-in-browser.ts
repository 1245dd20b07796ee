"use client";

import { useSyncExternalStore } from "react";

/** False on the server and at the first paint, which has to be the same. */
export function useIsInBrowser(): boolean {
  return useSyncExternalStore(
    subscribeToNothing,
    () => true,
    () => false,
  );
}

function subscribeToNothing() {
  return () => {};
}
