import { Skeleton } from "@/components/ui/loading";

export function ThreadSkeleton() {
  return (
    <div className="min-h-0 flex-1 overflow-hidden">
      <p role="status" className="sr-only">
        Loading the chat
      </p>
      <div className="mx-auto grid w-full max-w-3xl gap-5 px-4 pt-5">
        <Skeleton className="ml-auto h-10 w-48 rounded-xl" />
        <div className="grid gap-2.5">
          {["w-11/12", "w-full", "w-3/5"].map((width) => (
            <Skeleton key={width} className={width} />
          ))}
        </div>
        <Skeleton className="h-13 w-full rounded-lg" />
        <div className="grid gap-2.5">
          {["w-4/5", "w-2/5"].map((width) => (
            <Skeleton key={width} className={width} />
          ))}
        </div>
      </div>
    </div>
  );
}
