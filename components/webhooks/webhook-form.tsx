import { zodResolver } from "@hookform/resolvers/zod";
import { Controller, useForm } from "react-hook-form";
import { Checkbox } from "@/components/ui/fields/checkbox";
import { DialogForm } from "@/components/ui/fields/dialog-form";
import { Field, FieldGroup } from "@/components/ui/fields/field";
import { Input } from "@/components/ui/fields/input";
import { Switch } from "@/components/ui/fields/switch";
import { type WebhookInput, webhookEventTypes, webhookInput } from "@/lib/contracts/webhooks";
import { eventWords } from "./webhook-words";

const fields = ["url", "description", "eventTypes"] as const;

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
  const { errors } = form.formState;

  return (
    <DialogForm id={id} form={form} fields={fields} save={save} onPending={onPending}>
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
          description="Events that happen while it is disabled are not sent later."
        />
      ) : null}
    </DialogForm>
  );
}
