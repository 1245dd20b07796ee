"use client";

import { useQuery, useQueryClient } from "@tanstack/react-query";
import Link from "next/link";
import { useState } from "react";
import { toast } from "sonner";
import { PeoplePicker } from "@/components/access/people-picker";
import { counted } from "@/components/mcp-servers/server-words";
import { Button } from "@/components/ui/button";
import { Callout } from "@/components/ui/callout";
import { Card, CardBody, CardFooter } from "@/components/ui/card";
import { Checkbox } from "@/components/ui/fields/checkbox";
import { FieldGroup } from "@/components/ui/fields/field";
import { RadioCards } from "@/components/ui/fields/radio-cards";
import type { AccessInput, AccessSetting, NamedPerson } from "@/lib/contracts/people/group";
import { type AccessOf, accessKey, groupsQuery, saveAccess } from "@/lib/queries/access";

const modes = [
  { value: "EVERYONE", title: "Everyone", description: "Everyone who can chat." },
  {
    value: "CHOSEN",
    title: "Chosen people and groups",
    description: "Hidden from everyone else. Admins always have access.",
  },
] as const;

export function AccessCard({ of, setting }: { of: AccessOf; setting: AccessSetting }) {
  const queryClient = useQueryClient();
  const groups = useQuery(groupsQuery());
  const [access, setAccess] = useState<AccessInput["access"]>(setting.access);
  const [people, setPeople] = useState<readonly NamedPerson[]>(setting.people);
  const [groupIds, setGroupIds] = useState(setting.groups.map(({ id }) => id));
  const [pending, setPending] = useState(false);
  const [problem, setProblem] = useState<string | null>(null);

  async function save() {
    setPending(true);
    setProblem(null);
    try {
      await saveAccess(of, { access, userIds: people.map(({ id }) => id), groupIds });
      toast.success("Access saved");
      await queryClient.invalidateQueries({ queryKey: accessKey });
    } catch (error) {
      setProblem(error instanceof Error ? error.message : "Something went wrong. Try again.");
    } finally {
      setPending(false);
    }
  }

  return (
    <Card>
      <CardBody className="grid gap-5">
        {problem ? <Callout tone="danger" title={problem} announce /> : null}
        <FieldGroup label="Who may use it">
          <RadioCards options={modes} value={access} onValueChange={setAccess} columns={2} />
        </FieldGroup>
        {access === "CHOSEN" ? (
          <>
            <FieldGroup label="Groups">
              <div className="grid gap-2">
                {groups.data?.groups.map(({ id, name, members }) => (
                  <Checkbox
                    key={id}
                    label={name}
                    description={counted(members, "person", "people")}
                    checked={groupIds.includes(id)}
                    onChange={({ target }) =>
                      setGroupIds((before) =>
                        target.checked ? [...before, id] : before.filter((each) => each !== id),
                      )
                    }
                  />
                ))}
                {groups.data?.groups.length === 0 ? (
                  <p className="text-muted text-sm">
                    No groups yet.{" "}
                    <Link href="/people/groups" className="text-accent-text hover:underline">
                      Add one
                    </Link>
                    .
                  </p>
                ) : null}
              </div>
            </FieldGroup>
            <FieldGroup label="People">
              <PeoplePicker label="Chosen people" value={people} onChange={setPeople} />
            </FieldGroup>
            {people.length + groupIds.length === 0 ? (
              <Callout tone="warning" title="Nobody is chosen, so only admins have access." />
            ) : null}
          </>
        ) : null}
      </CardBody>
      <CardFooter>
        <Button variant="primary" loading={pending} onClick={() => void save()}>
          Save access
        </Button>
      </CardFooter>
    </Card>
  );
}
