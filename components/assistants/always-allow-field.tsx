import { type Control, Controller } from "react-hook-form";
import { Select, type SelectOption } from "@/components/ui/fields/select";
import { Section } from "@/components/ui/section";
import type { AssistantInput } from "@/lib/contracts/assistant";
import { type AlwaysAllowPolicy, alwaysAllowPolicy } from "@/lib/contracts/chat/always-allow";

const words: Record<AlwaysAllowPolicy, Omit<SelectOption, "value">> = {
  NONE: { label: "None", description: "Every call that can change data asks." },
  NOT_DESTRUCTIVE: {
    label: "Non-destructive tools",
    description: "Only tools that their server marks as non-destructive.",
  },
  ALL: { label: "All tools", description: "Including tools that can delete or overwrite data." },
};

/** The tools that people may choose to run without being asked. */
export function AlwaysAllowField({ control }: { control: Control<AssistantInput> }) {
  return (
    <Section
      title="Always allow"
      description="Tools that people can choose to run without being asked. Each person chooses for their own calls only."
    >
      <Controller
        control={control}
        name="alwaysAllow"
        render={({ field }) => (
          <Select
            aria-label="People may always allow"
            value={field.value ?? "NONE"}
            options={alwaysAllowPolicy.options.map((each) => ({ value: each, ...words[each] }))}
            onValueChange={field.onChange}
          />
        )}
      />
    </Section>
  );
}
