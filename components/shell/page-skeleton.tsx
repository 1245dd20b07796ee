import { Page } from "@/components/ui/page-header";
import { Skeleton } from "@/components/ui/skeleton";

/** While a page is on its way. */
export function PageSkeleton() {
  return (
    <Page>
      <p role="status" className="sr-only">
        Loading
      </p>
      <div className="grid gap-2.5">
        <Skeleton className="h-6 w-44" />
        <Skeleton className="h-4 w-full max-w-96" />
      </div>
      <div className="divide-y divide-border rounded-lg border border-border">
        {["w-40", "w-56", "w-32", "w-48"].map((width) => (
          <div key={width} className="flex h-11 items-center justify-between gap-6 px-4">
            <Skeleton className={width} />
            <Skeleton className="w-20" />
          </div>
        ))}
      </div>
    </Page>
  );
}
