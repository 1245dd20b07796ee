"use client";

import { useQuery } from "@tanstack/react-query";
import { Section } from "@/components/ui/section";
import { SectionData } from "@/components/ui/section-data";
import { alwaysAllowedQuery } from "@/lib/queries/always-allowed";
import { AlwaysAllowedList } from "./always-allowed-list";

/** The viewer's own. */
export function AlwaysAllowedSection() {
  const query = useQuery(alwaysAllowedQuery(null));
  return (
    <Section title="Always allowed tools" description="They run in the chat without asking you.">
      <SectionData query={query} problem="Your always allowed tools could not be loaded">
        {({ tools }) =>
          tools.length > 0 ? (
            <AlwaysAllowedList userId={null} tools={tools} />
          ) : (
            <p className="text-muted text-sm">
              No tools yet. If an assistant permits it, you can choose Always allow when a call
              asks.
            </p>
          )
        }
      </SectionData>
    </Section>
  );
}

/** Another person's, on their page. Renders nothing if there are none. */
export function PersonsAlwaysAllowed({ userId }: { userId: string }) {
  const query = useQuery(alwaysAllowedQuery(userId));
  if (query.data?.tools.length === 0 || query.isPending) return null;
  return (
    <Section title="Always allowed tools" description="They run in the chat without asking.">
      <SectionData query={query} problem="Always allowed tools could not be loaded">
        {({ tools }) => <AlwaysAllowedList userId={userId} tools={tools} />}
      </SectionData>
    </Section>
  );
}
