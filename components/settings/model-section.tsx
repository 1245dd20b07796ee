import { Badge } from "@/components/ui/badge";
import { Card } from "@/components/ui/card";
import { DefinitionList } from "@/components/ui/definition-list";
import { Disclosure } from "@/components/ui/disclosure";
import { Section } from "@/components/ui/section";
import { InlineCode } from "@/components/ui/text/code-block";
import type { SettingsView } from "@/lib/contracts/settings";

/** As AI_MODEL is written, and the variable that each kind needs. */
const kinds = [
  { name: "anthropic/<model>", variable: "ANTHROPIC_API_KEY", what: "Anthropic" },
  { name: "openai/<model>", variable: "OPENAI_API_KEY", what: "OpenAI" },
  {
    name: "openai-compatible/<model>",
    variable: "OPENAI_COMPATIBLE_BASE_URL",
    what: "Any server that speaks OpenAI’s API, such as Ollama",
  },
  {
    name: "gateway/<creator>/<model>",
    variable: "AI_GATEWAY_API_KEY",
    what: "Vercel’s AI gateway",
  },
] as const;

export function ModelSection({ model }: { model: SettingsView["model"] }) {
  return (
    <Section title="Model" description="Answers in the chat unless an assistant has its own model.">
      <Card>
        <DefinitionList
          items={[
            {
              term: "Default model",
              value: (
                <span className="grid justify-items-start gap-1">
                  <span className="flex flex-wrap items-center gap-2">
                    <InlineCode>{model.name}</InlineCode>
                    {model.builtIn ? <Badge tone="warning">No language model</Badge> : null}
                  </span>
                  {model.builtIn ? (
                    <span className="text-muted">
                      The built-in assistant matches a message to one tool and its arguments, by
                      fixed rules. It needs no key, and is good for trying everything else.
                    </span>
                  ) : null}
                </span>
              ),
            },
          ]}
        />
      </Card>
      <Disclosure
        title={model.builtIn ? "Use a language model" : "Use another model"}
        defaultOpen={model.builtIn}
      >
        <div className="grid gap-3 text-sm">
          <p className="text-muted">
            Set <InlineCode>AI_MODEL</InlineCode> and the variable next to it, then restart Usher.
            If you set only a provider’s key, Usher uses that provider’s default model.
          </p>
          <ul className="grid gap-2.5">
            {kinds.map(({ name, variable, what }) => (
              <li key={name}>
                <span className="flex flex-wrap items-center gap-x-2 gap-y-1">
                  <InlineCode>{name}</InlineCode>
                  <span className="text-muted">with</span>
                  <InlineCode>{variable}</InlineCode>
                </span>
                <span className="text-muted text-xs">{what}</span>
              </li>
            ))}
          </ul>
        </div>
      </Disclosure>
    </Section>
  );
}
