"use client";

import { zodResolver } from "@hookform/resolvers/zod";
import { useQueryClient } from "@tanstack/react-query";
import Link from "next/link";
import { useRouter } from "next/navigation";
import { useState } from "react";
import { Controller, useForm } from "react-hook-form";
import { toast } from "sonner";
import { PeoplePicker } from "@/components/access/people-picker";
import { Button } from "@/components/ui/button";
import { Callout } from "@/components/ui/callout";
import { Card, CardBody, CardFooter } from "@/components/ui/card";
import { Field, FieldGroup } from "@/components/ui/fields/field";
import { Form } from "@/components/ui/fields/form";
import { showProblem } from "@/components/ui/fields/form-problems";
import { Input } from "@/components/ui/fields/input";
import { Select } from "@/components/ui/fields/select";
import { LeaveGuard } from "@/components/ui/overlay/leave-guard";
import {
  type GroupDetail,
  type GroupInput,
  groupInput,
  type NamedPerson,
} from "@/lib/contracts/people/group";
import { accessKey, saveGroup } from "@/lib/queries/access";

const fields = ["name", "description", "claimValue", "role", "userIds"] as const;
const list = "/people/groups";
const keeps = "keeps";
const roles = [
  { value: keeps, label: "Keeps the role they have" },
  { value: "AUDITOR", label: "Auditor" },
  { value: "ADMIN", label: "Admin" },
];

/** @param group null: a new one. @param claim from which sign-in reads groups; null: none */
export function GroupForm({ group, claim }: { group: GroupDetail | null; claim: string | null }) {
  const router = useRouter();
  const queryClient = useQueryClient();
  const byHand = group?.members.filter(({ source }) => source === "HAND") ?? [];
  const [people, setPeople] = useState<readonly NamedPerson[]>(byHand);
  const form = useForm<GroupInput>({
    resolver: zodResolver(groupInput),
    defaultValues: {
      name: group?.name ?? "",
      description: group?.description ?? "",
      claimValue: group?.claimValue ?? "",
      role: group?.role === "MEMBER" ? null : (group?.role ?? null),
      userIds: [],
    },
  });
  const { errors, isDirty, isSubmitting } = form.formState;
  const [problem, setProblem] = useState<string | null>(null);
  const [saved, setSaved] = useState(false);
  const differs = isDirty || !samePeople(people, byHand);
  const claimed = group?.members.filter(({ source }) => source === "CLAIM") ?? [];

  async function save(input: GroupInput) {
    setProblem(null);
    try {
      await saveGroup(group?.id ?? null, { ...input, userIds: people.map(({ id }) => id) });
      toast.success(group ? "Group saved" : "Group added");
      await queryClient.invalidateQueries({ queryKey: accessKey });
      form.reset(form.getValues());
      setSaved(group === null);
      if (!group) router.push(list);
    } catch (error) {
      setProblem(showProblem(form, error, fields));
    }
  }

  return (
    <Form noValidate onSubmit={(event) => void form.handleSubmit(save)(event)}>
      <Card>
        <CardBody className="grid gap-5">
          {problem ? <Callout tone="danger" title={problem} announce /> : null}
          <Field label="Name" error={errors.name?.message} required>
            <Input
              {...form.register("name")}
              autoFocus={group === null}
              maxLength={80}
              placeholder="Sales"
            />
          </Field>
          <Field label="Description" optional error={errors.description?.message}>
            <Input {...form.register("description")} maxLength={500} />
          </Field>
          <FieldGroup label="Members" error={errors.userIds?.message}>
            <PeoplePicker label="Members" value={people} onChange={setPeople} />
          </FieldGroup>
          {claim === null ? null : (
            <>
              <Field
                label="Claim value"
                optional
                error={errors.claimValue?.message}
                hint={`At sign-in, people whose ${claim} claim has this value become members.`}
              >
                <Input {...form.register("claimValue")} maxLength={200} />
              </Field>
              <Controller
                control={form.control}
                name="role"
                render={({ field }) => (
                  <Field
                    label="Role from the claim"
                    error={errors.role?.message}
                    hint="Given at each sign-in."
                  >
                    <Select
                      options={roles}
                      value={field.value ?? keeps}
                      onValueChange={(next) => field.onChange(next === keeps ? null : next)}
                    />
                  </Field>
                )}
              />
            </>
          )}
          {claimed.length > 0 ? (
            <FieldGroup label="Members from the claim" hint="As of each person’s last sign-in.">
              <ul className="grid gap-1 text-sm">
                {claimed.map(({ id, name, email }) => (
                  <li key={id} className="[overflow-wrap:anywhere]">
                    {name} <span className="text-muted text-xs">{email}</span>
                  </li>
                ))}
              </ul>
            </FieldGroup>
          ) : null}
        </CardBody>
        <CardFooter>
          <Button asChild variant="ghost">
            <Link href={list}>Cancel</Link>
          </Button>
          <Button type="submit" variant="primary" loading={isSubmitting}>
            {group ? "Save group" : "Add group"}
          </Button>
        </CardFooter>
      </Card>
      <LeaveGuard active={differs && !saved} />
    </Form>
  );
}

function samePeople(some: readonly NamedPerson[], others: readonly NamedPerson[]): boolean {
  const ids = new Set(others.map(({ id }) => id));
  return some.length === ids.size && some.every(({ id }) => ids.has(id));
}
