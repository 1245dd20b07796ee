import { useDeferredValue } from "react";
import { Select } from "@/components/ui/fields/select";
import { matches } from "@/components/ui/list/matches";
import { NoMatch } from "@/components/ui/list/no-match";
import { SearchField } from "@/components/ui/list/search-field";
import { useUrlState } from "@/components/ui/list/use-url-state";
import { Section } from "@/components/ui/section";
import type { InvitationView, Person } from "@/lib/contracts/people/person";
import type { PeopleList } from "@/lib/queries/people";
import { InvitationsTable } from "./invitations-table";
import { PeopleTable } from "./people-table";

const shown = [
  { value: "all", label: "Everyone" },
  { value: "admins", label: "Admins" },
  { value: "members", label: "Members" },
  { value: "disabled", label: "Disabled" },
  { value: "invited", label: "Invited" },
] as const;
type Shown = (typeof shown)[number]["value"];

export function SearchablePeople({
  list,
  viewerId,
  onNewLink,
}: {
  list: PeopleList;
  viewerId: string;
  onNewLink: (invitation: InvitationView) => void;
}) {
  const [text, setText] = useUrlState("search");
  const [named, setNamed] = useUrlState("show");
  const only = shown.find(({ value }) => value === named)?.value ?? "all";
  const sought = useDeferredValue(text);
  const people = list.people.filter(
    (person) => isShown(person, only) && matches(sought, [person.name, person.email]),
  );
  const invitations =
    only === "all" || only === "invited"
      ? list.invitations.filter(({ email }) => matches(sought, [email]))
      : [];
  const count = people.length + invitations.length;

  return (
    <div className="grid gap-6">
      <search className="flex flex-wrap items-center gap-3">
        <SearchField
          label="Search people"
          placeholder="Search by name or email"
          value={text}
          onChange={setText}
          found={{ count, of: list.people.length + list.invitations.length }}
        />
        <div className="w-36 max-sm:w-full">
          <Select
            aria-label="Who is shown"
            options={shown}
            value={only}
            onValueChange={(value) => setNamed(value === "all" ? "" : value, "push")}
          />
        </div>
      </search>
      {count === 0 ? (
        <NoMatch
          title="Nobody matches"
          onClear={() => {
            setText("");
            setNamed("");
          }}
        >
          No account and no open invitation fits this search.
        </NoMatch>
      ) : null}
      {people.length > 0 ? <PeopleTable people={people} viewerId={viewerId} /> : null}
      {invitations.length > 0 ? (
        <Section
          title="Open invitations"
          description="Usher sends no email: whoever invites passes the link on."
        >
          <InvitationsTable invitations={invitations} onNewLink={onNewLink} />
        </Section>
      ) : null}
    </div>
  );
}

function isShown({ role, disabled }: Person, only: Shown): boolean {
  switch (only) {
    case "all":
      return true;
    case "disabled":
      return disabled;
    case "invited":
      return false;
    default:
      return !disabled && role === (only === "admins" ? "ADMIN" : "MEMBER");
  }
}
