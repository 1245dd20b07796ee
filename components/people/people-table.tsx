"use client";

import { useQueryClient } from "@tanstack/react-query";
import { ChevronDown } from "lucide-react";
import Link from "next/link";
import { useRef, useState } from "react";
import { toast } from "sonner";
import { PersonMenu } from "@/components/people/person-menu";
import { roleWords } from "@/components/people/role-words";
import { Avatar } from "@/components/ui/avatar";
import { Badge } from "@/components/ui/badge";
import { Button } from "@/components/ui/button";
import { ConfirmDialog } from "@/components/ui/overlay/alert-dialog";
import {
  DropdownMenu,
  DropdownMenuContent,
  DropdownMenuRadioGroup,
  DropdownMenuRadioItem,
  DropdownMenuTrigger,
} from "@/components/ui/overlay/dropdown-menu";
import {
  Table,
  TableBody,
  TableCell,
  TableHead,
  TableHeader,
  TableRow,
} from "@/components/ui/table";
import { RelativeTime } from "@/components/ui/text/relative-time";
import { type Person, type Role, role } from "@/lib/contracts/people/person";
import { changePerson, peopleChanged } from "@/lib/queries/people";

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
        {/* The menu is shown when rows are stacked. */}
        <div className="flex min-w-0 items-center gap-3 @max-2xl:pr-12">
          <Avatar name={person.name} seed={person.email} />
          <div className="min-w-0">
            <p className="flex flex-wrap items-center gap-x-2">
              <Link
                href={`/people/${person.id}`}
                className="rounded-xs font-medium [overflow-wrap:anywhere] hover:underline"
              >
                {person.name}
              </Link>
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

const changes = {
  ADMIN: {
    action: "Make admin",
    tone: "primary",
    consequences: [
      "They can register, change and delete MCP servers and assistants.",
      "They can authorize and revoke the accounts your team shares.",
      "They can invite people, change roles (including yours) and disable accounts.",
    ],
  },
  MEMBER: {
    action: "Make member",
    tone: "danger",
    consequences: [
      "They no longer see MCP servers, people and settings.",
      "What they have set up keeps working.",
      "They keep their conversations and their own accounts.",
    ],
  },
  AUDITOR: {
    action: "Make auditor",
    tone: "danger",
    consequences: [
      "They can read the audit, connections and refreshes.",
      "They can no longer chat, connect accounts or change anything.",
      "Their conversations and accounts stay, out of their reach.",
    ],
  },
} as const satisfies Record<
  Role,
  { action: string; tone: "primary" | "danger"; consequences: readonly string[] }
>;

const consequencesForYou = [
  "You no longer see MCP servers, people and settings.",
  "Only another admin can give the role back.",
  "You keep your conversations and your own accounts.",
];

/** Shows the role. A change is confirmed first, because it has consequences. */
function RoleSelect({ person, you }: { person: Person; you: boolean }) {
  const queryClient = useQueryClient();
  const chosen = useRef<Role | null>(null);
  const [asking, setAsking] = useState(false);
  const [next, setNext] = useState(person.role);
  const { action, tone, consequences } = changes[next];

  async function change() {
    await changePerson(person.id, { role: next });
    if (you) {
      // This page is an admin's: the next load goes where a member belongs.
      window.location.assign("/");
      return;
    }
    toast.success(`${person.name} is now ${roleWords[next].noun}`);
    await peopleChanged(queryClient);
  }

  return (
    <>
      <DropdownMenu>
        <DropdownMenuTrigger>
          <Button
            size="sm"
            aria-label={`Role of ${person.name}: ${roleWords[person.role].label}`}
            className="w-24 justify-between"
          >
            {roleWords[person.role].label}
            <ChevronDown aria-hidden="true" className="text-faint" />
          </Button>
        </DropdownMenuTrigger>
        <DropdownMenuContent
          align="start"
          className="w-72"
          onCloseAutoFocus={() => {
            // The dialog opens only now: on closing, it returns the focus to what had it here.
            if (chosen.current) setNext(chosen.current);
            setAsking(chosen.current !== null);
            chosen.current = null;
          }}
        >
          <DropdownMenuRadioGroup
            value={person.role}
            onValueChange={(value) => {
              chosen.current =
                role.options.find((each) => each === value && each !== person.role) ?? null;
            }}
          >
            {role.options.map((each) => (
              <DropdownMenuRadioItem key={each} value={each} className="items-start py-1.5">
                <span className="grid min-w-0">
                  <span>{roleWords[each].label}</span>
                  <span className="text-muted text-xs">{roleWords[each].description}</span>
                </span>
              </DropdownMenuRadioItem>
            ))}
          </DropdownMenuRadioGroup>
        </DropdownMenuContent>
      </DropdownMenu>
      <ConfirmDialog
        open={asking}
        onOpenChange={setAsking}
        title={you ? "Give up your admin role?" : `Make ${person.name} ${roleWords[next].noun}?`}
        consequences={you ? consequencesForYou : consequences}
        confirmLabel={action}
        tone={tone}
        onConfirm={change}
      />
    </>
  );
}
