import { Button } from "@/components/ui/button";
import type { InputAction } from "@/lib/contracts/elicitation/elicitation";

/** "Decline" refuses; "Cancel" leaves the question undecided. */
export function DeclineAndCancel({
  ready,
  action,
  onAnswer,
}: {
  ready: boolean;
  /** The action that is being sent. */
  action: InputAction | null;
  onAnswer: (action: "decline" | "cancel") => void;
}) {
  return (
    <>
      {(["decline", "cancel"] as const).map((each) => (
        <Button
          key={each}
          variant={each === "decline" ? "secondary" : "ghost"}
          disabled={!ready || (action !== null && action !== each)}
          loading={action === each}
          onClick={() => onAnswer(each)}
        >
          {each === "decline" ? "Decline" : "Cancel"}
        </Button>
      ))}
    </>
  );
}

export function AnswerProblem({ problem }: { problem: string | null | undefined }) {
  return problem ? (
    <p role="alert" className="text-danger-text text-xs">
      {problem}
    </p>
  ) : null;
}
