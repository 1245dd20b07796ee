"use client";

import { AlertDialog as RadixAlertDialog } from "radix-ui";
import { type ReactNode, useState } from "react";
import { Button } from "@/components/ui/button";
import { Callout } from "@/components/ui/callout";
import { cn } from "@/components/ui/class-names";
import { Field } from "@/components/ui/fields/field";
import { Input } from "@/components/ui/fields/input";
import { dialogStyles, scrimStyles } from "./dialog";
import { useDialogFocus } from "./dialog-focus";

export type ConfirmDialogProps = {
  open?: boolean | undefined;
  onOpenChange?: ((open: boolean) => void) | undefined;
  trigger?: ReactNode;
  /** A question that names the thing: "Delete Wiki?" */
  title: string;
  description?: ReactNode;
  /** What will happen, one line each, as facts. */
  consequences?: readonly ReactNode[] | undefined;
  /** The verb: "Delete server", never "OK". */
  confirmLabel: string;
  cancelLabel?: string | undefined;
  tone?: "danger" | "primary" | undefined;
  /** Choices, below the consequences. */
  children?: ReactNode;
  /** The person must type this before the button works. */
  typeToConfirm?: string | undefined;
  /** Its effect is still being loaded: nothing can be confirmed, and no click hits a button that moves. */
  reading?: boolean | undefined;
  /** Runs on confirmation. It closes when the promise resolves; a rejection's message is shown in it. */
  onConfirm: () => void | Promise<void>;
};

function useConfirmation({ open, onOpenChange, onConfirm }: ConfirmDialogProps) {
  const [ownOpen, setOwnOpen] = useState(false);
  const [typed, setTyped] = useState("");
  const [pending, setPending] = useState(false);
  const [error, setError] = useState<string | null>(null);

  function change(next: boolean) {
    if (pending) return;
    setTyped("");
    setError(null);
    setOwnOpen(next);
    onOpenChange?.(next);
  }

  async function confirm() {
    setPending(true);
    setError(null);
    try {
      await onConfirm();
      setOwnOpen(false);
      onOpenChange?.(false);
      setTyped("");
    } catch (cause) {
      setError(cause instanceof Error ? cause.message : "Something went wrong. Try again.");
    } finally {
      setPending(false);
    }
  }

  return { open: open ?? ownOpen, typed, setTyped, pending, error, change, confirm };
}

export function ConfirmDialog(props: ConfirmDialogProps) {
  const { trigger, title, description, consequences, typeToConfirm, tone = "danger" } = props;
  const { open, typed, setTyped, pending, error, change, confirm } = useConfirmation(props);
  const focus = useDialogFocus(Boolean(trigger));
  const isTyped = typeToConfirm === undefined || typed.trim() === typeToConfirm;
  const ready = isTyped && !props.reading;

  return (
    <RadixAlertDialog.Root open={open} onOpenChange={change}>
      {trigger ? <RadixAlertDialog.Trigger asChild>{trigger}</RadixAlertDialog.Trigger> : null}
      <RadixAlertDialog.Portal>
        <RadixAlertDialog.Overlay className={scrimStyles} />
        <RadixAlertDialog.Content
          {...focus}
          className={cn(dialogStyles, "sm:max-w-md")}
          {...(description ? {} : { "aria-describedby": undefined })}
        >
          <form
            onSubmit={(event) => {
              event.preventDefault();
              // A React portal's events bubble to the form this dialog may stand in.
              event.stopPropagation();
              if (ready && !pending) void confirm();
            }}
            className="contents"
          >
            <div className="grid min-h-0 gap-3 overflow-y-auto px-5 pt-5 pb-4 text-sm">
              <RadixAlertDialog.Title className="font-semibold text-lg tracking-tight [overflow-wrap:anywhere]">
                {title}
              </RadixAlertDialog.Title>
              {description ? (
                <RadixAlertDialog.Description asChild>
                  <div className="text-muted">{description}</div>
                </RadixAlertDialog.Description>
              ) : null}
              {consequences?.length ? (
                <ul className="grid list-disc gap-1 rounded-lg border border-border bg-sunken py-2.5 pr-3 pl-7 marker:text-faint">
                  {consequences.map((line, index) => (
                    // biome-ignore lint/suspicious/noArrayIndexKey: the lines are fixed while it is open
                    <li key={index}>{line}</li>
                  ))}
                </ul>
              ) : null}
              {props.children}
              {typeToConfirm === undefined ? null : (
                <Field
                  label={
                    <span className="font-normal [overflow-wrap:anywhere]">
                      Type <strong className="font-semibold">{typeToConfirm}</strong> to confirm
                    </span>
                  }
                >
                  <Input value={typed} onChange={(event) => setTyped(event.target.value)} />
                </Field>
              )}
              {error ? <Callout tone="danger" title={error} announce /> : null}
            </div>
            <div className="flex flex-wrap justify-end gap-2 border-border border-t px-5 py-3">
              <RadixAlertDialog.Cancel asChild>
                <Button disabled={pending}>{props.cancelLabel ?? "Cancel"}</Button>
              </RadixAlertDialog.Cancel>
              <Button type="submit" variant={tone} loading={pending} disabled={!ready}>
                {props.confirmLabel}
              </Button>
            </div>
          </form>
        </RadixAlertDialog.Content>
      </RadixAlertDialog.Portal>
    </RadixAlertDialog.Root>
  );
}
