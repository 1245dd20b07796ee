"use client";

import { zodResolver } from "@hookform/resolvers/zod";
import { useQueryClient } from "@tanstack/react-query";
import Link from "next/link";
import { useRouter } from "next/navigation";
import { type ReactNode, useRef, useState } from "react";
import { Controller, useForm, useWatch } from "react-hook-form";
import { toast } from "sonner";
import { AlwaysAllowField } from "@/components/assistants/always-allow-field";
import { ExamplesField, exampleFields } from "@/components/assistants/examples-field";
import { ModelField, ModelsToChooseField } from "@/components/assistants/model-field";
import { ServersField } from "@/components/assistants/servers-field";
import { leftOutWords } from "@/components/assistants/tool-count";
import { withPolicy } from "@/components/assistants/tool-selection";
import { Button } from "@/components/ui/button";
import { Callout } from "@/components/ui/callout";
import { Field } from "@/components/ui/fields/field";
import { focusFirstInvalid, showProblem } from "@/components/ui/fields/form-problems";
import { Input } from "@/components/ui/fields/input";
import { Textarea } from "@/components/ui/fields/textarea";
import { LeaveGuard } from "@/components/ui/overlay/leave-guard";
import { Section } from "@/components/ui/section";
import {
  type AssistantDetail,
  type AssistantFormContext,
  type AssistantInput,
  assistantInput,
} from "@/lib/contracts/assistant";
import { assistantsChanged, saveAssistant } from "@/lib/queries/assistants";

const fields = [
  ...(["name", "description", "instructions", "model", "modelsToChoose"] as const),
  ...(["servers", "alwaysAllow", "examples"] as const),
];

const instructionsExample = `You help our support team answer customers.

Look things up in the handbook before you answer, and name the page you found it on. When the handbook says nothing, say so. Ask before you change anything.

Answer in a few sentences, in the language of the question.`;

function startOf(stored: AssistantDetail | null): AssistantInput {
  return {
    name: stored?.name ?? "",
    description: stored?.description ?? "",
    instructions: stored?.instructions ?? "",
    model: stored?.model ?? "",
    modelsToChoose: stored?.modelsToChoose ?? "none",
    alwaysAllow: stored?.alwaysAllow ?? "NONE",
    examples: exampleFields(stored?.examples ?? []),
    servers: (stored?.servers ?? []).map(({ serverId, allTools, toolNames, toolPolicies }) => ({
      serverId,
      allTools,
      toolNames: [...toolNames].sort(),
      toolPolicies: withPolicy(toolPolicies, [], null),
      acceptedTools: {},
    })),
  };
}

