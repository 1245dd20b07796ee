import { InlineCode } from "@/components/ui/text/code-block";

/** @see https://www.rfc-editor.org/rfc/rfc6749#section-3.3 — scopes are separated by spaces. */
export function ScopeList({ scope }: { scope: string }) {
  const scopes = [...new Set(scope.split(" ").filter(Boolean))];
  return (
    <ul className="flex flex-wrap gap-1">
      {scopes.map((each) => (
        <li key={each} className="flex min-w-0">
          <InlineCode className="text-xs">{each}</InlineCode>
        </li>
      ))}
    </ul>
  );
}
