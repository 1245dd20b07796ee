"use client";

import { Bot } from "lucide-react";
import { Select } from "@/components/ui/fields/select";
import type { ChatAssistant } from "@/lib/contracts/chat/chat-assistant";

export function AssistantPicker({
  assistants,
  value,
  onChange,
}: {
  assistants: readonly ChatAssistant[];
  value: string;
  onChange: (id: string) => void;
}) {
  const [only] = assistants;
  if (!only) return null;
  if (assistants.length === 1) return <AssistantName name={only.name} />;
  return (
    <Select
      size="sm"
      aria-label="Assistant"
      value={value}
      onValueChange={onChange}
      options={assistants.map(({ id, name, description }) => ({
        value: id,
        label: name,
        description: description || undefined,
        icon: <Bot aria-hidden="true" />,
      }))}
      className="w-auto max-w-44 border-transparent bg-transparent max-sm:text-xs shadow-none hover:bg-hover dark:bg-transparent"
    />
  );
}

export function AssistantName({ name }: { name: string }) {
  return (
    <span className="flex h-7 min-w-0 max-w-44 shrink-0 items-center gap-1.5 pl-2 text-muted text-xs">
      <Bot aria-hidden="true" className="size-3.5 shrink-0 text-faint" />
      <span className="truncate">{name}</span>
    </span>
  );
}
