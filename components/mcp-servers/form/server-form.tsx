"use client";

import { useQueryClient } from "@tanstack/react-query";
import Link from "next/link";
import { useRouter } from "next/navigation";
import { useRef, useState } from "react";
import {
  type FieldPath,
  FormProvider,
  useForm,
  useFormContext,
  useFormState,
  useWatch,
} from "react-hook-form";
import { toast } from "sonner";
import { AuthenticationFields } from "@/components/mcp-servers/form/authentication-fields";
import { EndsConnection } from "@/components/mcp-servers/form/ends-connection";
import { TextField } from "@/components/mcp-servers/form/form-field";
import { serverFormResolver } from "@/components/mcp-servers/form/server-form-schema";
import { initialValues } from "@/components/mcp-servers/form/server-form-values";
import type { NewServerStart } from "@/components/mcp-servers/form/server-url-field";
import { SettingFields, settingsSummary } from "@/components/mcp-servers/form/setting-fields";
import { endsConnection, secretDemands } from "@/components/mcp-servers/form/stored-secrets";
import { TransportFields } from "@/components/mcp-servers/form/transport-fields";
import { counted } from "@/components/mcp-servers/server-words";
import { Button } from "@/components/ui/button";
import { Callout } from "@/components/ui/callout";
import { cn } from "@/components/ui/class-names";
import { Disclosure } from "@/components/ui/disclosure";
import { focusFirstInvalid } from "@/components/ui/fields/form-problems";
import { LeaveGuard } from "@/components/ui/overlay/leave-guard";
import { Section } from "@/components/ui/section";
import type { McpServerDetail, McpServerInput } from "@/lib/contracts/servers/mcp-server";
import { callSettings } from "@/lib/contracts/servers/settings";
import { ProblemError } from "@/lib/queries/fetch-json";
import { mcpServerChanged } from "@/lib/queries/mcp-servers";
import { type McpServerFormContext, saveMcpServer } from "@/lib/queries/server-form";

/** A new server (`server` null) or an edit. Typed values stay, whatever the server answers. */
export function ServerForm({
  server: given,
  context,
  start = null,
}: {
  server: McpServerDetail | null;
  context: McpServerFormContext;
  /** For a new one. */
  start?: NewServerStart | null;
}) {
  // The server as it was when the edit started; a later one shows as a conflict.
  const [server] = useState(given);
  const form = useForm<McpServerInput>({
    defaultValues: start?.values ?? initialValues(server),
    resolver: serverFormResolver(server, context.allowHttpLoopback),
    shouldFocusError: false,
  });
  const { problem, saved, save } = useSave(server, form);
  const element = useRef<HTMLFormElement>(null);
  const values = useWatch({ control: form.control }) as McpServerInput;
  const demands = secretDemands(server, values);
  const ends = endsConnection(server, values);
  const { isDirty, isSubmitting, errors } = form.formState;
  const backTo = server ? `/mcp-servers/${server.id}` : "/mcp-servers";

  async function submit() {
    const valid = await save();
    if (!valid) focusFirstInvalid(element.current);
  }

  return (
    <FormProvider {...form}>
      <form
        ref={element}
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          void submit();
        }}
        className="grid min-w-0 gap-8"
      >
        <TransportFields server={server} context={context} demands={demands} start={start} />
        <Section title="General">
          <TextField name="name" label="Name" placeholder="Team wiki" required />
          <TextField
            name="description"
            label="Description"
            hint="What it is for. Shown next to the server’s name."
            optional
            lines={2}
          />
        </Section>
        <AuthenticationFields server={server} context={context} demands={demands} />
        <CallFields />
        <EndsConnection ends={ends} />
        <div className="sticky bottom-0 z-10 -mx-4 -mb-16 grid gap-3 border-border border-t bg-surface px-4 py-3 sm:-mx-6 sm:px-6 lg:-mx-8 lg:px-8">
          <FormProblems
            problem={problem}
            wrongFields={countErrors(errors)}
            changedMeanwhile={given && server && given.version !== server.version ? given : null}
          />
          <div className="flex flex-wrap items-center justify-end gap-2">
            <p className={cn("mr-auto text-xs", ends ? "text-warning-text" : "text-muted")}>
              {isDirty && !saved ? (ends ? "Saving ends connections" : "Unsaved changes") : null}
            </p>
            <Button asChild variant="ghost">
              <Link href={backTo}>Cancel</Link>
            </Button>
            <Button type="submit" variant="primary" loading={isSubmitting || saved}>
              {server ? "Save changes" : "Add server"}
            </Button>
          </div>
        </div>
      </form>
      <LeaveGuard active={isDirty && !saved} />
    </FormProvider>
  );
}

