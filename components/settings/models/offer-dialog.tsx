"use client";

import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useDeferredValue, useId, useState } from "react";
import { toast } from "sonner";
import { Button } from "@/components/ui/button";
import { Callout } from "@/components/ui/callout";
import { cn } from "@/components/ui/class-names";
import { Field } from "@/components/ui/fields/field";
import { Input } from "@/components/ui/fields/input";
import { Select } from "@/components/ui/fields/select";
import { Skeleton } from "@/components/ui/loading";
import { Dialog, DialogClose } from "@/components/ui/overlay/dialog";
import { formatNumber } from "@/lib/contracts/format";
import type { ModelAudience, OfferedModelView } from "@/lib/contracts/models";
import { ProblemError } from "@/lib/queries/fetch-json";
import { modelsChanged, offerModel, providerModelsQuery } from "@/lib/queries/models";
import { AudienceField, LabelField } from "./model-fields";

/** More are found by typing. */
const mostRows = 100;

type OfferDialogProps = {
  /** Null: it is closed. */
  provider: string | null;
  providers: readonly string[];
  offered: readonly OfferedModelView[];
  onClose: () => void;
};

/** Chooses a model from the provider's own list, or by name if the list does not have it. */
export function OfferDialog(props: OfferDialogProps) {
  const formId = useId();
  const [pending, setPending] = useState(false);
  return (
    <Dialog
      open={props.provider !== null}
      onOpenChange={(open) => {
        if (!open && !pending) props.onClose();
      }}
      title="Offer a model"
      footer={
        <>
          <DialogClose asChild>
            <Button disabled={pending}>Cancel</Button>
          </DialogClose>
          <Button type="submit" form={formId} variant="primary" loading={pending}>
            Offer model
          </Button>
        </>
      }
    >
      <OfferForm {...props} id={formId} onPending={setPending} />
    </Dialog>
  );
}

function OfferForm({
  id,
  provider: first,
  providers,
  offered,
  onClose,
  onPending,
}: OfferDialogProps & { id: string; onPending: (pending: boolean) => void }) {
  const queryClient = useQueryClient();
  const [provider, setProvider] = useState(first ?? "");
  const [model, setModel] = useState("");
  const [label, setLabel] = useState("");
  const [audience, setAudience] = useState<ModelAudience>("EVERYONE");
  const { mutate, isPending, error } = useMutation({
    mutationFn: () => {
      const name = `${provider}/${model.trim()}`;
      return offerModel({ name, label: label.trim(), audience });
    },
    onMutate: () => onPending(true),
    onSettled: () => onPending(false),
    onSuccess: async (saved) => {
      toast.success(
        saved.isDefault
          ? `${saved.label || saved.name} is offered, and is the default model`
          : `${saved.label || saved.name} is offered`,
      );
      onClose();
      await modelsChanged(queryClient);
    },
  });
  const fields = error instanceof ProblemError ? error.fields : {};
  return (
    <form
      id={id}
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        if (!isPending) mutate();
      }}
      className="grid gap-4"
    >
      {error && Object.keys(fields).length === 0 ? (
        <Callout tone="danger" title={error.message} announce />
      ) : null}
      {providers.length > 1 ? (
        <Field label="Provider">
          <Select
            options={providers.map((name) => ({ value: name, label: name }))}
            value={provider}
            onValueChange={(next) => {
              setProvider(next);
              setModel("");
            }}
          />
        </Field>
      ) : null}
      <Field
        label="Model"
        error={fields.name}
        hint="Search the provider’s list, or type the model’s name as the provider writes it."
      >
        <Input
          autoFocus
          mono
          value={model}
          maxLength={260}
          autoCapitalize="none"
          autoComplete="off"
          spellCheck={false}
          onChange={({ target }) => setModel(target.value)}
        />
      </Field>
      <ModelList
        provider={provider}
        search={model}
        offered={offered}
        onChoose={(chosen) => {
          setModel(chosen.id);
          if (label === "") setLabel(chosen.label);
        }}
      />
      <LabelField value={label} onChange={setLabel} error={fields.label} />
      <AudienceField value={audience} onChange={setAudience} error={fields.audience} />
    </form>
  );
}

/** Constant height, so that what is below stays in place while the list loads. */
function ModelList({
  provider,
  search,
  offered,
  onChoose,
}: {
  provider: string;
  search: string;
  offered: readonly OfferedModelView[];
  onChoose: (model: { id: string; label: string }) => void;
}) {
  const wanted = useDeferredValue(search.trim());
  const { data, error, isFetching } = useQuery({
    ...providerModelsQuery(provider, ""),
    enabled: provider !== "",
  });
  const isLong = data !== undefined && data.total > data.models.length;
  const found = useQuery({
    ...providerModelsQuery(provider, wanted),
    enabled: isLong && wanted !== "",
    placeholderData: (old) => old,
  });
  const all = narrowed(isLong && wanted !== "" ? found.data : data, wanted);
  const shown = { models: all.models.slice(0, mostRows), total: all.total };
  const problem = error?.message ?? data?.problem ?? null;
  const isOffered = (id: string) => offered.some(({ name }) => name === `${provider}/${id}`);
  return (
    <div className="grid h-44 content-start overflow-y-auto rounded-lg border border-border">
      {problem ? (
        <p role="status" className="px-3 py-2.5 text-muted text-xs">
          {problem}
        </p>
      ) : !data && isFetching ? (
        <div className="grid gap-3 p-3">
          <p role="status" className="sr-only">
            Loading the provider’s models
          </p>
          <Skeleton className="w-1/2" />
          <Skeleton className="w-2/3" />
          <Skeleton className="w-1/3" />
        </div>
      ) : (
        <ul aria-label="Models of the provider" className="divide-y divide-border">
          {shown.models.map((model) => (
            <li key={model.id}>
              <button
                type="button"
                disabled={isOffered(model.id)}
                aria-pressed={model.id === search}
                onClick={() => onChoose(model)}
                className={cn(
                  "flex min-h-9 w-full flex-wrap items-baseline gap-x-2 px-3 py-1.5 text-left transition-colors hover:bg-hover focus-visible:-outline-offset-2 disabled:text-faint pointer-coarse:min-h-11",
                  model.id === search ? "bg-accent-subtle" : null,
                )}
              >
                <span className="font-mono text-xs [overflow-wrap:anywhere]">{model.id}</span>
                <span className="text-muted text-xs">
                  {isOffered(model.id) ? "Offered" : model.label}
                </span>
              </button>
            </li>
          ))}
          {shown.models.length === 0 ? (
            <li className="px-3 py-2.5 text-muted text-xs">No model matches.</li>
          ) : null}
          {shown.total > shown.models.length ? (
            <li className="px-3 py-2.5 text-muted text-xs">
              {formatNumber(shown.total - shown.models.length)} more. Type to find them.
            </li>
          ) : null}
        </ul>
      )}
    </div>
  );
}

type Listed = { models: readonly { id: string; label: string }[]; total: number };

/** At once, whatever is still loading. A chosen model is listed among all others. */
function narrowed(list: Listed | undefined, wanted: string): Listed {
  const { models = [], total = 0 } = list ?? {};
  if (wanted === "" || models.some(({ id }) => id === wanted)) return { models, total };
  const search = wanted.toLowerCase();
  const matching = models.filter(
    ({ id, label }) => id.toLowerCase().includes(search) || label.toLowerCase().includes(search),
  );
  return { models: matching, total: total > models.length ? total : matching.length };
}
