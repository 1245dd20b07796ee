import { cva } from "class-variance-authority";
import type { ComponentProps, ReactNode } from "react";
import { cn } from "./class-names";

export type Tone = "neutral" | "success" | "warning" | "danger" | "info" | "accent";

const badgeStyles = cva(
  "inline-flex h-5 max-w-full items-center gap-1.5 whitespace-nowrap rounded-full border px-2 font-medium text-2xs [&_svg]:size-3",
  {
    variants: {
      tone: {
        neutral: "border-border bg-sunken text-muted",
        success: "border-success-border bg-success-subtle text-success-text",
        warning: "border-warning-border bg-warning-subtle text-warning-text",
        danger: "border-danger-border bg-danger-subtle text-danger-text",
        info: "border-info-border bg-info-subtle text-info-text",
        accent: "border-accent-border bg-accent-subtle text-accent-text",
      },
    },
  },
);

const dots = {
  neutral: "bg-faint",
  success: "bg-success",
  warning: "bg-warning",
  danger: "bg-danger",
  info: "bg-info",
  accent: "bg-accent",
} as const;

export type BadgeProps = Omit<ComponentProps<"span">, "children"> & {
  tone?: Tone | undefined;
  dot?: boolean | undefined;
  children: ReactNode;
};

export function Badge({
  tone = "neutral",
  dot = false,
  className,
  children,
  ...props
}: BadgeProps) {
  return (
    <span {...props} className={cn(badgeStyles({ tone }), className)}>
      {dot ? (
        <span aria-hidden="true" className={cn("size-1.5 shrink-0 rounded-full", dots[tone])} />
      ) : null}
      <span className="truncate">{children}</span>
    </span>
  );
}
