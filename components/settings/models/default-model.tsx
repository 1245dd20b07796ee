"use client";

import { useMutation, useQueryClient } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { toast } from "sonner";
import { Badge } from "@/components/ui/badge";
import { Card } from "@/components/ui/card";
import { Select } from "@/components/ui/fields/select";
import { Section } from "@/components/ui/section";
import { InlineCode } from "@/components/ui/text/code-block";
import type { ModelsView } from "@/lib/contracts/models";
import { modelsChanged, setDefaultModel } from "@/lib/queries/models";

const none = "none";

const reasons: Record<ModelsView["defaultModel"]["from"], ReactNode> = {
  AI_MODEL: (
    <>
      Set by the environment: <InlineCode>AI_MODEL</InlineCode>. To choose it here, remove the
      variable.
    </>
  ),
  settings: "Offered to everyone.",
  key: "The usual model of the one provider whose API key the environment sets.",
  nothing: "It matches a message to one tool by fixed rules. It is not a language model.",
};

/** The model that answers if neither an assistant nor a person chooses one. */
export function DefaultModel({ models }: { models: ModelsView }) {
  const queryClient = useQueryClient();
  const { defaultModel, offered } = models;
  const { mutate, isPending } = useMutation({
    mutationFn: setDefaultModel,
    onSuccess: ({ defaultModel: { label } }) => {
      toast.success(`${label} is the default model`);
      return modelsChanged(queryClient);
    },
    onError: (error) => toast.error(error.message),
  });
  const chosen = offered.find(({ isDefault }) => isDefault);
  const isFixed = defaultModel.from === "AI_MODEL";
  const options = [
    ...offered
      .filter(({ audience }) => audience === "EVERYONE")
      .map(({ id, name, label }) => ({ value: id, label: label || name })),
    {
      value: none,
      label: chosen || defaultModel.builtIn ? "No default" : defaultModel.label,
      description: "Use the environment’s model, or the built-in assistant if none is set.",
    },
  ];
  return (
    <Section
      title="Default model"
      description="Used when neither the assistant nor the person has chosen a model."
    >
      <Card>
        <div className="grid gap-3 px-4 py-3 text-sm sm:grid-cols-[1fr_auto] sm:items-center">
          <div className="grid min-w-0 gap-0.5">
            <p className="flex flex-wrap items-center gap-2">
              <bdi className="font-medium [overflow-wrap:anywhere]">{defaultModel.label}</bdi>
              {defaultModel.builtIn ? <Badge tone="warning">No language model</Badge> : null}
            </p>
            <p className="text-muted text-xs">{reasons[defaultModel.from]}</p>
          </div>
          {isFixed || options.length === 1 ? null : (
            <Select
              aria-label="Default model"
              value={chosen?.id ?? none}
              disabled={isPending}
              options={options}
              onValueChange={(id) => mutate(id === none ? null : id)}
              className="sm:w-56"
            />
          )}
        </div>
      </Card>
    </Section>
  );
}
