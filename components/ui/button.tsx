import { cva, type VariantProps } from "class-variance-authority";
import {
  type ComponentProps,
  cloneElement,
  isValidElement,
  type ReactElement,
  type ReactNode,
} from "react";
import { cn } from "@/components/ui/class-names";
import { Spinner } from "@/components/ui/loading";

const buttonStyles = cva(
  [
    "relative inline-flex shrink-0 select-none items-center justify-center whitespace-nowrap rounded-md font-medium",
    "transition-[background-color,border-color,color,box-shadow] active:scale-[0.985]",
    "disabled:cursor-not-allowed disabled:active:scale-100 aria-disabled:cursor-not-allowed",
    "[&_svg]:shrink-0",
  ],
  {
    variants: {
      variant: {
        primary:
          "bg-accent text-on-accent shadow-control hover:bg-accent-hover disabled:bg-sunken disabled:text-faint disabled:shadow-[inset_0_0_0_1px_var(--border)]",
        secondary:
          "border border-border-strong bg-surface text-text shadow-control hover:bg-sunken active:bg-pressed disabled:border-border disabled:bg-sunken disabled:text-faint disabled:shadow-none dark:bg-raised dark:hover:bg-pressed",
        ghost: "text-muted hover:bg-hover hover:text-text active:bg-pressed disabled:text-faint",
        danger:
          "bg-danger text-on-danger shadow-control hover:bg-danger-hover disabled:bg-sunken disabled:text-faint disabled:shadow-[inset_0_0_0_1px_var(--border)]",
      },
      size: {
        sm: "h-7 gap-1.5 px-2.5 text-xs pointer-coarse:h-9 [&_svg]:size-3.5",
        md: "h-8 gap-1.5 px-3 text-sm pointer-coarse:h-10 [&_svg]:size-4",
        lg: "h-10 gap-2 px-4 text-base pointer-coarse:h-11 [&_svg]:size-4",
      },
    },
    defaultVariants: { variant: "secondary", size: "md" },
  },
);

export type ButtonProps = ComponentProps<"button"> &
  VariantProps<typeof buttonStyles> & {
    /** Work is in progress: the button keeps its width, shows a spinner and ignores further presses. */
    loading?: boolean | undefined;
    /** Gives the look to its one child (a link) instead of rendering a button. */
    asChild?: boolean | undefined;
  };

export function Button({
  variant,
  size,
  loading = false,
  asChild = false,
  disabled,
  className,
  children,
  type = "button",
  onClick,
  ...props
}: ButtonProps) {
  const look = cn(buttonStyles({ variant, size }), className);

  if (asChild && isValidElement(children)) {
    const child = children as ReactElement<{ className?: string }>;
    return cloneElement(child, {
      ...(props as object),
      ...(onClick ? { onClick } : {}),
      className: cn(look, child.props.className),
    });
  }

  // While loading, the button stays focusable: `disabled` would drop the focus of the person who pressed it.
  return (
    <button
      {...props}
      type={loading ? "button" : type}
      disabled={disabled}
      aria-disabled={loading || undefined}
      aria-busy={loading || undefined}
      onClick={loading ? undefined : onClick}
      className={look}
    >
      {loading ? (
        <>
          <span className="absolute inset-0 flex items-center justify-center">
            <Spinner label="Working" />
          </span>
          <span className="inline-flex items-center gap-[inherit] opacity-0">{children}</span>
        </>
      ) : (
        children
      )}
    </button>
  );
}

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

/** A button with only an icon. Wrap it in a Tooltip if the icon is not common knowledge. */
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
