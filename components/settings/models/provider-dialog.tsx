"use client";

import { zodResolver } from "@hookform/resolvers/zod";
import { useQueryClient } from "@tanstack/react-query";
import { useId, useState } from "react";
import { useForm, useWatch } from "react-hook-form";
import { toast } from "sonner";
import { Button } from "@/components/ui/button";
import { Disclosure } from "@/components/ui/disclosure";
import { DialogForm } from "@/components/ui/fields/dialog-form";
import { Field } from "@/components/ui/fields/field";
import { Input } from "@/components/ui/fields/input";
import { SecretInput } from "@/components/ui/fields/secret-input";
import { Select } from "@/components/ui/fields/select";
import { Dialog, DialogClose } from "@/components/ui/overlay/dialog";
import { InlineCode } from "@/components/ui/text/code-block";
import { type ModelProviderKind, modelProviderKinds } from "@/lib/contracts/chat/model-name";
import {
  type ModelProviderInput,
  type ModelProviderView,
  modelProviderChange,
  modelProviderInput,
  providerKinds,
} from "@/lib/contracts/models";
import { addProvider, changeProvider, modelsChanged } from "@/lib/queries/models";

type ProviderDialogProps = {
  open: boolean;
  /** Null: a new one. */
  provider: ModelProviderView | null;
  onOpenChange: (open: boolean) => void;
  onAdded?: (provider: ModelProviderView) => void;
};

export function ProviderDialog(props: ProviderDialogProps) {
  const { open, provider, onOpenChange } = props;
  const formId = useId();
  const [pending, setPending] = useState(false);
  const isOwn = provider?.kind === "openai-compatible";
  const label = provider && (isOwn ? provider.name : providerKinds[provider.kind].label);
  return (
    <Dialog
      open={open}
      onOpenChange={(next) => pending || onOpenChange(next)}
      title={label ? `Edit ${label}` : "Add a model provider"}
      description={label ? undefined : "You choose its models next."}
      footer={
        <>
          <DialogClose asChild>
            <Button disabled={pending}>Cancel</Button>
          </DialogClose>
          <Button type="submit" form={formId} variant="primary" loading={pending}>
            {label ? "Save" : "Add provider"}
          </Button>
        </>
      }
    >
      <ProviderForm {...props} id={formId} onPending={setPending} />
    </Dialog>
  );
}

const fields = ["kind", "name", "baseUrl", "apiKey"] as const;
const kinds = modelProviderKinds.map((kind) => ({ value: kind, label: providerKinds[kind].label }));

const keyHints: Record<ModelProviderKind, string> = {
  anthropic: "From console.anthropic.com, under API keys.",
  openai: "From platform.openai.com, under API keys.",
  gateway: "From Vercel, under AI Gateway.",
  "openai-compatible": "Leave it empty if the server needs none.",
};

function ProviderForm({
  id,
  provider,
  onOpenChange,
  onAdded,
  onPending,
}: ProviderDialogProps & { id: string; onPending: (pending: boolean) => void }) {
  const queryClient = useQueryClient();
  const form = useForm<ModelProviderInput>({
    // An edit omits unchanged values, which a new provider needs.
    ...(provider ? {} : { resolver: zodResolver(modelProviderInput) }),
    defaultValues: {
      kind: provider?.kind ?? "anthropic",
      name: provider?.name ?? "",
      baseUrl: provider?.baseUrl ?? "",
      apiKey: "",
    },
  });
  const { errors } = form.formState;
  const kind = useWatch({ control: form.control, name: "kind" });
  const isOwn = kind === "openai-compatible";

  async function save(input: ModelProviderInput) {
    const { baseUrl, apiKey } = input;
    const saved = provider
      ? await changeProvider(provider.name, modelProviderChange.parse({ baseUrl, apiKey }))
      : await addProvider(isOwn ? input : { ...input, name: "" });
    toast.success(provider ? "The provider was saved" : "The provider was added");
    onOpenChange(false);
    await modelsChanged(queryClient);
    if (!provider) onAdded?.(saved);
  }

  const baseUrlField = (
    <Field
      label="Base URL"
      optional={!isOwn}
      error={errors.baseUrl?.message}
      hint={
        isOwn
          ? "The part before /chat/completions."
          : "Only for a proxy or a regional endpoint of the provider."
      }
    >
      <Input
        {...form.register("baseUrl")}
        mono
        inputMode="url"
        autoCapitalize="none"
        spellCheck={false}
        placeholder="https://models.example.com/v1"
      />
    </Field>
  );
  return (
    <DialogForm id={id} form={form} fields={fields} save={save} onPending={onPending}>
      {provider ? null : (
        <Field label="Provider" error={errors.kind?.message}>
          <Select
            options={kinds}
            value={kind}
            onValueChange={(next) => {
              form.clearErrors();
              form.setValue("kind", next as ModelProviderKind);
            }}
          />
        </Field>
      )}
      {isOwn && !provider ? (
        <Field
          label="Name"
          error={errors.name?.message}
          hint={
            <>
              Names of its models begin with it: <InlineCode>ollama/llama-3</InlineCode>. It cannot
              be changed later.
            </>
          }
        >
          <Input
            {...form.register("name")}
            mono
            maxLength={40}
            autoCapitalize="none"
            spellCheck={false}
            placeholder="ollama"
          />
        </Field>
      ) : null}
      {isOwn ? baseUrlField : null}
      <Field
        label="API key"
        optional={isOwn}
        stored={provider?.hasKey}
        error={errors.apiKey?.message}
        hint={keyHints[kind]}
      >
        <SecretInput {...form.register("apiKey")} stored={provider?.hasKey} />
      </Field>
      {isOwn ? null : (
        <Disclosure title="Advanced" defaultOpen={Boolean(provider?.baseUrl)}>
          {baseUrlField}
        </Disclosure>
      )}
    </DialogForm>
  );
}
