import type { UseQueryResult } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { Card } from "./card";
import { LoadProblem } from "./load-problem";
import { Skeleton } from "./loading";

/** A section's content once it is loaded; before that its outline, or why it could not be loaded. */
export function SectionData<Data>({
  query,
  problem,
  children,
}: {
  query: UseQueryResult<Data>;
  /** The title if it could not be loaded. */
  problem: string;
  children: (data: Data) => ReactNode;
}) {
  if (query.data !== undefined) return children(query.data);
  if (query.isError) {
    return (
      <LoadProblem
        title={problem}
        error={query.error}
        retrying={query.isFetching}
        onRetry={() => void query.refetch()}
      />
    );
  }
  return (
    <Card>
      <div className="grid gap-2 px-4 py-3.5">
        <Skeleton className="w-40" />
        <Skeleton className="h-3 w-56" />
      </div>
    </Card>
  );
}
