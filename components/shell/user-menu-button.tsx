import { ChevronsUpDown } from "lucide-react";
import type { ComponentProps } from "react";
import { Avatar } from "@/components/ui/avatar";
import { cn } from "@/components/ui/class-names";
import { type Person, railHidden } from "./navigation";

export function UserMenuButton({
  person,
  ...props
}: ComponentProps<"button"> & { person: Person }) {
  return (
    <button
      {...props}
      type="button"
      className="flex w-full items-center gap-2 rounded-md p-1.5 text-left transition-colors hover:bg-hover data-[state=open]:bg-pressed pointer-coarse:min-h-11 lg:max-xl:group-data-[chat=open]/shell:px-1"
    >
      <Avatar name={person.name} seed={person.email} />
      <span className={cn("min-w-0 flex-1 truncate font-medium text-sm", railHidden)}>
        <span className="sr-only">Account of </span>
        {person.name}
      </span>
      <ChevronsUpDown
        aria-hidden="true"
        className={cn("size-3.5 shrink-0 text-faint", railHidden)}
      />
    </button>
  );
}
