"use client";

import { CircleCheck, CircleX, Info, TriangleAlert } from "lucide-react";
import { useTheme } from "next-themes";
import { Toaster } from "sonner";
import { Spinner } from "@/components/ui/loading";

const quiet = "shrink-0 self-center rounded-md px-2 py-0.5 text-xs hover:bg-hover";

/** Where sonner's `toast()` appears. */
export function Toasts() {
  const { resolvedTheme } = useTheme();
  return (
    <Toaster
      theme={resolvedTheme === "dark" ? "dark" : "light"}
      // Clear of the user menu, the composer and, if there is one, the bar at the top.
      position="top-center"
      offset={{ top: "var(--toast-top)" }}
      mobileOffset={{ top: "var(--toast-top)" }}
      className="[--toast-top:0.75rem] max-lg:[--toast-top:3.75rem]"
      containerAriaLabel="Notifications"
      icons={{
        success: <CircleCheck aria-hidden="true" className="size-4 text-success-text" />,
        error: <CircleX aria-hidden="true" className="size-4 text-danger-text" />,
        warning: <TriangleAlert aria-hidden="true" className="size-4 text-warning-text" />,
        info: <Info aria-hidden="true" className="size-4 text-info-text" />,
        loading: <Spinner label="" className="text-muted" />,
      }}
      toastOptions={{
        unstyled: true,
        classNames: {
          toast:
            "flex w-full items-start gap-2.5 rounded-lg bg-raised px-3.5 py-3 font-sans text-sm text-text shadow-overlay sm:w-[356px]",
          icon: "mt-0.5 shrink-0",
          content: "min-w-0 flex-1",
          title: "font-medium",
          description: "text-muted text-sm",
          actionButton: `${quiet} border border-border-strong font-medium`,
          cancelButton: `${quiet} text-muted`,
        },
      }}
    />
  );
}
