"use client";

import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { ThemeProvider } from "next-themes";
import { lazy, type ReactNode, Suspense, useEffect, useLayoutEffect, useState } from "react";
import { pressAgain } from "@/components/ui/early-presses";

// Not needed for the first paint, so not in its JavaScript.
const Toasts = lazy(() => import("./toasts").then((module) => ({ default: module.Toasts })));

function newQueryClient(): QueryClient {
  return new QueryClient({
    defaultOptions: {
      queries: { staleTime: 15_000, retry: 1, refetchOnWindowFocus: true },
      mutations: { retry: false },
    },
  });
}

function LateToasts() {
  const [mounted, setMounted] = useState(false);
  useEffect(() => setMounted(true), []);
  return mounted ? (
    <Suspense fallback={null}>
      <Toasts />
    </Suspense>
  ) : null;
}

/** What every page of the app may use in the browser. `nonce` is the content security policy's. */
export function Providers({
  nonce,
  children,
}: {
  nonce?: string | undefined;
  children: ReactNode;
}) {
  const [queryClient] = useState(newQueryClient);
  useLayoutEffect(pressAgain, []);
  return (
    <ThemeProvider
      attribute="class"
      defaultTheme="system"
      disableTransitionOnChange
      {...(nonce ? { nonce } : {})}
    >
      <QueryClientProvider client={queryClient}>{children}</QueryClientProvider>
      <LateToasts />
    </ThemeProvider>
  );
}
