import { Field } from "@/components/ui/fields/field";
import { Input } from "@/components/ui/fields/input";
import { Select } from "@/components/ui/fields/select";
import { actionKinds } from "./action-words";
import { type AuditView, longestPart } from "./use-audit-view";

/** Filters the list while somebody types. */
export function AuditFilterFields({ view: { fields, set } }: { view: AuditView }) {
  return (
    <search className="grid grid-cols-2 gap-3 sm:grid-cols-3 lg:grid-cols-5">
      <Field label="What">
        <Select
          options={actionKinds}
          value={fields.action}
          onValueChange={(value) => set.action(value === "all" ? "" : value, "push")}
        />
      </Field>
      <Field label="Person">
        <Input
          type="search"
          placeholder="Email contains…"
          maxLength={longestPart}
          value={fields.person}
          onChange={({ target }) => set.person(target.value)}
        />
      </Field>
      <Field label="Server">
        <Input
          type="search"
          placeholder="Name contains…"
          maxLength={longestPart}
          value={fields.server}
          onChange={({ target }) => set.server(target.value)}
        />
      </Field>
      <Field label="From">
        <Input type="date" value={fields.from} onChange={({ target }) => set.from(target.value)} />
      </Field>
      <Field label="To">
        <Input type="date" value={fields.to} onChange={({ target }) => set.to(target.value)} />
      </Field>
    </search>
  );
}
