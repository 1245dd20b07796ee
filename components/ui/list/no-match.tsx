import { Search } from "lucide-react";
import type { ReactNode } from "react";
import { Button } from "@/components/ui/button";
import { EmptyState, type EmptyStateProps } from "@/components/ui/empty-state";

/** In place of a list of which nothing fits. */
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
