"use client";

import { type DehydratedState, HydrationBoundary } from "@tanstack/react-query";
import { type ReactNode, useMemo } from "react";

/**
 * What the server has read for the page. As JSON text: React rejects objects without a prototype,
 * and a tool's argument may be called `__proto__`.
 * @param json a DehydratedState
 */
export function FirstData({ json, children }: { json: string; children: ReactNode }) {
  const state = useMemo<DehydratedState>(() => JSON.parse(json), [json]);
  return <HydrationBoundary state={state}>{children}</HydrationBoundary>;
}
