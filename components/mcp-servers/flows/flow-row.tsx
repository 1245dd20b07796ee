"use client";

import { ChevronRight } from "lucide-react";
import { useState } from "react";
import { Badge, type Tone } from "@/components/ui/badge";
import { TwoLines } from "@/components/ui/text/long-text";
import { RelativeTime } from "@/components/ui/text/relative-time";
import { TextLink } from "@/components/ui/text/text-link";
import { formatDuration } from "@/lib/contracts/format-day";
import {
  clauseOf,
  type FlowOutcome,
  type FlowStep,
  type FlowStepKind,
  type FlowView,
  type ShownValue,
} from "@/lib/contracts/servers/flow";

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

/** One request and its answer. What is redacted says so; it was never stored. */
export function FlowStepView({ step }: { step: FlowStep }) {
  const { kind, request, answer, durationMs, error, errorDescription, problem } = step;
  const clause = clauseOf(kind);
  return (
    <li className="min-w-0 rounded-lg border border-border">
      <div className="flex flex-wrap items-baseline justify-between gap-x-4 gap-y-1 border-border border-b bg-sunken px-3 py-2">
        <h3 className="font-medium text-sm">{stepNames[kind]}</h3>
        <p className="flex flex-wrap items-baseline gap-x-3 text-muted text-xs">
          {durationMs === null ? null : <span>{formatDuration(durationMs)}</span>}
          <TextLink href={clause.url} external className="text-xs">
            {clause.name}
          </TextLink>
        </p>
      </div>
      <div className="grid min-w-0 gap-3 p-3">
        {request ? (
          <Part
            title="Request"
            line={`${request.method} ${request.url}`}
            values={[
              ...(request.authorization === null
                ? []
                : [{ name: "Authorization", value: null, scheme: request.authorization }]),
              ...request.parameters,
            ]}
            others={request.otherParameters}
          />
        ) : null}
        {answer ? (
          <Part
            title="Answer"
            line={[`Status ${answer.status}`, answer.contentType].filter(Boolean).join(" · ")}
            // Error texts are shown below.
            values={answer.fields.filter(({ name }) => !/^(error|message)/.test(name))}
            others={answer.otherFields}
          />
        ) : null}
        {error || errorDescription ? (
          <p className="text-danger-text text-xs [overflow-wrap:anywhere]">
            {error ? <span className="font-mono">{error}</span> : null}
            {error && errorDescription ? ": " : null}
            {errorDescription ? <bdi>“{errorDescription}”</bdi> : null}
          </p>
        ) : null}
        {problem ? (
          <p className="text-danger-text text-xs [overflow-wrap:anywhere]">{problem}</p>
        ) : null}
      </div>
    </li>
  );
}

type Shown = ShownValue & { scheme?: string };

function Part({
  title,
  line,
  values,
  others,
}: {
  title: string;
  line: string;
  values: readonly Shown[];
  others: number;
}) {
  return (
    <div className="grid min-w-0 gap-1.5">
      <p className="grid gap-x-3 text-xs sm:grid-cols-[5rem_minmax(0,1fr)]">
        <span className="text-muted">{title}</span>
        <span className="font-mono [overflow-wrap:anywhere]">{line}</span>
      </p>
      {values.length > 0 || others > 0 ? (
        <dl className="grid gap-1 text-xs sm:ml-[5.75rem]">
          {values.map(({ name, value, scheme }) => (
            <div key={name} className="grid gap-x-3 sm:grid-cols-[12rem_minmax(0,1fr)]">
              <dt className="font-mono text-muted [overflow-wrap:anywhere]">{name}</dt>
              <dd className="font-mono [overflow-wrap:anywhere]">
                {scheme ? `${scheme} ` : null}
                {value === null ? <Redacted /> : <bdi>{value}</bdi>}
              </dd>
            </div>
          ))}
          {others > 0 ? (
            <div className="text-muted">
              <dt className="sr-only">Others</dt>
              <dd>
                and {others} {others === 1 ? "other" : "others"} that Usher does not recognize
              </dd>
            </div>
          ) : null}
        </dl>
      ) : null}
    </div>
  );
}

function Redacted() {
  return <span className="rounded-xs bg-sunken px-1 font-sans text-muted">redacted</span>;
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

const stepNames: Record<FlowStepKind, string> = {
  registration: "Registering Usher as a client",
  authorization_request: "The browser was sent to the provider",
  authorization_response: "The browser came back",
  code_exchange: "Exchanging the code for tokens",
  refresh: "Refreshing the access token",
  client_credentials: "Requesting a token as the client",
  token_exchange: "Exchanging the sign-in at the identity provider",
  jwt_bearer: "Presenting the identity assertion",
  revocation: "Revoking a token",
  challenge: "The MCP server refused a call",
  userinfo: "Asking whose account it is",
  account_tool: "Asking the account tool",
  introspection: "Asking whose account it is",
  key_refused: "The MCP server refused the key",
};

/** An exchange is a refresh by other means. */
function nameOf({ kind, steps }: FlowView): string {
  const isExchange = steps.some(({ kind }) => kind === "token_exchange" || kind === "jwt_bearer");
  return isExchange ? "Exchange" : flowNames[kind];
}

function flowSummary({ kind, outcome, reason, steps }: FlowView): string {
  if (reason) return reason;
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
