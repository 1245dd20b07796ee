import { Avatar } from "@/components/ui/avatar";
import { Badge } from "@/components/ui/badge";
import {
  Table,
  TableBody,
  TableCell,
  TableHead,
  TableHeader,
  TableRow,
} from "@/components/ui/table";
import { RelativeTime } from "@/components/ui/text/relative-time";
import type { Person } from "@/lib/contracts/people/person";
import { PersonMenu } from "./person-menu";
import { RoleSelect } from "./role-select";

export function PeopleTable({ people, viewerId }: { people: readonly Person[]; viewerId: string }) {
  return (
    <Table caption="People with an account">
      <TableHead>
        <TableHeader>Name</TableHeader>
        <TableHeader>Role</TableHeader>
        <TableHeader>Status</TableHeader>
        <TableHeader>Last sign-in</TableHeader>
        <TableHeader>
          <span className="sr-only">Access</span>
        </TableHeader>
      </TableHead>
      <TableBody>
        {people.map((person) => (
          <PersonRow key={person.id} person={person} you={person.id === viewerId} />
        ))}
      </TableBody>
    </Table>
  );
}

function PersonRow({ person, you }: { person: Person; you: boolean }) {
  return (
    <TableRow>
      <TableCell className="py-2.5">
        {/* The menu is there when rows are stacked. */}
        <div className="flex min-w-0 items-center gap-3 @max-2xl:pr-12">
          <Avatar name={person.name} seed={person.email} />
          <div className="min-w-0">
            <p className="flex flex-wrap items-center gap-x-2">
              <span className="font-medium [overflow-wrap:anywhere]">{person.name}</span>
              {you ? <Badge tone="accent">You</Badge> : null}
            </p>
            <p className="text-muted text-xs [overflow-wrap:anywhere]">{person.email}</p>
          </div>
        </div>
      </TableCell>
      <TableCell label="Role">
        <RoleSelect person={person} you={you} />
      </TableCell>
      <TableCell label="Status">
        {person.disabled ? (
          <Badge dot>Disabled</Badge>
        ) : (
          <Badge tone="success" dot>
            Active
          </Badge>
        )}
      </TableCell>
      <TableCell label="Last sign-in" className="whitespace-nowrap text-muted">
        {person.lastSignInAt ? <RelativeTime value={person.lastSignInAt} /> : "Never"}
      </TableCell>
      <TableCell actions>{you ? null : <PersonMenu person={person} />}</TableCell>
    </TableRow>
  );
}
