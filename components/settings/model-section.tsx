import { Badge } from "@/components/ui/badge";
import { Card } from "@/components/ui/card";
import { DefinitionList } from "@/components/ui/definition-list";
import { Section } from "@/components/ui/section";
import { InlineCode } from "@/components/ui/text/code-block";
import { TextLink } from "@/components/ui/text/text-link";
import type { SettingsView } from "@/lib/contracts/settings";

export function ModelSection({ model }: { model: SettingsView["model"] }) {
  return (
    <Section
      title="Model"
      description="Answers in the chat unless the assistant has its own model."
    >
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
                      The built-in assistant matches a message to one tool by fixed rules. It needs
                      no key, so you can try everything else first.
                    </span>
                  ) : null}
                  <TextLink href="/settings/models">
                    {model.builtIn ? "Connect a language model" : "Manage models"}
                  </TextLink>
                </span>
              ),
            },
          ]}
        />
      </Card>
    </Section>
  );
}
