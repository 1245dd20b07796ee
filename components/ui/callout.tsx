import { CircleCheck, CircleX, Info, TriangleAlert } from "lucide-react";
import type { ReactNode } from "react";
import { cn } from "./class-names";

const tones = {
  info: { box: "border-info-border bg-info-subtle", icon: "text-info-text", Icon: Info },
  success: {
    box: "border-success-border bg-success-subtle",
    icon: "text-success-text",
    Icon: CircleCheck,
  },
  warning: {
    box: "border-warning-border bg-warning-subtle",
    icon: "text-warning-text",
    Icon: TriangleAlert,
  },
  danger: { box: "border-danger-border bg-danger-subtle", icon: "text-danger-text", Icon: CircleX },
} as const;

export type CalloutProps = {
  tone?: keyof typeof tones | undefined;
  title: ReactNode;
  children?: ReactNode;
  action?: ReactNode;
  /** Read aloud at once when it appears: for the result of something the person just did. */
  announce?: boolean | undefined;
  className?: string | undefined;
};

export function Callout({
  tone = "info",
  title,
  children,
  action,
  announce = false,
  className,
}: CalloutProps) {
  const { box, icon, Icon } = tones[tone];
  return (
    <div
      role={announce ? (tone === "danger" ? "alert" : "status") : undefined}
      className={cn("@container rounded-lg border px-3 py-2.5", box, className)}
    >
      <div className="flex flex-col gap-x-4 gap-y-2 @md:flex-row @md:items-center @md:justify-between">
        <div className="flex min-w-0 gap-2.5">
          <Icon aria-hidden="true" className={cn("mt-0.5 size-4 shrink-0", icon)} />
          <div className="min-w-0 text-sm [overflow-wrap:anywhere]">
            <p className="font-medium">{title}</p>
            {children ? <div className="mt-0.5 text-muted">{children}</div> : null}
          </div>
        </div>
        {action ? (
          <div className="flex shrink-0 flex-wrap gap-2 @max-md:pl-6.5">{action}</div>
        ) : null}
      </div>
    </div>
  );
}
