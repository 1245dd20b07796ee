"use client";

import { ChevronRight } from "lucide-react";
import { useState } from "react";
import { Badge, type Tone } from "@/components/ui/badge";
import { TwoLines } from "@/components/ui/text/long-text";
import { RelativeTime } from "@/components/ui/text/relative-time";
import { formatDuration } from "@/lib/contracts/format-day";
import type { FlowOutcome, FlowView } from "@/lib/contracts/servers/flow";
import { wordsForAdmin } from "@/lib/contracts/words-for-admin";
import { FlowStepView } from "./flow-step";

/** A flow, collapsed to three lines. Its steps render on first open. */
export function FlowRow({ flow }: { flow: FlowView }) {
  const [opened, setOpened] = useState(false);
  const { words, tone } = outcomeBadges[flow.outcome];
  return (
    <li>
      <details
        onToggle={(event) => {
          if (event.target === event.currentTarget && event.currentTarget.open) setOpened(true);
        }}
        className="group/flow min-w-0"
      >
        <summary className="flex list-none items-start gap-2 px-3 py-2.5 text-sm hover:bg-hover focus-visible:-outline-offset-2">
          <ChevronRight
            aria-hidden="true"
            className="mt-0.5 size-4 shrink-0 text-faint transition-transform group-open/flow:rotate-90"
          />
          <span className="grid min-w-0 flex-1 gap-0.5">
            <span className="flex min-w-0 flex-wrap items-center gap-x-2 gap-y-1">
              <span className="font-medium">{nameOf(flow)}</span>
              <Badge tone={tone}>{words}</Badge>
              <span className="text-muted text-xs sm:ml-auto">
                {flow.durationMs === null ? null : `${formatDuration(flow.durationMs)} · `}
                <RelativeTime value={flow.at} />
              </span>
            </span>
            <span className="text-muted text-xs [overflow-wrap:anywhere]">{flowPeople(flow)}</span>
            {flow.outcome === "succeeded" ? null : (
              <TwoLines text={flowSummary(flow)} className="text-xs group-open/flow:hidden" />
            )}
          </span>
        </summary>
        {opened ? (
          <div className="grid min-w-0 gap-3 px-3 pt-1 pb-4 sm:pl-9">
            <p className="text-sm [overflow-wrap:anywhere]">{flowSummary(flow)}</p>
            {flow.steps.length > 0 ? (
              <ol className="grid min-w-0 gap-3">
                {flow.steps.map((step, index) => (
                  // biome-ignore lint/suspicious/noArrayIndexKey: a step's place is what it is
                  <FlowStepView key={index} step={step} />
                ))}
              </ol>
            ) : (
              <p className="text-muted text-sm">Nothing was sent to the provider.</p>
            )}
          </div>
        ) : null}
      </details>
    </li>
  );
}

const flowNames: Record<FlowView["kind"], string> = {
  AUTHORIZATION: "Authorization",
  REFRESH: "Refresh",
  REVOCATION: "Revocation",
  REGISTRATION: "Registration",
  STEP_UP: "Additional permissions",
  PERSONAL_KEY: "Own key",
};

const outcomeBadges: Record<FlowOutcome, { words: string; tone: Tone }> = {
  succeeded: { words: "Succeeded", tone: "success" },
  waiting: { words: "Waiting", tone: "info" },
  unfinished: { words: "Not finished", tone: "neutral" },
  refused: { words: "Refused", tone: "danger" },
  retrying: { words: "Retrying", tone: "warning" },
  failed: { words: "Failed", tone: "danger" },
};

/** An exchange is a refresh by other means. */
function nameOf({ kind, steps }: FlowView): string {
  const isExchange = steps.some(({ kind }) => kind === "token_exchange" || kind === "jwt_bearer");
  return isExchange ? "Exchange" : flowNames[kind];
}

function flowSummary({ kind, outcome, reason, steps }: FlowView): string {
  if (reason) return wordsForAdmin(reason);
  if (outcome === "waiting") {
    return "Waiting up to 10 minutes for the person to return from the provider.";
  }
  if (outcome === "unfinished") {
    return "Nobody came back from the provider within 10 minutes. Authorize again; if the provider shows an error there, check the client ID and the callback URL.";
  }
  switch (kind) {
    case "AUTHORIZATION":
      return `Connected. ${lifetime(steps)}`;
    case "REFRESH":
      return `A new access token was stored. ${lifetime(steps)}`;
    case "PERSONAL_KEY":
      return "The key was stored. It is sent with this person’s calls only.";
    case "REGISTRATION":
      return "Usher is registered with the provider. Nothing to do.";
    default:
      return "Nothing to do.";
  }
}

function lifetime(steps: FlowView["steps"]): string {
  const fields = steps.at(-1)?.answer?.fields ?? [];
  const seconds = Number(fields.find(({ name }) => name === "expires_in")?.value ?? Number.NaN);
  if (!Number.isFinite(seconds)) return "The provider did not say how long the token is valid.";
  return `The token is valid for ${seconds < 120 ? `${seconds} seconds` : inWords(seconds / 60)}.`;
}

function inWords(minutes: number): string {
  if (minutes < 120) return `${Math.round(minutes)} minutes`;
  if (minutes < 48 * 60) return `${Math.round(minutes / 60)} hours`;
  return `${Math.round(minutes / 60 / 24)} days`;
}

function flowPeople({ owner, actor, trigger }: FlowView): string {
  const account = owner === null ? "Shared account" : `${owner}’s account`;
  if (trigger === "sweep") return `${account} · by the sweep`;
  if (trigger === "call") return `${account} · for a tool call`;
  return actor === null || actor === owner ? account : `${account} · by ${actor}`;
}
