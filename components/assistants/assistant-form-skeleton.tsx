import { Skeleton } from "@/components/ui/skeleton";

const controls = [
  { label: "w-16", height: "h-8" },
  { label: "w-24", height: "h-8" },
  { label: "w-28", height: "h-48" },
  { label: "w-14", height: "h-8" },
] as const;

export function AssistantFormSkeleton() {
  return (
    <div className="grid gap-5">
      <p role="status" className="sr-only">
        Loading
      </p>
      {controls.map(({ label, height }) => (
        <div key={label} className="grid gap-2">
          <Skeleton className={label} />
          <Skeleton className={`rounded-md ${height}`} />
        </div>
      ))}
    </div>
  );
}
