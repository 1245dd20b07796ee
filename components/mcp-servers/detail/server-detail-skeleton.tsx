import { Skeleton } from "@/components/ui/loading";
import { Page } from "@/components/ui/page-header";

export function ServerDetailSkeleton() {
  return (
    <Page>
      <p role="status" className="sr-only">
        Loading
      </p>
      <div className="grid gap-2.5">
        <Skeleton className="h-3 w-24" />
        <div className="flex flex-wrap items-center justify-between gap-3">
          <Skeleton className="h-6 w-48" />
          <div className="flex gap-2">
            <Skeleton className="h-8 w-36" />
            <Skeleton className="h-8 w-20" />
            <Skeleton className="size-8" />
          </div>
        </div>
        <Skeleton className="w-full max-w-96" />
      </div>
      <div className="@container">
        <div className="grid gap-6 @4xl:grid-cols-[minmax(0,1fr)_20rem]">
          <div className="grid content-start gap-6">
            <SkeletonCard rows={["w-40", "w-56", "w-32", "w-48"]} />
            <SkeletonCard rows={["w-56", "w-44", "w-52", "w-40"]} />
          </div>
          <SkeletonCard rows={["w-32", "w-44", "w-24", "w-40", "w-28"]} />
        </div>
      </div>
    </Page>
  );
}

function SkeletonCard({ rows }: { rows: readonly string[] }) {
  return (
    <div aria-hidden="true" className="divide-y divide-border rounded-lg border border-border">
      <div className="px-4 py-3.5">
        <Skeleton className="w-28" />
      </div>
      {rows.map((width) => (
        <div key={width} className="px-4 py-3.5">
          <Skeleton className={width} />
        </div>
      ))}
    </div>
  );
}
