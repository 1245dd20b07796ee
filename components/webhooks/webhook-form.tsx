import { zodResolver } from "@hookform/resolvers/zod";
import { useState } from "react";
import { Controller, useForm } from "react-hook-form";
import { Callout } from "@/components/ui/callout";
import { Checkbox } from "@/components/ui/fields/checkbox";
import { Field, FieldGroup } from "@/components/ui/fields/field";
import { showProblem } from "@/components/ui/fields/form-problems";
import { Input } from "@/components/ui/fields/input";
import { Switch } from "@/components/ui/fields/switch";
import { type WebhookInput, webhookEventTypes, webhookInput } from "@/lib/contracts/webhooks";
import { eventWords } from "./webhook-words";

const fields = ["url", "description", "eventTypes"] as const;

/** Its button stands outside, in the dialog's footer, and is tied to it by `id`. */
export function WebhookForm({
  id,
  webhook,
  onPending,
  save,
}: {
  id: string;
  /** Null: a new one. */
  webhook: WebhookInput | null;
  onPending: (pending: boolean) => void;
  save: (input: WebhookInput) => Promise<void>;
}) {
  const form = useForm<WebhookInput>({
    resolver: zodResolver(webhookInput),
    defaultValues: {
      url: webhook?.url ?? "",
      description: webhook?.description ?? "",
      eventTypes: webhook?.eventTypes ?? ["notice.opened", "notice.closed"],
      enabled: webhook?.enabled ?? true,
    },
  });
  const { errors, isSubmitting } = form.formState;
  const [problem, setProblem] = useState<string | null>(null);

  async function submit(input: WebhookInput) {
    setProblem(null);
    onPending(true);
    try {
      await save(input);
    } catch (error) {
      setProblem(showProblem(form, error, fields));
    } finally {
      onPending(false);
    }
  }

  return (
    <form
      id={id}
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        if (!isSubmitting) void form.handleSubmit(submit)(event);
      }}
      className="grid gap-4"
    >
      {problem ? <Callout tone="danger" title={problem} announce /> : null}
      <Field
        label="URL"
        error={errors.url?.message}
        hint="Gets each event as a signed POST request."
      >
        <Input
          {...form.register("url")}
          mono
          inputMode="url"
          autoCapitalize="none"
          spellCheck={false}
          placeholder="https://example.com/webhooks/usher"
        />
      </Field>
      <Field label="Description" optional error={errors.description?.message}>
        <Input {...form.register("description")} maxLength={200} placeholder="On-call channel" />
      </Field>
      <Controller
        control={form.control}
        name="eventTypes"
        render={({ field: { value, onChange } }) => (
          <FieldGroup label="Events" error={errors.eventTypes?.message}>
            {webhookEventTypes.map((type) => (
              <Checkbox
                key={type}
                label={<span className="font-mono text-xs">{type}</span>}
                description={eventWords[type]}
                checked={value.includes(type)}
                onChange={({ target }) =>
                  onChange(
                    webhookEventTypes.filter((each) =>
                      each === type ? target.checked : value.includes(each),
                    ),
                  )
                }
              />
            ))}
          </FieldGroup>
        )}
      />
      {webhook ? (
        <Switch
          {...form.register("enabled")}
          label="Enabled"
          description="Events that happen while it is off are not sent later."
        />
      ) : null}
    </form>
  );
}
