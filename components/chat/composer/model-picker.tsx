"use client";

import type { Conversation } from "@/components/chat/turn/use-conversation";
import { Select } from "@/components/ui/fields/select";
import type { ChatAssistant } from "@/lib/contracts/chat/chat-assistant";

const assistants = "assistant";

/** Which model answers from the next message on. Nothing if the assistant does not let people choose. */
export function ModelPicker({
  assistant: { model, models },
  value,
  onChange,
}: {
  assistant: Pick<ChatAssistant, "model" | "models">;
  /** Null: the assistant's. */
  value: string | null;
  onChange: (name: string | null) => void;
}) {
  const others = models.filter(({ name }) => name !== model.name);
  if (others.length === 0) return null;
  return (
    <Select
      size="sm"
      aria-label="Model"
      value={others.find(({ name }) => name === value)?.name ?? assistants}
      onValueChange={(name) => onChange(name === assistants ? null : name)}
      options={[
        { value: assistants, label: model.label, description: "The assistant’s own" },
        ...others.map(({ name, label }) => ({ value: name, label })),
      ]}
      className="w-auto min-w-0 max-w-44 border-transparent bg-transparent text-muted max-sm:max-w-32 max-sm:text-xs shadow-none hover:bg-hover dark:bg-transparent"
    />
  );
}

type Open = { conversation: Conversation; assistants: readonly ChatAssistant[] | null };

function modelOf({ conversation: { detail, state }, assistants }: Open) {
  const assistant = assistants?.find(({ id }) => id === detail.assistantId) ?? null;
  return { assistant, value: state.model ? state.model.chosen : detail.model };
}

export function ConversationModelPicker(open: Open) {
  const { assistant, value } = modelOf(open);
  if (!assistant) return null;
  const { chooseModel } = open.conversation.session;
  return <ModelPicker assistant={assistant} value={value} onChange={chooseModel} />;
}

/** Says before the next message that the model remembered for the conversation will not answer it. */
export function RemovedModel(open: Open) {
  const { assistant, value } = modelOf(open);
  if (!assistant || value === null || value === assistant.model.name) return null;
  if (assistant.models.some(({ name }) => name === value)) return null;
  return (
    <p role="status" className="px-2 text-muted text-xs [overflow-wrap:anywhere]">
      {value} cannot be used here any more. {assistant.model.label} answers instead.
    </p>
  );
}
