import { ArrowUpRight } from "lucide-react";
import Link from "next/link";
import type { ComponentProps } from "react";
import { cn } from "@/components/ui/class-names";

/** A link in running text. `external` opens a new tab, and says so. */
export function TextLink({
  external = false,
  className,
  children,
  ...props
}: ComponentProps<typeof Link> & { external?: boolean | undefined }) {
  return (
    <Link
      {...props}
      {...(external ? { target: "_blank", rel: "noopener noreferrer" } : {})}
      className={cn(
        "rounded-xs font-medium text-accent-text underline decoration-accent-border underline-offset-3 hover:decoration-current",
        className,
      )}
    >
      {children}
      {external ? (
        <>
          <ArrowUpRight aria-hidden="true" className="ml-0.5 inline size-3.5 align-[-2px]" />
          <span className="sr-only"> (opens in a new tab)</span>
        </>
      ) : null}
    </Link>
  );
}
