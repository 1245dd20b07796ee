import { useState } from "react";
import { ProblemError } from "@/lib/queries/fetch-json";

/**
 * The state of a dialog that requests a link on click, then shows it. During the request, the dialog stays open.
 * @param request gets the link
 */
export function useRequestedLink<Link>(
  request: () => Promise<Link>,
  onOpenChange: (open: boolean) => void,
) {
  const [link, setLink] = useState<Link | null>(null);
  const [pending, setPending] = useState(false);
  const [problem, setProblem] = useState<string | null>(null);

  function change(next: boolean) {
    if (pending) return;
    onOpenChange(next);
    setProblem(null);
    // After it has faded out: the first step must not flash up behind the link.
    if (!next) setTimeout(() => setLink(null), 200);
  }

  async function create() {
    setPending(true);
    setProblem(null);
    try {
      setLink(await request());
    } catch (error) {
      setProblem(
        error instanceof ProblemError ? error.message : "Something went wrong. Try again.",
      );
    } finally {
      setPending(false);
    }
  }

  return { link, pending, problem, change, create };
}
