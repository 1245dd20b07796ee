"use client";

import { useMutation, useQueryClient } from "@tanstack/react-query";
import { Ellipsis, Pencil, Trash2, Zap } from "lucide-react";
import { useState } from "react";
import { toast } from "sonner";
import { Badge } from "@/components/ui/badge";
import { Button, IconButton } from "@/components/ui/button";
import { Callout } from "@/components/ui/callout";
import { ConfirmDialog } from "@/components/ui/overlay/alert-dialog";
import { Dialog, DialogClose } from "@/components/ui/overlay/dialog";
import {
  DropdownMenu,
  DropdownMenuContent,
  DropdownMenuItem,
  DropdownMenuTrigger,
} from "@/components/ui/overlay/dropdown-menu";
import { useMenuDialogs } from "@/components/ui/overlay/use-menu-dialogs";
import { formatNumber } from "@/lib/contracts/format";
import type { OfferedModelView } from "@/lib/contracts/models";
import { ProblemError } from "@/lib/queries/fetch-json";
import {
  changeOfferedModel,
  modelsChanged,
  testProvider,
  withdrawModel,
} from "@/lib/queries/models";
import { AudienceField, LabelField } from "./model-fields";

type Choice = "edit" | "remove";

export function OfferedModelRow({ model }: { model: OfferedModelView }) {
  const queryClient = useQueryClient();
  const { item, dialog, onCloseAutoFocus } = useMenuDialogs<Choice>();
  const { id, name, label, audience, isDefault, problem } = model;
  const shown = label || name;
  const test = useMutation({
    mutationFn: () => {
      const at = name.indexOf("/");
      return testProvider(name.slice(0, at), name.slice(at + 1));
    },
    onSuccess: ({ ok, ms, message }) => {
      if (ok) toast.success(`${shown} answered in ${formatNumber(ms)} ms`);
      else toast.error(message);
      return modelsChanged(queryClient);
    },
    onError: (error) => toast.error(error.message),
  });

  async function withdraw() {
    await withdrawModel(id);
    toast.success(`${shown} is no longer offered`);
    await modelsChanged(queryClient);
  }

  return (
    <li className="flex items-start gap-3 px-4 py-3 text-sm">
      <div className="grid min-w-0 flex-1 gap-0.5 [overflow-wrap:anywhere]">
        <p className="flex flex-wrap items-center gap-x-2 gap-y-1">
          <bdi className="font-medium">{shown}</bdi>
          {isDefault ? <Badge tone="accent">Default</Badge> : null}
          {audience === "ADMINS" ? <Badge>Admins only</Badge> : null}
        </p>
        {label ? <p className="font-mono text-muted text-xs">{name}</p> : null}
        {problem ? <p className="text-danger-text text-xs">{problem}</p> : null}
      </div>
      <DropdownMenu>
        <DropdownMenuTrigger>
          <IconButton label={`Actions for ${shown}`} size="sm" loading={test.isPending}>
            <Ellipsis aria-hidden="true" />
          </IconButton>
        </DropdownMenuTrigger>
        <DropdownMenuContent onCloseAutoFocus={onCloseAutoFocus}>
          <DropdownMenuItem icon={<Pencil />} {...item("edit")}>
            Edit…
          </DropdownMenuItem>
          <DropdownMenuItem icon={<Zap />} onSelect={() => test.mutate()}>
            Test
          </DropdownMenuItem>
          <DropdownMenuItem icon={<Trash2 />} tone="danger" {...item("remove")}>
            Stop offering…
          </DropdownMenuItem>
        </DropdownMenuContent>
      </DropdownMenu>
      <EditModelDialog model={model} {...dialog("edit")} />
      <ConfirmDialog
        {...dialog("remove")}
        title={`Stop offering ${shown}?`}
        consequences={[
          isDefault
            ? "It is the default. Choose another one, or the built-in assistant answers."
            : "Where it is in use, the default model answers instead, with a note.",
        ]}
        confirmLabel="Stop offering"
        onConfirm={withdraw}
      />
    </li>
  );
}

function EditModelDialog({
  model,
  open,
  onOpenChange,
}: {
  model: OfferedModelView;
  open: boolean;
  onOpenChange: (open: boolean) => void;
}) {
  const queryClient = useQueryClient();
  const [label, setLabel] = useState(model.label);
  const [audience, setAudience] = useState(model.audience);
  const { mutate, isPending, error, reset } = useMutation({
    mutationFn: () => changeOfferedModel(model.id, { label: label.trim(), audience }),
    onSuccess: async () => {
      onOpenChange(false);
      await modelsChanged(queryClient);
    },
  });
  const fields = error instanceof ProblemError ? error.fields : {};

  function change(next: boolean) {
    if (isPending) return;
    reset();
    setLabel(model.label);
    setAudience(model.audience);
    onOpenChange(next);
  }

  return (
    <Dialog
      open={open}
      onOpenChange={change}
      title="Edit the model"
      description={<span className="font-mono [overflow-wrap:anywhere]">{model.name}</span>}
      footer={
        <>
          <DialogClose asChild>
            <Button disabled={isPending}>Cancel</Button>
          </DialogClose>
          <Button variant="primary" loading={isPending} onClick={() => mutate()}>
            Save
          </Button>
        </>
      }
    >
      <div className="grid gap-4">
        {error && Object.keys(fields).length === 0 ? (
          <Callout tone="danger" title={error.message} announce />
        ) : null}
        <LabelField value={label} onChange={setLabel} error={fields.label} />
        <AudienceField value={audience} onChange={setAudience} error={fields.audience} />
      </div>
    </Dialog>
  );
}
