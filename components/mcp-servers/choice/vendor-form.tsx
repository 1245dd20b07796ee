"use client";

import Link from "next/link";
import { useRouter } from "next/navigation";
import { useRef } from "react";
import {
  type FieldErrors,
  FormProvider,
  type Resolver,
  set,
  useForm,
  useWatch,
} from "react-hook-form";
import { KnownFacts } from "@/components/mcp-servers/choice/known-facts";
import { SetupSteps } from "@/components/mcp-servers/choice/setup-steps";
import { useAddServer } from "@/components/mcp-servers/choice/use-add-server";
import {
  settingsOf,
  useVendorDiscovery,
} from "@/components/mcp-servers/choice/use-vendor-discovery";
import { VendorFields } from "@/components/mcp-servers/choice/vendor-fields";
import { VendorOutcome } from "@/components/mcp-servers/choice/vendor-outcome";
import { Button } from "@/components/ui/button";
import { Callout } from "@/components/ui/callout";
import { focusFirstInvalid } from "@/components/ui/fields/form-problems";
import { LeaveGuard } from "@/components/ui/overlay/leave-guard";
import type { VendorServer } from "@/lib/contracts/catalogue/vendor-server";
import {
  type MissingAnswer,
  type VendorServerAnswers,
  vendorServerDraft,
  vendorServerInput,
} from "@/lib/contracts/catalogue/vendor-server-input";
import type { DiscoveredSettings } from "@/lib/contracts/servers/discovery";

/** How far the short form has been filled in. */
export type VendorProgress = {
  answers: VendorServerAnswers;
  discovered: DiscoveredSettings | null;
};

/** Asks only for what Usher does not know of a vendor's server. */
export function VendorForm({
  server,
  callbackUrl,
  start,
  editEverything,
  onProgress,
}: {
  server: VendorServer;
  callbackUrl: string;
  start: VendorProgress;
  /** Where the whole form is. */
  editEverything: string;
  /** Called before the person goes there. */
  onProgress: (progress: VendorProgress) => void;
}) {
  const router = useRouter();
  const discovery = useVendorDiscovery(server);
  const found = settingsOf(discovery.run?.end) ?? start.discovered;
  const form = useForm<VendorServerAnswers>({
    defaultValues: start.answers,
    resolver: answersResolver(server, found),
    shouldFocusError: false,
  });
  const answers = {
    ...start.answers,
    ...useWatch({ control: form.control }),
  } as VendorServerAnswers;
  const { problem, saved, save } = useAddServer();
  const element = useRef<HTMLFormElement>(null);
  const { isDirty, isSubmitting } = form.formState;
  const draft = vendorServerDraft(server, answers, found);

  async function add(values: VendorServerAnswers) {
    const settings = (await discovery.settings(values.urlParts)) ?? found;
    const made = vendorServerInput(server, values, settings);
    if (made.ok) {
      if (!(await save(made.input, form))) focusFirstInvalid(element.current);
      return;
    }
    for (const { field, message } of made.missing) {
      if (field !== "discovery") form.setError(field, { type: "missing", message });
    }
    focusFirstInvalid(element.current);
  }

  function leaveForEverything() {
    onProgress({ answers: form.getValues(), discovered: found });
    router.push(editEverything);
  }

  return (
    <FormProvider {...form}>
      <form
        ref={element}
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          if (isSubmitting || saved) return;
          void form.handleSubmit(add, () => focusFirstInvalid(element.current))(event);
        }}
        className="@container grid min-w-0 gap-6"
      >
        <div className="grid gap-3 empty:hidden">
          {problem ? (
            <Callout tone="danger" title="Could not add the server" announce>
              {problem}
            </Callout>
          ) : null}
          {discovery.run ? (
            <VendorOutcome
              server={server}
              run={discovery.run}
              onAgain={() => discovery.again(form.getValues("urlParts"))}
              onEditEverything={leaveForEverything}
            />
          ) : null}
          {server.note ? <Callout title={server.note} /> : null}
        </div>
        <div className="grid items-start gap-6 @3xl:grid-cols-[minmax(0,1fr)_20rem]">
          <SetupSteps server={server} callbackUrl={callbackUrl} />
          <div className="grid min-w-0 gap-6">
            <VendorFields
              server={server}
              discovered={found}
              withoutSecret={draft.oauth.tokenEndpointAuthMethod === "NONE"}
              onUrlKnown={() => discovery.ahead(form.getValues("urlParts"))}
            />
            <div className="flex flex-wrap items-center gap-2">
              <Button type="submit" variant="primary" loading={isSubmitting || saved}>
                Add {server.name}
              </Button>
              <Button asChild variant="ghost">
                <Link href="/mcp-servers/new">Cancel</Link>
              </Button>
            </div>
          </div>
        </div>
        <KnownFacts server={server} draft={draft} onEditEverything={leaveForEverything} />
      </form>
      <LeaveGuard active={isDirty && !saved} />
    </FormProvider>
  );
}

/** The same rule as at Add, without what is still being discovered. */
function answersResolver(
  server: VendorServer,
  discovered: DiscoveredSettings | null,
): Resolver<VendorServerAnswers> {
  return (values) => {
    const made = vendorServerInput(server, values, discovered);
    const missing = made.ok ? [] : made.missing.filter(({ field }) => field !== "discovery");
    return missing.length === 0 ? { values, errors: {} } : { values: {}, errors: nested(missing) };
  };
}

function nested(missing: readonly MissingAnswer[]): FieldErrors<VendorServerAnswers> {
  const errors = {};
  for (const { field, message } of missing) set(errors, field, { type: "missing", message });
  return errors;
}
