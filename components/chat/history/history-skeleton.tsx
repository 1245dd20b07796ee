import { cn } from "@/components/ui/class-names";
import { Skeleton } from "@/components/ui/skeleton";

export function HistorySkeleton() {
  return (
    <div className="grid gap-1 px-4 py-3">
      <p role="status" className="sr-only">
        Loading the history
      </p>
      <Skeleton className="mb-2 h-3 w-12" />
      {["w-40", "w-28", "w-44", "w-36"].map((width) => (
        <div key={width} className="grid h-11 content-center gap-1.5">
          <Skeleton className={cn("h-3.5", width)} />
          <Skeleton className="h-3 w-20" />
        </div>
      ))}
    </div>
  );
}