/** @param stored null for a new assistant; read once, when the form opens */
export function AssistantForm({
  context,
  stored,
}: {
  context: AssistantFormContext;
  stored: AssistantDetail | null;
}) {
  const router = useRouter();
  const queryClient = useQueryClient();
  const [start] = useState(() => startOf(stored));
  const form = useForm<AssistantInput>({
    resolver: zodResolver(assistantInput),
    defaultValues: start,
    shouldFocusError: false,
  });
  const { errors, isDirty, isSubmitting } = form.formState;
  const model = useWatch({ control: form.control, name: "model" });
  const element = useRef<HTMLFormElement>(null);
  const [problem, setProblem] = useState<string | null>(null);
  const [done, setDone] = useState(false);

  async function save(input: AssistantInput) {
    setProblem(null);
    try {
      const saved = await saveAssistant(stored?.id ?? null, input);
      setDone(true);
      toast.success(stored ? `${saved.name} was saved` : `${saved.name} is ready to chat`);
      if (saved.toolsLeftOut.length > 0) {
        toast.warning(`The model cannot be offered: ${leftOutWords(saved.toolsLeftOut)}`);
      }
      // Replaced, so that Back does not lead to a finished form.
      router.replace("/assistants");
      await assistantsChanged(queryClient);
    } catch (error) {
      setProblem(showProblem(form, error, fields));
      focusFirstInvalid(element.current);
    }
  }

  return (
    <form
      ref={element}
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        if (isSubmitting || done) return;
        void form.handleSubmit(save, () => focusFirstInvalid(element.current))(event);
      }}
      className="grid min-w-0 gap-8"
    >
      <LeaveGuard active={isDirty && !done} />
      <Section title="General" className="gap-4">
        <Field label="Name" error={errors.name?.message} required>
          <Input
            {...form.register("name")}
            autoFocus={stored === null}
            maxLength={80}
            placeholder="Support"
          />
        </Field>
        <Field
          label="Description"
          optional
          error={errors.description?.message}
          hint="What it is for. People see this when they choose an assistant."
        >
          <Input
            {...form.register("description")}
            maxLength={300}
            placeholder="Answers questions about our products from the handbook"
          />
        </Field>
      </Section>
      <Section title="Behaviour" className="gap-4">
        <Field
          label="Instructions"
          optional
          error={errors.instructions?.message}
          hint="Its role, what to look up first and how to answer. Sent to the language model with every message; the built-in assistant ignores them."
        >
          <Textarea
            {...form.register("instructions")}
            autoGrow
            placeholder={instructionsExample}
            className="min-h-52 max-h-[60dvh] text-base leading-relaxed"
          />
        </Field>
        <Controller
          control={form.control}
          name="model"
          render={({ field }) => (
            <ModelField
              {...context}
              value={field.value}
              onChange={field.onChange}
              error={errors.model?.message}
            />
          )}
        />
        <Controller
          control={form.control}
          name="modelsToChoose"
          render={({ field }) => (
            <ModelsToChooseField
              models={context.models}
              value={field.value ?? "none"}
              onChange={field.onChange}
              error={errors.modelsToChoose?.message}
            />
          )}
        />
      </Section>
      <Controller
        control={form.control}
        name="servers"
        render={({ field }) => (
          <ServersField
            ref={field.ref}
            servers={context.servers}
            choices={field.value}
            start={start.servers}
            assistantId={stored?.id ?? null}
            onChange={field.onChange}
            error={errors.servers?.message ?? errors.servers?.root?.message}
            model={model.trim() || context.defaultModel.name}
          />
        )}
      />
      <AlwaysAllowField control={form.control} />
      <Controller
        control={form.control}
        name="examples"
        render={({ field }) => (
          <ExamplesField
            values={field.value ?? []}
            onChange={field.onChange}
            error={errors.examples?.message ?? errors.examples?.find?.(Boolean)?.message}
            current={() => {
              const { examples = [], ...input } = form.getValues();
              return { ...input, examples };
            }}
          />
        )}
      />
      <FormActions
        submitLabel={stored ? "Save changes" : "Create assistant"}
        saving={isSubmitting || done}
        unsaved={isDirty}
      >
        {problem ? <Callout tone="danger" title={problem} announce /> : null}
      </FormActions>
    </form>
  );
}

/** Stays visible at the window's lower edge. */
function FormActions({
  submitLabel,
  saving,
  unsaved,
  children,
}: {
  submitLabel: string;
  saving: boolean;
  unsaved: boolean;
  children: ReactNode;
}) {
  return (
    <div className="sticky bottom-0 z-10 -mx-4 -mb-16 grid gap-3 border-border border-t bg-surface px-4 py-3 pb-[max(0.75rem,env(safe-area-inset-bottom))] sm:-mx-6 sm:px-6 lg:-mx-8 lg:px-8">
      {children}
      <div className="flex flex-wrap items-center justify-end gap-2">
        <p className="mr-auto text-muted text-xs">
          {unsaved && !saving ? "Unsaved changes" : null}
        </p>
        <Button asChild variant="ghost">
          <Link href="/assistants">Cancel</Link>
        </Button>
        <Button type="submit" variant="primary" loading={saving}>
          {submitLabel}
        </Button>
      </div>
    </div>
  );
}
