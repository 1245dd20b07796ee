import { type ComponentProps, Fragment } from "react";
import { Field } from "@/components/ui/fields/field";
import { Input } from "@/components/ui/fields/input";
import { InlineCode } from "@/components/ui/text/code-block";
import type { AssistantFormContext } from "@/lib/contracts/assistant";

const otherModels = ["anthropic/…", "openai/…", "openai-compatible/…", "gateway/…"] as const;

const builtInWords =
  "no language model but fixed rules that match a message to one tool and its arguments";

export function ModelField({
  input,
  error,
  defaultModel,
}: {
  /** What `register()` of react-hook-form returns. */
  input: ComponentProps<"input">;
  error: string | undefined;
  defaultModel: AssistantFormContext["defaultModel"];
}) {
  return (
    <Field
      label="Model"
      optional
      error={error}
      hint={
        <span className="grid gap-1">
          <span>
            Left empty, this installation’s default answers:{" "}
            <InlineCode>{defaultModel.name}</InlineCode>
            {defaultModel.builtIn ? `, ${builtInWords}.` : "."}
          </span>
          <span>
            Others:{" "}
            {otherModels.map((name) => (
              <Fragment key={name}>
                <InlineCode>{name}</InlineCode>,{" "}
              </Fragment>
            ))}
            {defaultModel.builtIn ? (
              "each with its key set on the server."
            ) : (
              <>
                each with its key set on the server, or <InlineCode>built-in</InlineCode>,{" "}
                {builtInWords}.
              </>
            )}
          </span>
        </span>
      }
    >
      <Input
        {...input}
        mono
        autoCapitalize="none"
        spellCheck={false}
        maxLength={200}
        placeholder={defaultModel.name}
      />
    </Field>
  );
}
