import { cn } from "@/components/ui/class-names";

/** More than two lines hold on any screen. A browser lays out every character, seen or not. */
const limit = 600;

/** A stranger's text, cut to two lines. */
export function TwoLines({ text, className }: { text: string; className?: string | undefined }) {
  return (
    <bdi className={cn("line-clamp-2 min-w-0 [overflow-wrap:anywhere]", className)}>
      {text.length > limit ? `${text.slice(0, limit).replace(/[\ud800-\udbff]$/, "")}…` : text}
    </bdi>
  );
}
