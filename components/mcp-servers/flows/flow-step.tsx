"use client";

import { TextLink } from "@/components/ui/text/text-link";
import { formatDuration } from "@/lib/contracts/format-day";
import {
  clauseOf,
  type FlowStep,
  type FlowStepKind,
  type ShownValue,
} from "@/lib/contracts/servers/flow";

/** One request and its response. Redacted values are marked; they were never stored. */
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
