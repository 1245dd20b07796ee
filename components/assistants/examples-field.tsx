"use client";

import { Sparkles } from "lucide-react";
import { useEffect, useRef, useState } from "react";
import { Button } from "@/components/ui/button";
import { Callout } from "@/components/ui/callout";
import { Input } from "@/components/ui/fields/input";
import { Section } from "@/components/ui/section";
import type { ExampleProposal, ExampleProposalInput } from "@/lib/contracts/assistant";
import { fillExamples, longestExample, mostExamples } from "@/lib/contracts/assistant-examples";
import { fetchJson } from "@/lib/queries/fetch-json";

const fieldNumbers = Array.from({ length: mostExamples }, (_, at) => at);

/** One text for each field, in their order. */
export function exampleFields(written: readonly string[]): string[] {
  return fieldNumbers.map((at) => written[at] ?? "");
}

/** Sentences that people can try, one field each, and a button with which the model proposes some. */
export function ExamplesField({
  values,
  onChange,
  error,
  current,
}: {
  /** One for each field. */
  values: readonly string[];
  onChange: (values: string[]) => void;
  error: string | undefined;
  /** The form's current values. */
  current: () => ExampleProposalInput & { examples: readonly string[] };
}) {
  const suggest = useRef<HTMLButtonElement>(null);
  const proposal = useProposal(
    () => {
      const { description, model, servers } = current();
      return { description, model, servers };
    },
    (proposed) => {
      // Text typed while the model was writing is kept.
      const before = current().examples;
      const filled = fillExamples(before, proposed);
      onChange(filled);
      return filled.filter((value, at) => value !== before[at]).length;
    },
  );
  const full = values.every((value) => value.trim() !== "");

  return (
    <Section
      title="Example sentences"
      description="People can try these in an empty chat. If you add none, Usher writes some from the tools."
    >
      <div className="grid gap-2">
        {fieldNumbers.map((at) => (
          <Input
            key={at}
            aria-label={`Example ${at + 1}`}
            aria-invalid={error ? true : undefined}
            maxLength={longestExample}
            placeholder={placeholders[at]}
            value={values[at] ?? ""}
            onChange={(event) => onChange(exampleFields(values).with(at, event.target.value))}
          />
        ))}
      </div>
      {error ? (
        <p role="alert" className="text-danger-text text-sm">
          {error}
        </p>
      ) : null}
      <div className="flex flex-wrap items-center gap-x-3 gap-y-2">
        <Button ref={suggest} loading={proposal.asking} onClick={() => proposal.ask(full)}>
          <Sparkles aria-hidden="true" />
          Suggest from tools
        </Button>
        {proposal.asking ? (
          <Button
            variant="ghost"
            onClick={() => {
              suggest.current?.focus();
              proposal.cancel();
            }}
          >
            Cancel
          </Button>
        ) : null}
        <p role="status" className="text-muted text-sm">
          {proposal.words}
        </p>
      </div>
      {proposal.problem ? <Callout tone="danger" title={proposal.problem} announce /> : null}
    </Section>
  );
}

const placeholders = ["Where is the travel policy?", "What changed in the handbook this week?"];

/** @param fill takes the proposed sentences; returns how many found a field */
function useProposal(asked: () => ExampleProposalInput, fill: (examples: string[]) => number) {
  const [words, setWords] = useState("");
  const [problem, setProblem] = useState<string | null>(null);
  const [request, setRequest] = useState<AbortController | null>(null);
  useEffect(() => () => request?.abort(), [request]);

  async function ask(full: boolean) {
    setProblem(null);
    if (full) return setWords("All fields are filled. Clear one first.");
    const controller = new AbortController();
    setRequest(controller);
    setWords("Asking the assistant’s model…");
    let outcome = "";
    try {
      const { examples, problem } = await fetchJson<ExampleProposal>("/api/assistants/examples", {
        method: "POST",
        body: asked(),
        signal: controller.signal,
      });
      if (controller.signal.aborted) return;
      if (problem) setProblem(problem);
      else outcome = filledWords(fill(examples));
    } catch (error) {
      if (controller.signal.aborted) return;
      setProblem(error instanceof Error ? error.message : "Something went wrong. Try again.");
    }
    setWords(outcome);
    setRequest(null);
  }

  return {
    ...{ words, problem, ask, asking: request !== null },
    cancel: () => {
      request?.abort();
      setRequest(null);
      setWords("Cancelled.");
    },
  };
}

function filledWords(count: number): string {
  if (count === 0) return "Nothing new was suggested.";
  return `${count} ${count === 1 ? "sentence" : "sentences"} suggested. Edit them as you like.`;
}
