"use client";

import { useQuery } from "@tanstack/react-query";
import { type FormEvent, useRef, useState } from "react";
import { RegistryHeader } from "@/components/mcp-servers/registry/registry-search";
import { transportNames } from "@/components/mcp-servers/server-words";
import { Button } from "@/components/ui/button";
import { Callout } from "@/components/ui/callout";
import { Field, FieldGroup } from "@/components/ui/fields/field";
import { focusFirstInvalid } from "@/components/ui/fields/form-problems";
import { Input } from "@/components/ui/fields/input";
import { RadioCards } from "@/components/ui/fields/radio-cards";
import { Select } from "@/components/ui/fields/select";
import { useUrlState } from "@/components/ui/list/use-url-state";
import { LoadProblem } from "@/components/ui/load-problem";
import { Skeleton } from "@/components/ui/loading";
import { Page } from "@/components/ui/page-header";
import { TextLink } from "@/components/ui/text/text-link";
import type { RegistryRemote, RegistryServer } from "@/lib/contracts/catalogue/registry";
import { registryInput, registryUrlParts } from "@/lib/contracts/catalogue/registry-input";
import type { McpServerInput } from "@/lib/contracts/servers/mcp-server";
import { registryVersionsQuery } from "@/lib/queries/registry";

type Props = { name: string; onContinue: (input: McpServerInput) => void };

/** One server of the registry: its version, the URL to use, and the values that its URL needs. */
export function RegistryEntry({ name, onContinue }: Props) {
  const query = useQuery(registryVersionsQuery(name));
  const [wanted, setWanted] = useUrlState("version");
  const versions = query.data?.servers ?? [];
  const server =
    versions.find(({ version }) => version === wanted) ??
    versions.find(({ isLatest }) => isLatest) ??
    versions[0];
  return (
    <Page width="narrow">
      <RegistryHeader title={server?.title ?? "MCP server"} description={name} ofServer />
      {server ? (
        <div className="grid gap-6">
          <About server={server} />
          <Field label="Version">
            <Select
              value={server.version}
              onValueChange={(version) => setWanted(version)}
              options={versions.map(({ version, isLatest }) => ({
                value: version || "unknown",
                label: isLatest ? `${version} (latest)` : version || "Not named",
              }))}
            />
          </Field>
          <RemoteForm key={server.version} server={server} onContinue={onContinue} />
        </div>
      ) : query.isError || query.data ? (
        <LoadProblem
          title="This server could not be read from the registry"
          error={query.error ?? new Error("The registry no longer lists it.")}
          retrying={query.isFetching}
          onRetry={() => void query.refetch()}
        />
      ) : (
        <div className="grid gap-3">
          <p role="status" className="sr-only">
            Loading
          </p>
          <Skeleton className="w-full max-w-96" />
          <Skeleton className="h-8 w-full" />
          <Skeleton className="h-16 w-full" />
        </div>
      )}
    </Page>
  );
}

function About({ server: { description, status, website, leftOut } }: { server: RegistryServer }) {
  return (
    <>
      {status === "deprecated" ? (
        <Callout tone="warning" title="This server is deprecated">
          Its publisher advises against using it.
        </Callout>
      ) : null}
      <div className="grid gap-1 text-sm">
        {description ? <bdi className="[overflow-wrap:anywhere]">{description}</bdi> : null}
        {website ? (
          <TextLink external href={website}>
            {new URL(website).host}
          </TextLink>
        ) : null}
        {leftOut.map((reason) => (
          <p key={reason} className="text-muted [overflow-wrap:anywhere]">
            Left out: {reason}
          </p>
        ))}
      </div>
    </>
  );
}

function RemoteForm({ server, onContinue }: { server: RegistryServer } & Omit<Props, "name">) {
  const { remotes } = server;
  const [chosen, setChosen] = useState(0);
  const [values, setValues] = useState<Record<string, string>>({});
  const [problems, setProblems] = useState<ReadonlyMap<string, string>>(new Map());
  const form = useRef<HTMLFormElement>(null);
  const remote = remotes[chosen];
  if (!remote) {
    return (
      <Callout tone="info" title="This server has no URL">
        It is a package that runs on a computer. Add it by hand with the stdio transport, where this
        installation allows that.
      </Callout>
    );
  }

  function submit(event: FormEvent) {
    event.preventDefault();
    if (!remote) return;
    const usual = remote.urlParts.map(({ name, default: value }) => [name, value]);
    const made = registryInput(server, remote, { ...Object.fromEntries(usual), ...values });
    if (made.ok) return onContinue(made.input);
    setProblems(new Map(made.problems.map(({ name, message }) => [name, message])));
    requestAnimationFrame(() => focusFirstInvalid(form.current));
  }

  return (
    <form ref={form} noValidate onSubmit={submit} className="grid gap-5">
      {remotes.length > 1 ? (
        <FieldGroup label="URL">
          <RadioCards
            value={`${chosen}`}
            onValueChange={(value) => {
              setChosen(Number(value));
              setProblems(new Map());
            }}
            options={remotes.map((each, at) => ({
              value: `${at}`,
              title: transportNames[each.transport],
              description: <Address remote={each} />,
            }))}
          />
        </FieldGroup>
      ) : (
        <p className="text-sm">
          <Address remote={remote} />
        </p>
      )}
      {registryUrlParts(remote).map(({ name, label, hint, example }) => (
        <Field key={name} label={label} hint={hint} error={problems.get(name)} required>
          <Input
            mono
            value={
              values[name] ?? remote.urlParts.find((part) => part.name === name)?.default ?? ""
            }
            placeholder={example}
            onChange={({ target }) => setValues((old) => ({ ...old, [name]: target.value }))}
          />
        </Field>
      ))}
      {remote.headers.length > 0 ? (
        <p className="text-muted text-sm [overflow-wrap:anywhere]">
          Headers: {remote.headers.map(({ name }) => name).join(", ")}.
        </p>
      ) : null}
      <div className="flex justify-end">
        <Button type="submit" variant="primary">
          Continue
        </Button>
      </div>
    </form>
  );
}

function Address({ remote }: { remote: RegistryRemote }) {
  return (
    <span className="font-mono text-xs tracking-tight [overflow-wrap:anywhere]">{remote.url}</span>
  );
}
