import { cn } from "@/components/ui/class-names";

/**
 * Renders nothing if there are none.
 * @param numberClass of the number. @param dotClass of the dot that replaces it where there is no room for it
 */
export function NoticeCount({
  count,
  numberClass,
  dotClass,
}: {
  count: number;
  numberClass: string;
  dotClass: string;
}) {
  if (count === 0) return null;
  return (
    <>
      <span
        className={cn(
          "ml-auto rounded-full bg-accent px-1.5 font-medium text-on-accent text-xs tabular-nums",
          numberClass,
        )}
      >
        {count > 99 ? "99+" : count}
        <span className="sr-only"> open</span>
      </span>
      <span
        aria-hidden="true"
        className={cn("absolute top-1 left-5 hidden size-2 rounded-full bg-accent", dotClass)}
      />
    </>
  );
}
