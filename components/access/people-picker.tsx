"use client";

import { useQuery } from "@tanstack/react-query";
import { X } from "lucide-react";
import { useDeferredValue, useState } from "react";
import { Avatar } from "@/components/ui/avatar";
import { IconButton } from "@/components/ui/button";
import { SearchField } from "@/components/ui/list/search-field";
import type { NamedPerson } from "@/lib/contracts/people/group";
import { foundPeopleQuery } from "@/lib/queries/access";

const mostFound = 6;

/** The chosen people, and a search that adds one. @param label of the chosen people, for screen readers */
export function PeoplePicker({
  label,
  value,
  onChange,
}: {
  label: string;
  value: readonly NamedPerson[];
  onChange: (people: NamedPerson[]) => void;
}) {
  const [text, setText] = useState("");
  const search = useDeferredValue(text.trim());
  const query = useQuery(foundPeopleQuery(search));
  const found = (query.data ?? []).filter(({ id }) => value.every((each) => each.id !== id));
  return (
    <div className="grid gap-2">
      <SearchField
        label="Add a person"
        placeholder="Search by name or email"
        value={text}
        onChange={setText}
      />
      {search === "" || query.isPending ? null : (
        <ul aria-label="People found" className="grid gap-px">
          {found.slice(0, mostFound).map(({ id, name, email }) => (
            <li key={id}>
              <button
                type="button"
                className="flex w-full min-w-0 items-center gap-3 rounded-md px-2 py-1.5 text-left hover:bg-hover"
                onClick={() => {
                  onChange([...value, { id, name, email }]);
                  setText("");
                }}
              >
                <PersonLine name={name} email={email} />
                <span className="ml-auto shrink-0 text-accent-text text-xs">Add</span>
              </button>
            </li>
          ))}
          {found.length === 0 ? (
            <li className="px-2 py-1.5 text-muted text-sm">Nobody else matches.</li>
          ) : null}
        </ul>
      )}
      {value.length > 0 ? (
        <ul
          aria-label={label}
          className="divide-y divide-border rounded-lg border border-border bg-surface"
        >
          {value.map(({ id, name, email }) => (
            <li key={id} className="flex min-w-0 items-center gap-3 px-3 py-2">
              <PersonLine name={name} email={email} />
              <span className="ml-auto shrink-0">
                <IconButton
                  label={`Remove ${name}`}
                  size="sm"
                  onClick={() => onChange(value.filter((each) => each.id !== id))}
                >
                  <X aria-hidden="true" />
                </IconButton>
              </span>
            </li>
          ))}
        </ul>
      ) : null}
    </div>
  );
}

function PersonLine({ name, email }: Pick<NamedPerson, "name" | "email">) {
  return (
    <>
      <Avatar name={name} seed={email} />
      <span className="grid min-w-0 text-sm">
        <span className="font-medium [overflow-wrap:anywhere]">{name}</span>
        <span className="text-muted text-xs [overflow-wrap:anywhere]">{email}</span>
      </span>
    </>
  );
}
