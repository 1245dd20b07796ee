"use client";

import { createContext, type ReactNode, use } from "react";
import { wordsForAdmin } from "@/lib/contracts/words-for-admin";

const AdminContext = createContext(false);

/** Wraps the workspace: below it, `useWords` knows whether an admin reads. */
export function ViewerWords({ admin, children }: { admin: boolean; children: ReactNode }) {
  return <AdminContext value={admin}>{children}</AdminContext>;
}

/** Turns a stored reason, written for a member, into what the person who reads it can do. */
export function useWords(): (text: string) => string {
  return use(AdminContext) ? wordsForAdmin : asWritten;
}

function asWritten(text: string): string {
  return text;
}
