"use client";

import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Check } from "lucide-react";
import Link from "next/link";
import { useRouter } from "next/navigation";
import { toast } from "sonner";
import { type StepWords, stepWords } from "@/components/get-started/step-words";
import { Button } from "@/components/ui/button";
import { Callout } from "@/components/ui/callout";
import { Card } from "@/components/ui/card";
import { cn } from "@/components/ui/class-names";
import { LoadProblem } from "@/components/ui/load-problem";
import { Skeleton } from "@/components/ui/loading";
import { Page, PageHeader } from "@/components/ui/page-header";
import { TextLink } from "@/components/ui/text/text-link";
import type { GetStartedView } from "@/lib/contracts/get-started";
import { changeGetStarted, getStartedQuery } from "@/lib/queries/get-started";

/** The first steps of an installation. Whether one is done is derived from its data. */
export function GetStartedPage() {
  const query = useQuery({ ...getStartedQuery(), refetchOnMount: "always" });
  const view = query.data;
  return (
    <Page width="narrow">
      <PageHeader
        title="Get started"
        description="Four steps to answers from your team’s own tools."
        actions={view && view.reason !== "finished" ? <DismissButton view={view} /> : null}
      />
      {view ? (
        <div className="grid gap-4">
          <Outcome view={view} />
          <Steps view={view} />
        </div>
      ) : query.isError ? (
        <LoadProblem
          title="The steps could not be loaded"
          error={query.error}
          retrying={query.isFetching}
          onRetry={() => void query.refetch()}
        />
      ) : (
        <StepsSkeleton />
      )}
    </Page>
  );
}

/** One button, so that the focus stays where it was pressed. */
function DismissButton({ view: { reason } }: { view: GetStartedView }) {
  const queryClient = useQueryClient();
  const router = useRouter();
  const { queryKey } = getStartedQuery();
  const { mutate, isPending } = useMutation({
    mutationFn: changeGetStarted,
    // A request sent before the change would undo it on the page.
    onMutate: () => queryClient.cancelQueries({ queryKey }),
    onSuccess: (view) => {
      queryClient.setQueryData(queryKey, view);
      // The navigation may have been rendered without its entry.
      if (view.shown) router.refresh();
    },
    onError: (error) => toast.error(error.message),
  });
  const dismissed = reason === "dismissed";
  return (
    <Button
      variant={dismissed ? "secondary" : "ghost"}
      loading={isPending}
      onClick={() => mutate({ dismissed: !dismissed })}
    >
      {dismissed ? "Show in the navigation" : "Dismiss"}
    </Button>
  );
}

function Outcome({ view: { reason } }: { view: GetStartedView }) {
  return (
    <div role="status" className="empty:hidden">
      {reason === "finished" ? (
        <Callout
          tone="success"
          title="Everything is set up"
          action={
            <Button asChild size="sm">
              <Link href="/chat">Open the chat</Link>
            </Button>
          }
        >
          Ask an assistant a question that needs one of its tools.
        </Callout>
      ) : reason === "dismissed" ? (
        <p className="text-muted text-sm">
          These steps are hidden from your navigation. You can open them from{" "}
          <TextLink href="/settings">Settings</TextLink>.
        </p>
      ) : null}
    </div>
  );
}

function Steps({ view: { steps, next } }: { view: GetStartedView }) {
  return (
    <Card>
      <ol className="divide-y divide-border">
        {steps.map((each, index) => (
          <Step
            key={each.step}
            number={index + 1}
            words={stepWords(each)}
            done={each.done}
            isNext={each.step === next}
          />
        ))}
      </ol>
    </Card>
  );
}

function Step({
  number,
  words: { title, text, action },
  done,
  isNext,
}: {
  number: number;
  words: StepWords;
  done: boolean;
  isNext: boolean;
}) {
  return (
    <li
      aria-current={isNext ? "step" : undefined}
      className="@container p-4 first:rounded-t-lg last:rounded-b-lg aria-[current=step]:bg-accent-subtle"
    >
      <div className="flex flex-col gap-x-4 gap-y-3 @md:flex-row @md:items-center @md:justify-between">
        <div className="flex min-w-0 gap-3">
          <span
            aria-hidden="true"
            className={cn(
              "flex size-6 shrink-0 items-center justify-center rounded-full border font-medium text-xs tabular-nums",
              done
                ? "border-success-border bg-success-subtle text-success-text"
                : isNext
                  ? "border-accent bg-accent text-on-accent"
                  : "border-border-strong text-muted",
            )}
          >
            {done ? <Check className="size-3.5" /> : number}
          </span>
          <div className="min-w-0">
            <h2 className={cn("font-medium text-base", done && "text-muted")}>
              {title}
              {done ? <span className="sr-only"> (done)</span> : null}
            </h2>
            <p className="text-muted text-sm [overflow-wrap:anywhere]">{text}</p>
          </div>
        </div>
        <div className={cn("flex shrink-0", done ? "@max-md:pl-6.5" : "@max-md:pl-9")}>
          <Button
            asChild
            size={done ? "sm" : "md"}
            variant={isNext ? "primary" : done ? "ghost" : "secondary"}
          >
            <Link href={action.href}>{action.label}</Link>
          </Button>
        </div>
      </div>
    </li>
  );
}

function StepsSkeleton() {
  return (
    <Card>
      <p role="status" className="sr-only">
        Loading
      </p>
      <div className="divide-y divide-border">
        {["w-44", "w-36", "w-40", "w-32"].map((width) => (
          <div key={width} className="flex h-18.75 items-start gap-3 p-4">
            <Skeleton className="size-6 rounded-full" />
            <div className="grid flex-1 gap-1.5 pt-1">
              <Skeleton className={width} />
              <Skeleton className="h-3 w-72 max-w-full" />
            </div>
            <Skeleton className="h-8 w-28 self-center max-sm:hidden" />
          </div>
        ))}
      </div>
    </Card>
  );
}
