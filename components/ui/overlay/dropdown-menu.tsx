"use client";

import { Check } from "lucide-react";
import { DropdownMenu as Menu } from "radix-ui";
import type { ComponentProps, ReactNode } from "react";
import { cn } from "@/components/ui/class-names";

/** Not modal: a press outside closes it and reaches its target, and the page keeps scrolling. */
export function DropdownMenu(props: ComponentProps<typeof Menu.Root>) {
  return <Menu.Root modal={false} {...props} />;
}

export const DropdownMenuRadioGroup = Menu.RadioGroup;

/** Takes one child, the button that opens the menu. */
export function DropdownMenuTrigger(props: ComponentProps<typeof Menu.Trigger>) {
  return <Menu.Trigger asChild {...props} />;
}

export function DropdownMenuContent({ className, ...props }: ComponentProps<typeof Menu.Content>) {
  return (
    <Menu.Portal>
      <Menu.Content
        align="end"
        sideOffset={4}
        collisionPadding={8}
        {...props}
        className={cn(
          "z-50 max-h-(--radix-dropdown-menu-content-available-height) min-w-44 max-w-[calc(100vw-1rem)] overflow-y-auto rounded-lg bg-raised p-1 text-sm shadow-overlay data-[state=open]:animate-pop-in",
          className,
        )}
      />
    </Menu.Portal>
  );
}

const itemStyles =
  "relative flex min-h-8 cursor-default select-none items-center gap-2 rounded-sm px-2 py-1 outline-none data-disabled:text-faint data-highlighted:bg-hover pointer-coarse:min-h-10 [&_svg]:size-4 [&_svg]:shrink-0";

export function DropdownMenuItem({
  icon,
  shortcut,
  tone = "neutral",
  className,
  children,
  ...props
}: Omit<ComponentProps<typeof Menu.Item>, "asChild"> & {
  icon?: ReactNode;
  shortcut?: ReactNode;
  tone?: "neutral" | "danger" | undefined;
}) {
  return (
    <Menu.Item
      {...props}
      className={cn(
        itemStyles,
        tone === "danger" && "text-danger-text data-highlighted:bg-danger-subtle",
        className,
      )}
    >
      {icon ? (
        <span className={cn("flex", tone === "danger" ? "text-danger-text" : "text-muted")}>
          {icon}
        </span>
      ) : null}
      <span className="min-w-0 flex-1 truncate">{children}</span>
      {shortcut ? <span className="pl-4 text-faint text-xs">{shortcut}</span> : null}
    </Menu.Item>
  );
}

/** A menu item that is a link: give it one `<Link>`. */
export function DropdownMenuLink({ className, ...props }: ComponentProps<typeof Menu.Item>) {
  return <Menu.Item asChild {...props} className={cn(itemStyles, className)} />;
}

export function DropdownMenuRadioItem({
  icon,
  className,
  children,
  ...props
}: ComponentProps<typeof Menu.RadioItem> & { icon?: ReactNode }) {
  return (
    <Menu.RadioItem {...props} className={cn(itemStyles, "pr-8", className)}>
      {icon ? <span className="flex text-muted">{icon}</span> : null}
      {children}
      <Menu.ItemIndicator className="absolute right-2">
        <Check aria-hidden="true" className="text-accent-text" />
      </Menu.ItemIndicator>
    </Menu.RadioItem>
  );
}

export function DropdownMenuLabel({ className, ...props }: ComponentProps<typeof Menu.Label>) {
  return <Menu.Label {...props} className={cn("px-2 pt-1.5 pb-1 text-muted text-xs", className)} />;
}

export function DropdownMenuSeparator({
  className,
  ...props
}: ComponentProps<typeof Menu.Separator>) {
  return <Menu.Separator {...props} className={cn("-mx-1 my-1 h-px bg-border", className)} />;
}
