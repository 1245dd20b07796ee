import type { ReactNode } from "react";
import { Button } from "@/components/ui/button";

/** Below a list that comes in pages, while there is another one. */
export function ShowMore({
  query: { hasNextPage, isFetchingNextPage, isFetchNextPageError, error },
  label,
  onMore,
  children,
}: {
  query: {
    hasNextPage: boolean;
    isFetchingNextPage: boolean;
    isFetchNextPageError: boolean;
    error: Error | null;
  };
  label: string;
  onMore: () => void;
  /** How many are shown, if that is known. */
  children?: ReactNode;
}) {
  if (!hasNextPage) return null;
  return (
    <div className="flex flex-wrap items-center gap-3">
      <Button loading={isFetchingNextPage} onClick={onMore}>
        {label}
      </Button>
      {children ? <p className="text-muted text-xs">{children}</p> : null}
      <p role="alert" className="text-danger-text text-sm">
        {isFetchNextPageError ? error?.message : null}
      </p>
    </div>
  );
}