function useSave(server: McpServerDetail | null, form: ReturnType<typeof useForm<McpServerInput>>) {
  const queryClient = useQueryClient();
  const router = useRouter();
  const [problem, setProblem] = useState<ProblemError | null>(null);
  const [saved, setSaved] = useState(false);

  function refuse(cause: unknown) {
    if (!(cause instanceof ProblemError)) throw cause;
    const known = Object.entries(cause.fields).filter(([field]) =>
      hasField(form.getValues(), field),
    );
    for (const [field, message] of known) {
      form.setError(field as FieldPath<McpServerInput>, { type: "server", message });
    }
    if (known.length === 0) setProblem(cause);
  }

  async function send(input: McpServerInput): Promise<boolean> {
    try {
      const detail = await saveMcpServer(server?.id ?? null, input);
      setSaved(true);
      toast.success(server ? "Changes saved" : `${detail.name} was added`);
      void mcpServerChanged(queryClient, detail.id, detail);
      router.replace(`/mcp-servers/${detail.id}`);
      return true;
    } catch (cause) {
      refuse(cause);
      return false;
    }
  }

  /** @returns whether it was saved */
  async function save(): Promise<boolean> {
    setProblem(null);
    let done = false;
    await form.handleSubmit(async (input) => {
      done = await send(input);
    })();
    return done;
  }

  return { problem, saved, save };
}

function hasField(values: object, field: string): boolean {
  let at: unknown = values;
  for (const part of field.split(".")) {
    if (typeof at !== "object" || at === null || !Object.hasOwn(at, part)) return false;
    at = (at as Record<string, unknown>)[part];
  }
  return true;
}

/** For fields, wherever they are in the form's values. */
function countErrors(errors: object): number {
  return Object.values(errors).reduce<number>(
    (count, error) => count + ("message" in error ? 1 : countErrors(error)),
    0,
  );
}

/** How calls are made. Open while one of its fields is invalid, so that the error is visible. */
function CallFields() {
  const { control } = useFormContext<McpServerInput>();
  const settings = useWatch({ control, name: "settings" });
  const { errors } = useFormState({ control, name: "settings" });
  const [open, setOpen] = useState(false);
  return (
    <Disclosure
      title="Calls"
      summary={settingsSummary(callSettings, settings).join(" · ")}
      open={open || Object.keys(callSettings).some((name) => name in (errors.settings ?? {}))}
      onOpenChange={setOpen}
    >
      <div className="grid gap-5">
        <SettingFields definitions={callSettings} path="settings" />
      </div>
    </Disclosure>
  );
}

/** The outcome of the last try; beside the buttons, so it is visible wherever the page is scrolled. */
function FormProblems({
  problem,
  wrongFields,
  changedMeanwhile,
}: {
  problem: ProblemError | null;
  wrongFields: number;
  /** The server as another person saved it while it is edited here. */
  changedMeanwhile: McpServerDetail | null;
}) {
  if (changedMeanwhile !== null || problem?.code === "conflict") {
    return (
      <Callout
        tone="danger"
        title="Somebody else changed this server"
        announce
        action={
          <Button size="sm" onClick={() => window.location.reload()}>
            Load their version
          </Button>
        }
      >
        Your edit is based on an older version, so it cannot be saved. Load their version and make
        your changes again.
      </Callout>
    );
  }
  if (problem) {
    return (
      <Callout tone="danger" title="Could not save" announce>
        {problem.message}
      </Callout>
    );
  }
  if (wrongFields === 0) return null;
  return (
    <p role="alert" className="text-danger-text text-sm">
      {counted(wrongFields, "field needs", "fields need")} a correction.
    </p>
  );
}
