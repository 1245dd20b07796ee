import { Field } from "@/components/ui/field";
import { Input } from "@/components/ui/input";
import { Select } from "@/components/ui/select";
import type { AuditFilters } from "@/lib/contracts/audit";
import { actionKinds } from "./action-words";
import { dayOf, endOfDay, startOfDay } from "./days";

/** Narrows the list as one types. */
export function AuditFilterFields({
  filters,
  onChange,
}: {
  filters: AuditFilters;
  onChange: (filters: AuditFilters) => void;
}) {
  const set = (change: AuditFilters) => onChange({ ...filters, ...change });
  return (
    <search className="grid grid-cols-2 gap-3 sm:grid-cols-3 lg:grid-cols-5">
      <Field label="What">
        <Select
          options={actionKinds}
          value={filters.action ?? "all"}
          onValueChange={(value) => set({ action: value === "all" ? undefined : value })}
        />
      </Field>
      <Field label="Person">
        <Input
          type="search"
          placeholder="Part of an address"
          value={filters.person ?? ""}
          onChange={({ target }) => set({ person: target.value || undefined })}
        />
      </Field>
      <Field label="Server">
        <Input
          type="search"
          placeholder="Part of a name"
          value={filters.server ?? ""}
          onChange={({ target }) => set({ server: target.value || undefined })}
        />
      </Field>
      <Field label="From">
        <Input
          type="date"
          value={dayOf(filters.from)}
          onChange={({ target }) => set({ from: startOfDay(target.value) })}
        />
      </Field>
      <Field label="To">
        <Input
          type="date"
          value={dayOf(filters.to, -1)}
          onChange={({ target }) => set({ to: endOfDay(target.value) })}
        />
      </Field>
    </search>
  );
}
