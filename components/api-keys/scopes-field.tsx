import { FieldGroup } from "@/components/ui/fields/field";
import { Select } from "@/components/ui/fields/select";
import type { ApiScope } from "@/lib/contracts/api-scopes";
import { type Access, accessTo, accessWords, areas, withAccess } from "./scope-words";

/** One choice for each area that the key's owner has any access to. */
export function ScopesField({
  offered,
  value,
  onChange,
  error,
}: {
  offered: readonly ApiScope[];
  value: readonly ApiScope[];
  onChange: (scopes: ApiScope[]) => void;
  error: string | undefined;
}) {
  return (
    <FieldGroup label="Access" error={error}>
      <ul className="divide-y divide-border rounded-lg border border-border">
        {areas
          .map((each) => ({ ...each, choices: choicesFor(each.area, offered) }))
          .filter(({ choices }) => choices.length > 1)
          .map(({ area, label, hint, choices }) => (
            <li key={area} className="flex items-center justify-between gap-3 px-3 py-2">
              <div className="min-w-0 text-sm">
                <p className="font-medium">{label}</p>
                <p className="text-muted text-xs">{hint}</p>
              </div>
              <Select
                aria-label={`Access to ${label}`}
                size="sm"
                className="w-34 shrink-0"
                value={accessTo(area, value)}
                onValueChange={(access) => onChange(withAccess(value, area, access as Access))}
                options={choices.map((access) => ({ value: access, label: accessWords[access] }))}
              />
            </li>
          ))}
      </ul>
    </FieldGroup>
  );
}

function choicesFor(area: string, offered: readonly ApiScope[]): Access[] {
  const has = (access: string) => offered.some((scope) => scope === `${area}:${access}`);
  return [
    "none",
    ...(has("read") ? ["read" as const] : []),
    ...(has("write") ? ["write" as const] : []),
  ];
}
