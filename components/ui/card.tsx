import type { ComponentProps, ReactNode } from "react";
import { cn } from "./class-names";

/** A bordered block. `interactive` is for cards that are one link. */
export function Card({
  interactive = false,
  className,
  ...props
}: ComponentProps<"div"> & { interactive?: boolean | undefined }) {
  return (
    <div
      {...props}
      className={cn(
        "min-w-0 rounded-lg border border-border bg-surface",
        interactive && "transition-colors hover:border-border-strong hover:bg-sunken",
        className,
      )}
    />
  );
}

export function CardHeader({
  title,
  description,
  actions,
  headingLevel: Heading = "h2",
  className,
}: {
  title: ReactNode;
  description?: ReactNode;
  actions?: ReactNode;
  headingLevel?: "h2" | "h3" | "h4" | undefined;
  className?: string | undefined;
}) {
  return (
    <div
      className={cn(
        "flex flex-wrap items-start justify-between gap-x-4 gap-y-2 border-border border-b px-4 py-3",
        className,
      )}
    >
      <div className="min-w-0">
        <Heading className="font-medium text-base">{title}</Heading>
        {description ? <p className="text-muted text-sm">{description}</p> : null}
      </div>
      {actions ? <div className="flex shrink-0 items-center gap-2">{actions}</div> : null}
    </div>
  );
}

export function CardBody({ className, ...props }: ComponentProps<"div">) {
  return <div {...props} className={cn("p-4", className)} />;
}

export function CardFooter({ className, ...props }: ComponentProps<"div">) {
  return (
    <div
      {...props}
      className={cn(
        "flex flex-wrap items-center justify-end gap-2 rounded-b-lg border-border border-t bg-sunken px-4 py-3",
        className,
      )}
    />
  );
}
