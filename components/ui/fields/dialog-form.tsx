import { type ReactNode, useState } from "react";
import { type FieldValues, type Path, type UseFormReturn, useFormState } from "react-hook-form";
import { Callout } from "@/components/ui/callout";
import { showProblem } from "@/components/ui/fields/form-problems";

interface DialogFormProps<Values extends FieldValues> {
  /** The submit button is in the dialog's footer and refers to the form by this id. */
  id: string;
  form: UseFormReturn<Values>;
  /** Those on the page, from top to bottom: where a response's errors are shown. */
  fields: readonly Path<Values>[];
  /** If it throws, the form stays unchanged and says why. */
  save: (input: Values) => Promise<void>;
  /** For the dialog, which must not close while its form is being saved. */
  onPending: (pending: boolean) => void;
  children: ReactNode;
}

export function DialogForm<Values extends FieldValues>({
  id,
  form,
  fields,
  save,
  onPending,
  children,
}: DialogFormProps<Values>) {
  const { isSubmitting } = useFormState({ control: form.control });
  const [problem, setProblem] = useState<string | null>(null);

  async function submit(input: Values) {
    setProblem(null);
    onPending(true);
    try {
      await save(input);
    } catch (error) {
      setProblem(showProblem(form, error, fields));
    } finally {
      onPending(false);
    }
  }

  return (
    <form
      id={id}
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        if (!isSubmitting) void form.handleSubmit(submit)(event);
      }}
      className="grid gap-4"
    >
      {problem ? <Callout tone="danger" title={problem} announce /> : null}
      {children}
    </form>
  );
}
