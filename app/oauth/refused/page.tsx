import { forbidden } from "next/navigation";

/** A callback that was not this person's, or not this browser's: answered 403, in words (forbidden.tsx). */
export default function RefusedPage(): never {
  forbidden();
}
