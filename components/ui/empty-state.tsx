import { Search } from "lucide-react";
import type { ReactNode } from "react";
import { Button } from "@/components/ui/button";
import { cn } from "@/components/ui/class-names";

type EmptyStateProps = {
  icon?: ReactNode;
  title: string;
  /** What would be here and how to get it. */
  children?: ReactNode;
  action?: ReactNode;
  className?: string | undefined;
  headingLevel?: "h2" | "h3" | "p" | undefined;
};

export function EmptyState({
  icon,
  title,
  children,
  action,
  className,
  headingLevel: Heading = "h2",
}: EmptyStateProps) {
  return (
    <div
      className={cn(
        "flex flex-col items-center justify-center rounded-lg border border-border-strong border-dashed px-6 py-12 text-center",
        className,
      )}
    >
      {icon ? (
        <span
          aria-hidden="true"
          className="mb-3 flex size-10 items-center justify-center rounded-lg border border-border bg-surface text-muted [&_svg]:size-5"
        >
          {icon}
        </span>
      ) : null}
      <Heading className="font-medium text-base">{title}</Heading>
      {children ? (
        <div className="mt-1 max-w-[44ch] text-balance text-muted text-sm">{children}</div>
      ) : null}
      {action ? <div className="mt-4 flex flex-wrap justify-center gap-2">{action}</div> : null}
    </div>
  );
}

/** Replaces a list without matches. */
export function NoMatch({
  title,
  children,
  onClear,
  headingLevel,
}: {
  title: string;
  children: ReactNode;
  onClear: () => void;
  headingLevel?: EmptyStateProps["headingLevel"];
}) {
  return (
    <EmptyState
      icon={<Search />}
      title={title}
      headingLevel={headingLevel}
      action={<Button onClick={onClear}>Clear search</Button>}
    >
      {children}
    </EmptyState>
  );
}
