import type { ReactNode } from "react";
import { LogoMark } from "./logo";

/** The centred card of the pages outside the workspace: sign in, accept an invitation. */
export function SignInCard({
  title,
  description,
  children,
  footer,
}: {
  title: string;
  description?: ReactNode;
  children: ReactNode;
  footer?: ReactNode;
}) {
  return (
    <main className="torchlight relative isolate flex min-h-dvh flex-col items-center justify-center overflow-hidden px-4 py-12">
      <div className="w-full max-w-sm">
        <div className="mb-6 flex flex-col items-center text-center">
          <LogoMark className="mb-4 size-11" />
          <h1 className="font-semibold text-2xl tracking-tight">{title}</h1>
          {description ? (
            <p className="mt-1 text-balance text-base text-muted">{description}</p>
          ) : null}
        </div>
        <div className="rounded-xl bg-raised p-5 shadow-overlay sm:p-6">{children}</div>
        {footer ? (
          <div className="mt-5 text-balance text-center text-muted text-xs">{footer}</div>
        ) : null}
      </div>
    </main>
  );
}
