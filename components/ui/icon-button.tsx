import type { ReactNode } from "react";
import { Button, type ButtonProps } from "./button";
import { cn } from "./class-names";

const square = {
  sm: "w-7 px-0 pointer-coarse:w-9",
  md: "w-8 px-0 pointer-coarse:w-10",
  lg: "w-10 px-0 pointer-coarse:w-11",
} as const;

export type IconButtonProps = Omit<ButtonProps, "children" | "aria-label" | "asChild"> & {
  /** What the button does, in words: its accessible name. */
  label: string;
  children: ReactNode;
};

/** A button with an icon alone. Wrap it in a Tooltip where the icon is not common knowledge. */
export function IconButton({
  label,
  children,
  variant = "ghost",
  size,
  className,
  ...props
}: IconButtonProps) {
  return (
    <Button
      {...props}
      aria-label={label}
      variant={variant}
      size={size}
      className={cn(square[size ?? "md"], className)}
    >
      {children}
    </Button>
  );
}
