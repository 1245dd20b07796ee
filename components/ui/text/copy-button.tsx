"use client";

import { Check, Copy } from "lucide-react";
import { useEffect, useState } from "react";
import { IconButton, type IconButtonProps } from "@/components/ui/button";

async function copyText(text: string): Promise<void> {
  // `navigator.clipboard` exists only in secure contexts; a plain-http intranet address is not one.
  if (navigator.clipboard) return navigator.clipboard.writeText(text);
  const area = document.createElement("textarea");
  area.value = text;
  area.style.position = "fixed";
  area.style.opacity = "0";
  document.body.append(area);
  area.select();
  const done = document.execCommand("copy");
  area.remove();
  if (!done) throw new Error("The browser did not copy.");
}

/** Copies `value`, shows a tick and says "Copied". */
export function CopyButton({
  value,
  label = "Copy",
  size = "sm",
  ...props
}: Omit<IconButtonProps, "label" | "children" | "onClick"> & {
  value: string;
  label?: string | undefined;
}) {
  const [state, setState] = useState<"idle" | "copied" | "failed">("idle");
  useEffect(() => {
    if (state === "idle") return;
    const timer = setTimeout(() => setState("idle"), 2000);
    return () => clearTimeout(timer);
  }, [state]);

  return (
    <>
      <IconButton
        {...props}
        size={size}
        label={label}
        onClick={() => {
          copyText(value).then(
            () => setState("copied"),
            () => setState("failed"),
          );
        }}
      >
        {state === "copied" ? (
          <Check aria-hidden="true" className="text-success-text" />
        ) : (
          <Copy aria-hidden="true" />
        )}
      </IconButton>
      <span role="status" className="sr-only">
        {state === "copied" ? "Copied" : null}
        {state === "failed" ? "Could not copy. Select the text and copy it manually." : null}
      </span>
    </>
  );
}
