import { useState } from "react";
import { Checkbox } from "@/components/ui/fields/checkbox";
import { Field, FieldGroup } from "@/components/ui/fields/field";
import { Input } from "@/components/ui/fields/input";
import { Select } from "@/components/ui/fields/select";
import { InlineCode } from "@/components/ui/text/code-block";
import { TextLink } from "@/components/ui/text/text-link";
import type { AssistantFormContext, ModelsToChoose } from "@/lib/contracts/assistant";

type Models = Pick<AssistantFormContext, "defaultModel" | "models">;

const usual = "default";
const other = "other";

/** One of the offered models, or one of the environment by its name. @param value empty: the default */
export function ModelField({
  value,
  onChange,
  error,
  defaultModel,
  models,
}: Models & { value: string; onChange: (name: string) => void; error: string | undefined }) {
  const isOffered = models.some(({ name }) => name === value);
  const [typing, setTyping] = useState(value !== "" && !isOffered);
  if (models.length === 0) {
    return (
      <Field
        label="Model"
        optional
        error={error}
        hint={
          <>
            Leave empty to use the default: <InlineCode>{defaultModel.name}</InlineCode>. To pick
            from a list, offer models in{" "}
            <TextLink href="/settings/models">Settings › Models</TextLink>.
          </>
        }
      >
        <NameInput value={value} onChange={onChange} placeholder={defaultModel.name} />
      </Field>
    );
  }
  return (
    <div className="grid gap-3">
      <Field label="Model" error={typing ? undefined : error}>
        <Select
          value={typing ? other : value || usual}
          options={[
            { value: usual, label: "Default", description: defaultModel.label },
            ...models.map(({ name, label, audience }) => ({
              value: name,
              label,
              description:
                audience === "ADMINS" ? "Admins only. Others get the default." : undefined,
            })),
            {
              value: other,
              label: "Another model…",
              description: "Type the name of a model from a provider set by the environment.",
            },
          ]}
          onValueChange={(next) => {
            setTyping(next === other);
            onChange(next === usual || next === other ? "" : next);
          }}
        />
      </Field>
      {typing ? (
        <Field
          label="Model name"
          error={error}
          hint={
            <>
              Such as <InlineCode>anthropic/…</InlineCode> or <InlineCode>built-in</InlineCode>.
            </>
          }
        >
          <NameInput value={value} onChange={onChange} placeholder={defaultModel.name} />
        </Field>
      ) : null}
    </div>
  );
}

function NameInput({
  value,
  onChange,
  placeholder,
}: {
  value: string;
  onChange: (name: string) => void;
  placeholder: string;
}) {
  return (
    <Input
      mono
      value={value}
      maxLength={200}
      autoCapitalize="none"
      spellCheck={false}
      placeholder={placeholder}
      onChange={({ target }) => onChange(target.value)}
    />
  );
}

/** Whether people may choose another model in the chat, and which. */
export function ModelsToChooseField({
  value,
  onChange,
  error,
  models,
}: Pick<Models, "models"> & {
  value: ModelsToChoose;
  onChange: (value: ModelsToChoose) => void;
  error: string | undefined;
}) {
  if (models.length === 0) return null;
  const chosen = Array.isArray(value) ? value : null;
  const names = new Set(models.map(({ name }) => name));
  // A model that is no longer offered has no box to clear.
  const gone = chosen?.filter((name) => !names.has(name)) ?? [];

  function toggle(name: string, on: boolean) {
    const rest = (chosen ?? []).filter((each) => each !== name && !gone.includes(each));
    onChange(on ? [...rest, name] : rest);
  }

  return (
    <FieldGroup label="Choice in the chat" error={error}>
      <div className="grid gap-2.5">
        <Checkbox
          label="People may choose another model"
          description="Each person sees the models that are offered to them."
          checked={value !== "none"}
          onChange={({ target }) => onChange(target.checked ? "offered" : "none")}
        />
        {value === "none" ? null : (
          <div className="grid gap-2 pl-6.5">
            <Checkbox
              label="Only some of them"
              checked={chosen !== null}
              onChange={({ target }) => onChange(target.checked ? [...names] : "offered")}
            />
            {chosen === null ? null : (
              <div className="grid gap-2 pl-6.5">
                {models.map(({ name, label, audience }) => (
                  <Checkbox
                    key={name}
                    label={<bdi className="[overflow-wrap:anywhere]">{label}</bdi>}
                    description={audience === "ADMINS" ? "Admins only" : undefined}
                    checked={chosen.includes(name)}
                    onChange={({ target }) => toggle(name, target.checked)}
                  />
                ))}
              </div>
            )}
          </div>
        )}
      </div>
    </FieldGroup>
  );
}
