"use client";

import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useId, useState } from "react";
import { counted } from "@/components/mcp-servers/server-words";
import { Button } from "@/components/ui/button";
import { Callout } from "@/components/ui/callout";
import { Field, FieldGroup } from "@/components/ui/fields/field";
import { Input } from "@/components/ui/fields/input";
import { RadioCards } from "@/components/ui/fields/radio-cards";
import { Select } from "@/components/ui/fields/select";
import { Dialog, DialogClose } from "@/components/ui/overlay/dialog";
import type { AssistantInput, SavedAssistant } from "@/lib/contracts/assistant";
import type { McpServerDetail } from "@/lib/contracts/servers/mcp-server";
import { uniqueName } from "@/lib/contracts/servers/unique-name";
import {
  assistantQuery,
  assistantsChanged,
  assistantsQuery,
  saveAssistant,
} from "@/lib/queries/assistants";
import { ProblemError } from "@/lib/queries/fetch-json";
import { mcpServerChanged } from "@/lib/queries/mcp-servers";

const newOne = "new";

/** Gives the server's tools to an assistant, new or existing. */
export function AddToAssistantDialog({
  server,
  onClose,
  onAdded,
}: {
  server: McpServerDetail;
  onClose: () => void;
  onAdded: (assistant: { id: string; name: string }) => void;
}) {
  const formId = useId();
  const queryClient = useQueryClient();
  const { data, error } = useQuery(assistantsQuery());
  const assistants = data?.assistants ?? null;
  const [chosen, setChosen] = useState(newOne);
  const [name, setName] = useState<string | null>(null);
  const [readOnly, setReadOnly] = useState(false);
  const [saving, setSaving] = useState(false);
  const [problem, setProblem] = useState<ProblemError | null>(null);

  const proposed = uniqueName(
    server.name,
    (assistants ?? []).map((each) => each.name),
  );
  const tools = server.catalogue?.tools ?? [];
  const reading = tools.filter(({ annotations }) => annotations.readOnlyHint === true);

  async function add() {
    setSaving(true);
    setProblem(null);
    const choice: AssistantInput["servers"][number] = {
      serverId: server.id,
      allTools: !readOnly,
      toolNames: readOnly ? reading.map((tool) => tool.name) : [],
    };
    try {
      const saved = await saveWith(choice);
      onAdded({ id: saved.id, name: saved.name });
      onClose();
      await Promise.all([assistantsChanged(queryClient), mcpServerChanged(queryClient, server.id)]);
    } catch (cause) {
      if (!(cause instanceof ProblemError)) throw cause;
      setProblem(cause);
      setSaving(false);
    }
  }

  async function saveWith(choice: AssistantInput["servers"][number]): Promise<SavedAssistant> {
    if (chosen === newOne) {
      const blank = { description: "", instructions: "", model: "" };
      return saveAssistant(null, { ...blank, name: name ?? proposed, servers: [choice] });
    }
    const stored = await queryClient.fetchQuery(assistantQuery(chosen));
    const others = stored.servers.filter(({ serverId }) => serverId !== server.id);
    return saveAssistant(chosen, {
      name: stored.name,
      description: stored.description,
      instructions: stored.instructions,
      model: stored.model ?? "",
      servers: [...others, choice],
    });
  }

  const nameError = problem?.fields.name;
  return (
    <Dialog
      open
      onOpenChange={(open) => {
        if (!open) onClose();
      }}
      title={`Add ${server.name} to an assistant`}
      footer={
        <>
          <DialogClose asChild>
            <Button variant="ghost">Cancel</Button>
          </DialogClose>
          <Button type="submit" form={formId} variant="primary" loading={saving}>
            Add
          </Button>
        </>
      }
    >
      <form
        id={formId}
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          if (!saving) void add();
        }}
        className="grid gap-4"
      >
        {problem && !nameError ? (
          <Callout tone="danger" title="Could not add it" announce>
            {problem.message}
          </Callout>
        ) : null}
        {error && !assistants ? (
          <Callout tone="warning" title="The assistants could not be loaded">
            You can still make a new one.
          </Callout>
        ) : null}
        {assistants && assistants.length > 0 ? (
          <Field label="Assistant">
            <Select
              value={chosen}
              onValueChange={setChosen}
              options={[
                { value: newOne, label: "New assistant" },
                ...assistants.map((each) => ({ value: each.id, label: each.name })),
              ]}
            />
          </Field>
        ) : null}
        {chosen === newOne ? (
          <Field label="Name of the new assistant" error={nameError} required>
            <Input
              value={name ?? proposed}
              maxLength={80}
              onChange={({ target }) => setName(target.value)}
            />
          </Field>
        ) : null}
        <FieldGroup label="Tools">
          <RadioCards
            columns={2}
            value={readOnly ? "read-only" : "all"}
            onValueChange={(value) => setReadOnly(value === "read-only")}
            options={[
              {
                value: "all",
                title: "All tools",
                note: counted(tools.length, "tool", "tools"),
                description:
                  "Including tools that the server adds later. Tools that change data ask first.",
              },
              {
                value: "read-only",
                title: "Read-only tools",
                note: counted(reading.length, "tool", "tools"),
                description: "Only those that the server marks as read-only.",
                disabledReason:
                  reading.length === 0
                    ? "The server marks none of its tools as read-only."
                    : undefined,
              },
            ]}
          />
        </FieldGroup>
      </form>
    </Dialog>
  );
}
