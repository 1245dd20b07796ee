import type { Person } from "@/lib/contracts/people/person";

/** What a dialog about one person is given by whatever opens it. */
export type PersonDialogProps = {
  person: Person;
  open: boolean;
  onOpenChange: (open: boolean) => void;
};
