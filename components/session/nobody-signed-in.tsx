"use client";

import { useEffect } from "react";
import { setPagePerson } from "@/lib/queries/fetch-json";
import { announceSession } from "./session-marker";
import { takeOverTab } from "./tab-storage";

/** On the sign-in page, which only somebody sees who is not signed in: every other tab follows. */
export function NobodySignedIn() {
  useEffect(() => {
    setPagePerson(null);
    // Somebody whose session ran out comes back to what they were doing, and to what they had typed.
    if (!new URLSearchParams(window.location.search).has("callbackUrl")) takeOverTab(null);
    announceSession(null);
  }, []);
  return null;
}
