"use client";

import { useQuery, useQueryClient } from "@tanstack/react-query";
import { ChevronRight, RotateCw } from "lucide-react";
import { useId, useState } from "react";
import { toast } from "sonner";
import { Badge } from "@/components/ui/badge";
import { Button } from "@/components/ui/button";
import { LoadProblem } from "@/components/ui/load-problem";
import { Skeleton } from "@/components/ui/loading";
import { CodeBlock } from "@/components/ui/text/code-block";
import { RelativeTime } from "@/components/ui/text/relative-time";
import type {
  DeliveryDetail,
  DeliveryView,
  WebhookAttempt,
  WebhookView,
} from "@/lib/contracts/webhooks";
import { deliveryQuery, resendDelivery, webhooksChanged } from "@/lib/queries/webhooks";
import { deliveryStates } from "./webhook-words";

type Row = { webhook: WebhookView; delivery: DeliveryView };

/** One line, and behind it each attempt with the receiver's response. */
export function DeliveryRow({ webhook, delivery }: Row) {
  const [open, setOpen] = useState(false);
  const panelId = useId();
  const { eventType, createdAt, state, last, attempts } = delivery;
  const { label, tone } = deliveryStates[state];
  return (
    <li>
      <button
        type="button"
        aria-expanded={open}
        aria-controls={open ? panelId : undefined}
        onClick={() => setOpen(!open)}
        className="flex w-full min-w-0 flex-wrap items-center gap-x-3 gap-y-1 px-4 py-2.5 text-left text-sm hover:bg-hover focus-visible:-outline-offset-2"
      >
        <ChevronRight
          aria-hidden="true"
          className={`size-4 shrink-0 text-faint transition-transform ${open ? "rotate-90" : ""}`}
        />
        <span className="w-24 shrink-0">
          <Badge tone={tone} dot>
            {label}
          </Badge>
        </span>
        <span className="min-w-0 flex-1 truncate font-mono text-xs">{eventType}</span>
        <span className="text-muted text-xs">
          {last ? answerWords(last.status, attempts) : null}
        </span>
        <span className="w-28 shrink-0 text-right text-muted text-xs max-sm:w-auto">
          <RelativeTime value={createdAt} />
        </span>
      </button>
      {open ? (
        <div id={panelId} className="grid min-w-0 gap-4 border-border border-t bg-sunken px-4 py-4">
          <Opened webhook={webhook} delivery={delivery} />
        </div>
      ) : null}
    </li>
  );
}

function answerWords(status: number | null, attempts: number): string {
  const answer = status === null ? "No answer" : `${status}`;
  return attempts > 1 ? `${answer}, ${attempts} attempts` : answer;
}

function Opened({ webhook, delivery }: Row) {
  const query = useQuery(deliveryQuery(webhook.id, delivery.id, delivery.attempts));
  if (query.data) return <Detail webhook={webhook} delivery={query.data} />;
  if (!query.isError) return <Skeleton className="h-32 w-full" />;
  return (
    <LoadProblem
      title="The delivery could not be loaded"
      error={query.error}
      retrying={query.isFetching}
      onRetry={() => void query.refetch()}
    />
  );
}

function Detail({ webhook, delivery }: { webhook: WebhookView; delivery: DeliveryDetail }) {
  const { id, eventId, state, log, nextAttemptAt, payload } = delivery;
  const queryClient = useQueryClient();
  const [pending, setPending] = useState(false);

  async function resend() {
    setPending(true);
    try {
      const sent = await resendDelivery(webhook.id, id);
      if (sent.state === "delivered") toast.success("Delivered");
      else toast.error("It was not delivered", { description: sent.last?.error });
      await webhooksChanged(queryClient);
    } catch (error) {
      toast.error(error instanceof Error ? error.message : "Something went wrong. Try again.");
    } finally {
      setPending(false);
    }
  }

  return (
    <>
      <div className="flex flex-wrap items-center justify-between gap-3">
        <p className="min-w-0 text-muted text-xs [overflow-wrap:anywhere]">
          Event <span className="font-mono">{eventId}</span>
          {state === "pending" && nextAttemptAt ? (
            <>
              {" · Next attempt "}
              <RelativeTime value={nextAttemptAt} />
            </>
          ) : null}
        </p>
        <Button
          size="sm"
          loading={pending}
          disabled={!webhook.enabled}
          onClick={() => void resend()}
        >
          <RotateCw aria-hidden="true" />
          Resend
        </Button>
      </div>
      {log.length > 0 ? (
        <ol aria-label="Attempts, newest first" className="grid gap-3">
          {log.toReversed().map((attempt) => (
            <Attempt key={attempt.at} attempt={attempt} />
          ))}
        </ol>
      ) : (
        <p className="text-muted text-sm">It has not been sent yet.</p>
      )}
      <CodeBlock title="Payload" code={indented(payload)} codeClassName="max-h-72" />
    </>
  );
}

function Attempt({
  attempt: { at, status, tookMs, error, response },
}: {
  attempt: WebhookAttempt;
}) {
  return (
    <li className="grid min-w-0 gap-1.5 text-sm">
      <p className="flex flex-wrap items-center gap-x-2 gap-y-1">
        <Badge tone={error === null ? "success" : "danger"}>
          {status === null ? "No answer" : `${status}`}
        </Badge>
        <span className="text-muted text-xs">
          <RelativeTime value={at} /> · {tookMs} ms
        </span>
      </p>
      {error ? <p className="text-danger-text text-xs [overflow-wrap:anywhere]">{error}</p> : null}
      {response ? (
        <CodeBlock title="Response" code={response} wrap copy={false} codeClassName="max-h-32" />
      ) : null}
    </li>
  );
}

/** The same JSON, formatted for reading. */
function indented(payload: string): string {
  return JSON.stringify(JSON.parse(payload), null, 2);
}
